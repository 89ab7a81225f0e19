"""Where the packets of a node come from."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drover.rules.node_addresses import addresses
from drover.rules.nodes import pruned


def node(*told: str, cidrs: tuple[str, ...] = (), **annotations: str) -> dict[str, Any]:
    """A Node with internal addresses, pod CIDRs and Calico's annotations."""
    return {
        "metadata": {
            "name": "n",
            "uid": "u",
            "resourceVersion": "1",
            "annotations": {f"projectcalico.org/{name}": value for name, value in annotations.items()},
        },
        "spec": {"podCIDR": cidrs[0], "podCIDRs": list(cidrs)} if cidrs else {},
        "status": {"addresses": [{"type": "InternalIP", "address": text} for text in told]},
    }


def test_every_address_of_both_families_is_a_network_of_one() -> None:
    assert addresses(node("10.0.0.7", "2001:db8::7")) == ["10.0.0.7/32", "2001:db8::7/128"]


def test_internal_and_external_addresses_count_and_names_do_not() -> None:
    found = node("10.0.0.7")
    found["status"]["addresses"] += [
        {"type": "ExternalIP", "address": "203.0.113.7"},
        {"type": "Hostname", "address": "10.9.9.9"},
        {"type": "InternalDNS", "address": "node.example"},
    ]
    assert addresses(found) == ["10.0.0.7/32", "203.0.113.7/32"]


def test_the_first_two_addresses_of_a_pod_cidr_are_the_nodes() -> None:
    assert addresses(node(cidrs=("10.42.3.0/24", "fd00:42:3::/64"))) == [
        "10.42.3.0/32",
        "10.42.3.1/32",
        "fd00:42:3::/128",
        "fd00:42:3::1/128",
    ]
    assert addresses(node(cidrs=("10.42.3.7/32",))) == ["10.42.3.7/32"]


def test_a_node_with_one_pod_cidr_in_the_old_field_only_has_its_addresses() -> None:
    found = node(cidrs=("10.42.3.0/24",))
    del found["spec"]["podCIDRs"]
    assert addresses(found) == ["10.42.3.0/32", "10.42.3.1/32"]


def test_the_tunnels_of_calico_count() -> None:
    found = node(
        "10.0.0.7",
        IPv4Address="10.0.1.7/24",
        IPv4IPIPTunnelAddr="10.42.3.64",
        IPv4VXLANTunnelAddr="10.42.3.65",
        IPv6VXLANTunnelAddr="fd00:42::65",
        IPv4WireguardInterfaceAddr="10.42.3.66",
    )
    assert addresses(found) == [
        "10.0.0.7/32",
        "10.0.1.7/32",
        "10.42.3.64/32",
        "10.42.3.65/32",
        "10.42.3.66/32",
        "fd00:42::65/128",
    ]


def test_with_calicos_own_blocks_the_first_of_the_pod_cidr_may_be_any_pods() -> None:
    found = node("10.0.0.7", cidrs=("10.42.3.0/24",), IPv4IPIPTunnelAddr="10.42.9.64")
    assert addresses(found) == ["10.0.0.7/32", "10.42.9.64/32"]
    found["metadata"]["annotations"]["flannel.alpha.coreos.com/backend-type"] = "vxlan"
    assert addresses(found) == ["10.0.0.7/32", "10.42.3.0/32", "10.42.3.1/32", "10.42.9.64/32"]


NO_USE = ("", "node-1", "10.0.0", "010.0.0.1", "10.0.0.1/33", "0.0.0.0", "::", "127.0.0.1", "::1", "169.254.1.1")
NOR_THESE = ("fe80::1", "fe80::1%eth0", "224.0.0.1", "ff02::1")


@pytest.mark.parametrize("text", [*NO_USE, *NOR_THESE])
def test_what_is_no_address_of_one_machine_is_left_out(text: str) -> None:
    assert addresses(node(text)) == []


def test_an_address_of_the_other_family_in_disguise_is_written_as_it_is() -> None:
    assert addresses(node("::ffff:10.0.0.7")) == ["10.0.0.7/32"]


def test_a_pod_cidr_that_is_none_and_a_node_without_anything_are_no_errors() -> None:
    assert addresses(node(cidrs=("pods", ""))) == []
    assert addresses({"metadata": {}}) == []


def test_they_are_kept_of_a_node() -> None:
    assert pruned(node("10.0.0.7"))["addresses"] == ["10.0.0.7/32"]


@given(st.lists(st.ip_addresses().map(str) | st.text(max_size=20), max_size=8))
def test_whatever_a_node_says_the_result_is_networks_of_one_address(told: list[str]) -> None:
    found = addresses(node(*told))
    assert found == sorted(set(found))
    for text in found:
        network = ipaddress.ip_network(text)
        assert network.num_addresses == 1
        assert str(network) == text
