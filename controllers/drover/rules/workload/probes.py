"""Probes and lifecycle handlers, which a Workload holds flat, with the action's fields beside the timings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drover.rules.workload.shape import InvalidWorkload, flag, given, int_or_string, mapping, texts

_TIMINGS: Final = (
    "initialDelaySeconds",
    "periodSeconds",
    "timeoutSeconds",
    "successThreshold",
    "failureThreshold",
    "terminationGracePeriodSeconds",
)
_HTTP: Final = ("path", "scheme", "httpHeaders")


def probe(value: Any, path: str) -> dict[str, Any] | None:
    """The native Probe, or None if none is set. Raises InvalidWorkload unless it has exactly one action."""
    view = mapping(value, path)
    if not view:
        return None
    action = _action(view, path)
    if grpc := mapping(view.get("grpc"), f"{path}.grpc"):
        action["grpc"] = grpc
    _exactly_one(action, path, 'one of "command", "port" (with "tcp: true" for TCP) and "grpc"')
    return action | given(view, _TIMINGS)


def handler(value: Any, path: str) -> dict[str, Any] | None:
    """The native LifecycleHandler, or None if none is set. Raises InvalidWorkload unless it has exactly one action."""
    view = mapping(value, path)
    if not view:
        return None
    action = _action(view, path)
    if sleep := mapping(view.get("sleep"), f"{path}.sleep"):
        action["sleep"] = sleep
    _exactly_one(action, path, 'one of "command", "port" (with "tcp: true" for TCP) and "sleep"')
    return action


def _action(view: Mapping[str, Any], path: str) -> dict[str, Any]:
    action: dict[str, Any] = {}
    if command := texts(view.get("command"), f"{path}.command"):
        action["exec"] = {"command": command}
    port = view.get("port")
    if port is None or port in (0, ""):
        _only_with_port(view, path)
        return action
    target = {"port": int_or_string(port, f"{path}.port")} | given(view, ("host",))
    if flag(view.get("tcp"), f"{path}.tcp"):
        action["tcpSocket"] = target
    else:
        action["httpGet"] = target | given(view, _HTTP)
    return action


def _only_with_port(view: Mapping[str, Any], path: str) -> None:
    if flag(view.get("tcp"), f"{path}.tcp") or view.get("path"):
        raise InvalidWorkload(f"{path}.port", "is missing; give the number or the name of the port to connect to")


def _exactly_one(action: Mapping[str, Any], path: str, options: str) -> None:
    if len(action) != 1:
        raise InvalidWorkload(path, f"set {options}{', and no more than one of them' if action else ''}")
