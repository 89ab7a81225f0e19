"""The policy of a namespace lets in its project, the System project and nodes, and nobody else."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drover.api.keys import NETWORK_ISOLATION, PROJECT_ID
from drover.rules import isolation
from drover.rules.node_addresses import addresses
from drover.rules.ownership import Owner

OWNER = Owner("Project.management.cattle.io", "edge", "shop", "uid-1")
NODES = ("10.0.0.1/32", "fd00::1/128")


def test_one_policy_has_every_peer_and_restricts_ingress_only() -> None:
    assert isolation.spec(("shop", "p-system"), NODES) == {
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [
                    {"podSelector": {}},
                    {"namespaceSelector": {"matchLabels": {PROJECT_ID: "p-system"}}},
                    {"namespaceSelector": {"matchLabels": {PROJECT_ID: "shop"}}},
                    {"ipBlock": {"cidr": "10.0.0.1/32"}},
                    {"ipBlock": {"cidr": "fd00::1/128"}},
                ]
            }
        ],
    }


def test_the_policy_has_upstreams_name_and_says_whose_it_is() -> None:
    made = isolation.manifest("web", OWNER, isolation.spec(("shop",), NODES))
    assert (made["metadata"]["name"], made["metadata"]["namespace"]) == ("np-default", "web")
    assert made["metadata"]["labels"]["drover.dev/owner-uid"] == "uid-1"


@pytest.mark.parametrize(("projects", "nodes"), [((), NODES), (("shop",), ()), (("",), NODES), (("shop",), ("",))])
def test_there_is_no_policy_without_a_project_or_a_node(projects: tuple[str, ...], nodes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="at least"):
        isolation.spec(projects, nodes)


def test_the_order_in_which_nodes_and_projects_are_named_changes_nothing() -> None:
    assert isolation.spec(("b", "a", "b"), NODES) == isolation.spec(("a", "b"), (*reversed(NODES), NODES[0]))


def test_a_stamp_follows_what_decides_over_ingress_and_nothing_else() -> None:
    content = isolation.spec(("shop",), NODES)
    assert isolation.stamp({**content, "egress": []}) == isolation.stamp(content)
    for name, value in {"podSelector": {"matchLabels": {"a": "b"}}, "policyTypes": ["Egress"], "ingress": []}.items():
        assert isolation.stamp({**content, name: value}) != isolation.stamp(content)


@pytest.mark.parametrize(("value", "opted_out"), [("false", True), ("true", False), ("", False), ("False", False)])
def test_only_false_opts_out(value: str, opted_out: bool) -> None:
    assert isolation.exempt({"metadata": {"annotations": {NETWORK_ISOLATION: value}}}) is opted_out
    assert not isolation.exempt({"metadata": {}})


# --- What policies let in, as Kubernetes defines it -------------------------------------------------------------------
Policy = Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """Where a packet comes from. Without a namespace it is no pod."""

    address: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def lets_in(policies: Iterable[Policy], namespace: str, source: Source) -> bool:
    """Whether the pods of a namespace can be reached: policies add up, and without any everybody comes in."""
    here = [policy["spec"] for policy in policies if policy["metadata"]["namespace"] == namespace]
    isolating = [spec for spec in here if "Ingress" in spec["policyTypes"]]
    rules = [rule for spec in isolating for rule in spec.get("ingress") or []]
    return not isolating or any(_rule(rule, namespace, source) for rule in rules)


def _rule(rule: Mapping[str, Any], namespace: str, source: Source) -> bool:
    peers = rule.get("from") or []
    return not peers or any(_peer(peer, namespace, source) for peer in peers)


def _peer(peer: Mapping[str, Any], namespace: str, source: Source) -> bool:
    if "ipBlock" in peer:
        return ipaddress.ip_address(source.address) in ipaddress.ip_network(peer["ipBlock"]["cidr"])
    if not source.namespace:
        return False
    if "namespaceSelector" in peer:
        wanted = peer["namespaceSelector"].get("matchLabels") or {}
        return all(source.labels.get(key) == value for key, value in wanted.items())
    return source.namespace == namespace


# --- Models of clusters ---------------------------------------------------------------------------------------------
PROJECTS = ("shop", "bank", "p-system")


@dataclass(frozen=True)
class Space:
    """A namespace: `project` is empty where it is in none."""

    name: str
    project: str
    opted_out: bool

    @property
    def isolated(self) -> bool:
        return self.project in ("shop", "bank") and not self.opted_out

    @property
    def pod(self) -> Source:
        labels = {PROJECT_ID: self.project} if self.project else {}
        return Source(f"10.200.0.{ord(self.name) - ord('a')}", self.name, labels)


spaces = st.lists(st.tuples(st.sampled_from(("", *PROJECTS)), st.booleans()), min_size=1, max_size=6).map(
    lambda found: [Space(chr(ord("a") + number), *each) for number, each in enumerate(found)]
)
ips = st.ip_addresses(network="192.168.0.0/16") | st.ip_addresses(network="fd00:1::/64")
pod_networks = st.integers(0, 250).map(lambda number: f"10.42.{number}.0/24")


@st.composite
def node(draw: st.DrawFn) -> dict[str, Any]:
    """A Node with an address at least."""
    told = draw(st.lists(ips, min_size=1, max_size=3))
    tunnel = draw(st.none() | st.ip_addresses(network="10.43.0.0/16"))
    return {
        "metadata": {"annotations": {"projectcalico.org/IPv4IPIPTunnelAddr": str(tunnel)} if tunnel else {}},
        "spec": {"podCIDRs": draw(st.lists(pod_networks, max_size=1))},
        "status": {"addresses": [{"type": "InternalIP", "address": str(each)} for each in told]},
    }


def policies(found: list[Space], nodes: list[dict[str, Any]]) -> list[Policy]:
    told = [address for each in nodes for address in addresses(each)]
    return [
        isolation.manifest(each.name, OWNER, isolation.spec((each.project, "p-system"), told))
        for each in found
        if each.isolated
    ]


@given(spaces, st.lists(node(), min_size=1, max_size=4))
def test_no_rule_is_without_peers_and_no_peer_is_without_a_selector_or_block(
    found: list[Space], nodes: list[dict[str, Any]]
) -> None:
    for policy in policies(found, nodes):
        assert policy["spec"]["policyTypes"] == ["Ingress"]
        for rule in policy["spec"]["ingress"]:
            assert rule["from"]
            for peer in rule["from"]:
                (kind,) = peer
                assert kind in ("podSelector", "namespaceSelector", "ipBlock")
                assert kind == "podSelector" or any(peer[kind].values())


@given(spaces, st.lists(node(), min_size=1, max_size=4))
def test_pods_reach_their_own_project_and_what_is_not_isolated_and_the_system_project_reaches_all(
    found: list[Space], nodes: list[dict[str, Any]]
) -> None:
    made = policies(found, nodes)
    for target in found:
        for source in found:
            fits = source.project in (target.project, "p-system") or source == target
            assert lets_in(made, target.name, source.pod) is (fits or not target.isolated), (target, source)


@given(spaces, st.lists(node(), min_size=1, max_size=4))
def test_every_node_reaches_every_pod_and_the_outside_reaches_what_is_not_isolated(
    found: list[Space], nodes: list[dict[str, Any]]
) -> None:
    made = policies(found, nodes)
    for target in found:
        for each in nodes:
            for entry in each["status"]["addresses"]:
                assert lets_in(made, target.name, Source(entry["address"]))
        assert lets_in(made, target.name, Source("203.0.113.9")) is not target.isolated


@given(spaces, st.lists(node(), min_size=1, max_size=2))
def test_a_pod_that_has_the_label_of_no_project_reaches_nothing_that_is_isolated(
    found: list[Space], nodes: list[dict[str, Any]]
) -> None:
    made = policies(found, nodes)
    for target in found:
        for labels in ({}, {PROJECT_ID: ""}, {PROJECT_ID: "other"}):
            assert lets_in(made, target.name, Source("10.200.9.9", "elsewhere", labels)) is not target.isolated
