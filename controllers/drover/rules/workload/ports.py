"""Container ports: the native ones, and the annotation that keeps what Kubernetes has no field for.

`field.cattle.io/ports` on the pod template holds JSON: a list of containers (regular ones first, then init
containers), each a list of ports with `kind`, `sourcePort` and `dnsName`. Services are made from it elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from drover.rules.workload.shape import InvalidWorkload, choice, integer, mapping, sequence, text

ANNOTATION: Final = "field.cattle.io/ports"

_KINDS: Final = ("HostPort", "NodePort", "ClusterIP", "LoadBalancer")
_PROTOCOLS: Final = ("TCP", "UDP", "SCTP")
_KIND_DIGIT: Final = {"NodePort": 1, "ClusterIP": 2, "LoadBalancer": 3}
"""The last digit of a generated port name; 0 for a HostPort and for a port without a kind."""


def ports(value: Any, path: str, *, workload: str) -> list[dict[str, Any]]:
    """A container's ports with every derived value filled in: port name, DNS name, and the host port of a HostPort."""
    return [
        _port(mapping(item, f"{path}[{i}]"), f"{path}[{i}]", workload) for i, item in enumerate(sequence(value, path))
    ]


def native(port: Mapping[str, Any]) -> dict[str, Any]:
    """The ContainerPort of a port from `ports`."""
    result = {"name": port["name"], "containerPort": port["containerPort"]}
    if "protocol" in port:
        result["protocol"] = port["protocol"]
    if "hostPort" in port:
        result["hostPort"] = port["hostPort"]
    if "hostIp" in port:
        result["hostIP"] = port["hostIp"]
    return result


def annotation(containers: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    """The value of the annotation for the ports of all containers."""
    return json.dumps(containers, sort_keys=True, separators=(",", ":"))


def _port(view: Mapping[str, Any], path: str, workload: str) -> dict[str, Any]:
    number = integer(view.get("containerPort"), f"{path}.containerPort", least=1, most=65535)
    if number is None:
        raise InvalidWorkload(
            f"{path}.containerPort", "is missing; give the number of the port that the container listens on"
        )
    kind = choice(view.get("kind"), f"{path}.kind", _KINDS)
    protocol = choice(view.get("protocol"), f"{path}.protocol", _PROTOCOLS)
    source = integer(view.get("sourcePort"), f"{path}.sourcePort", least=0, most=65535) or 0
    host = integer(view.get("hostPort"), f"{path}.hostPort", least=0, most=65535) or 0
    if host and kind is None:
        kind = "HostPort"
    if kind == "HostPort":
        host = source = source or host
        if not host:
            raise InvalidWorkload(f"{path}.sourcePort", "is missing; a HostPort needs the port to open on the node")
    port: dict[str, Any] = {"name": _name(view, path, number, protocol, source, kind), "containerPort": number}
    fields = {"protocol": protocol, "kind": kind, "sourcePort": source, "hostPort": host}
    port.update((field, value) for field, value in fields.items() if value)
    if host_ip := text(view.get("hostIp"), f"{path}.hostIp"):
        port["hostIp"] = host_ip
    if dns_name := _dns_name(view, path, kind, workload):
        port["dnsName"] = dns_name
    return port


def _name(view: Mapping[str, Any], path: str, number: int, protocol: str | None, source: int, kind: str | None) -> str:
    """`<containerPort><protocol><sourcePort><kind digit>`: 80tcp300801. No separator: a name has at most 15 characters.

    A name that begins like a generated one is generated again, because the port's kind may have changed.
    """
    own = text(view.get("name"), f"{path}.name")
    generated = f"{number}{(protocol or 'TCP').lower()}"
    if own and not own.startswith(generated):
        return own
    return f"{generated}{source}{_KIND_DIGIT.get(kind or '', 0)}"


def _dns_name(view: Mapping[str, Any], path: str, kind: str | None, workload: str) -> str:
    own = text(view.get("dnsName"), f"{path}.dnsName")
    if own and own != workload and not own.startswith(f"{workload}-"):
        return own
    if kind is None:
        return ""
    return workload if kind == "ClusterIP" else f"{workload}-{kind.lower()}"
