"""Which addresses the packets of a node come from: those of the machine, and those that it has in the pod network."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Final

_TYPES: Final = ("InternalIP", "ExternalIP")
_FLANNEL: Final = "flannel.alpha.coreos.com/"
_CALICO: Final = tuple(
    f"projectcalico.org/{name}"
    for name in (
        "IPv4Address",
        "IPv6Address",
        "IPv4IPIPTunnelAddr",
        "IPv4VXLANTunnelAddr",
        "IPv6VXLANTunnelAddr",
        "IPv4WireguardInterfaceAddr",
        "IPv6WireguardInterfaceAddr",
    )
)
"""Annotations on a Node: the addresses that Calico uses of it, some with the length of a prefix."""


def addresses(node: Mapping[str, Any]) -> list[str]:
    """The addresses of a node, each as a network of one (`10.0.0.7/32`, `fd00::7/128`), sorted.

    They are `status.addresses` of the types InternalIP and ExternalIP, Calico's annotations, and of each pod CIDR the
    first address (flannel's interface between nodes has it) and the second (the bridge of the pods). What cannot be
    the source of a packet from another machine is left out, and so is what is no address.
    """
    annotations = node["metadata"].get("annotations") or {}
    told = [entry.get("address", "") for entry in (node.get("status") or {}).get("addresses") or [] if _used(entry)]
    calico = [annotations[name] for name in _CALICO if annotations.get(name)]
    found = {text for given in (*told, *calico) if (text := _network(str(given)))}
    # Calico gives out addresses in blocks of its own: the first of a pod CIDR may be any pod's. With Canal, flannel
    # stands beside it, and pods have their addresses from the pod CIDR of their node.
    if not calico or any(name.startswith(_FLANNEL) for name in annotations):
        spec = node.get("spec") or {}
        for cidr in spec.get("podCIDRs") or [spec.get("podCIDR") or ""]:
            found |= {text for given in _first(str(cidr)) if (text := _network(given))}
    return sorted(found)


def _used(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("type") in _TYPES


def _first(cidr: str) -> Iterator[str]:
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return
    for number in range(min(2, network.num_addresses)):
        yield str(network[number])


def _network(text: str) -> str:
    """An address, perhaps with the length of a prefix, as a network of one; empty where it is of no use."""
    try:
        address = ipaddress.ip_interface(text).ip
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback or address.is_unspecified or address.is_multicast or address.is_link_local:
        return ""
    return f"{address}/{address.max_prefixlen}"
