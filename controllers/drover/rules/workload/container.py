"""A container of a Workload as a native container. `entrypoint` and `command` are Kubernetes' `command` and `args`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from drover.rules.workload import ports
from drover.rules.workload.probes import handler, probe
from drover.rules.workload.shape import InvalidWorkload, given, mapping, sequence, text, texts

_SAME: Final = (
    "workingDir",
    "envFrom",
    "env",
    "resources",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
    "volumeDevices",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "imagePullPolicy",
    "stdin",
    "stdinOnce",
    "tty",
)
_SECURITY_SAME: Final = (
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsNonRoot",
    "runAsGroup",
    "seccompProfile",
    "appArmorProfile",
    "windowsOptions",
)
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS: Final = ("postStart", "preStop")
_LEGACY: Final = {"environment": "env", "environmentFrom": "envFrom"}


def container(
    view: Mapping[str, Any], path: str, *, container_ports: Sequence[Mapping[str, Any]], volumes: frozenset[str]
) -> dict[str, Any]:
    """The native container.

    `container_ports` are those of `ports.ports`; `volumes` the names that a mount may have. Raises InvalidWorkload for
    a container without a name or image, the fields that `env` and `envFrom` replaced, and mounts that cannot work.
    """
    _require_current_fields(view, path)
    native: dict[str, Any] = {
        "name": _needed(view, "name", path, "give each container a name of its own"),
        "image": _needed(view, "image", path, 'give an image, as in "registry.example.com/app:1.2"'),
    }
    for field, kubernetes_field in (("entrypoint", "command"), ("command", "args")):
        if words := texts(view.get(field), f"{path}.{field}"):
            native[kubernetes_field] = words
    native.update(given(view, _SAME))
    if container_ports:
        native["ports"] = [ports.native(port) for port in container_ports]
    if mounts := sequence(view.get("volumeMounts"), f"{path}.volumeMounts"):
        native["volumeMounts"] = [_mount(mount, f"{path}.volumeMounts[{i}]", volumes) for i, mount in enumerate(mounts)]
    for field in _PROBES:
        if (check := probe(view.get(field), f"{path}.{field}")) is not None:
            native[field] = check
    if lifecycle := _lifecycle(view, path):
        native["lifecycle"] = lifecycle
    if security := _security_context(view, path):
        native["securityContext"] = security
    return native


def _require_current_fields(view: Mapping[str, Any], path: str) -> None:
    for legacy, current in _LEGACY.items():
        if view.get(legacy):
            raise InvalidWorkload(f"{path}.{legacy}", f"is no longer supported; use {path}.{current} instead")


def _needed(view: Mapping[str, Any], field: str, path: str, remedy: str) -> str:
    value = text(view.get(field), f"{path}.{field}")
    if not value:
        raise InvalidWorkload(f"{path}.{field}", f"is missing; {remedy}")
    return value


def _mount(value: Any, path: str, volumes: frozenset[str]) -> Mapping[str, Any]:
    mount = mapping(value, path)
    name = _needed(mount, "name", path, "name one of spec.volumes")
    _needed(mount, "mountPath", path, "give the directory or file in the container")
    if name not in volumes:
        raise InvalidWorkload(
            f"{path}.name", f'no volume is called "{name}"; add it to spec.volumes or correct the name'
        )
    sub_path = text(mount.get("subPath"), f"{path}.subPath")
    if sub_path.startswith("/"):
        raise InvalidWorkload(f"{path}.subPath", f'"{sub_path}" must be relative to the volume; remove the leading /')
    if ".." in sub_path.split("/"):
        raise InvalidWorkload(f"{path}.subPath", f'"{sub_path}" must not contain ".."; name the path inside the volume')
    return mount


def _lifecycle(view: Mapping[str, Any], path: str) -> dict[str, Any]:
    lifecycle: dict[str, Any] = {}
    for field in _HANDLERS:
        if (action := handler(view.get(field), f"{path}.{field}")) is not None:
            lifecycle[field] = action
    return lifecycle | given(view, ("stopSignal",))


def _security_context(view: Mapping[str, Any], path: str) -> dict[str, Any]:
    security = given(view, _SECURITY_SAME)
    capabilities = {
        native: [_capability(item) for item in names]
        for native, field in (("add", "capAdd"), ("drop", "capDrop"))
        if (names := texts(view.get(field), f"{path}.{field}"))
    }
    if capabilities:
        security["capabilities"] = capabilities
    if view.get("readOnly") is not None:
        security["readOnlyRootFilesystem"] = view["readOnly"]
    if view.get("uid") is not None:
        security["runAsUser"] = view["uid"]
    return security


def _capability(name: str) -> str:
    """Container runtimes know `all` only in capitals."""
    return "ALL" if name.lower() == "all" else name
