"""CEL that compares two sets of limits. Every key is written out: the apiserver cannot bound the cost of a loop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

RESOURCES: Final = {
    "pods": "pods",
    "services": "services",
    "replicationControllers": "replicationcontrollers",
    "secrets": "secrets",
    "configMaps": "configmaps",
    "persistentVolumeClaims": "persistentvolumeclaims",
    "servicesNodePorts": "services.nodeports",
    "servicesLoadBalancers": "services.loadbalancers",
    "requestsCpu": "requests.cpu",
    "requestsMemory": "requests.memory",
    "requestsStorage": "requests.storage",
    "limitsCpu": "limits.cpu",
    "limitsMemory": "limits.memory",
}
"""The keys of a quota that are fields, in their order, each with its key in a ResourceQuota's `hard`."""


def above(pairs: Iterable[tuple[str, str]]) -> str:
    """Whether, of some pair of quantities, both are there and the first is more than the second."""
    return " || ".join(f"({_above(first, second)})" for first, second in pairs)


def named_above(pairs: Iterable[tuple[str, str]]) -> str:
    """A text that names those pairs: `pods 5 > 3; `."""
    return " + ".join(
        f"({_above(first, second)} ? '{first.rpartition('.')[2]} ' + {first} + ' > ' + {second} + '; ' : '')"
        for first, second in pairs
    )


def by_key(first: str, second: str) -> list[tuple[str, str]]:
    """The pairs of two sets of limits: `self.a.pods` and `self.b.pods`, and so on."""
    return [(f"{first}.{key}", f"{second}.{key}") for key in RESOURCES]


def extended_above(first: str, second: str) -> str:
    """The same as `above`, for the keys of `extended`."""
    a, b = f"{first}.extended", f"{second}.extended"
    return (
        f"(has({a}) && has({b}) && {a}.exists(k, k in {b} && isQuantity({a}[k]) && isQuantity({b}[k])"
        f" && quantity({a}[k]).isGreaterThan(quantity({b}[k]))))"
    )


def same_keys(first: str, second: str) -> str:
    """Whether two sets of limits have the same keys."""
    return " && ".join(f"has({first}.{key}) == has({second}.{key})" for key in RESOURCES)


def named_alone(first: str, second: str) -> str:
    """A text that names the keys which only one of the two has: `pods secrets `."""
    fixed = (f"(has({first}.{key}) == has({second}.{key}) ? '' : '{key} ')" for key in RESOURCES)
    return " + ".join([*fixed, f"({same_extended_keys(first, second)} ? '' : 'extended')"])


def same_extended_keys(first: str, second: str) -> str:
    """Whether two sets of limits have the same keys in `extended`."""
    a, b = f"{first}.extended", f"{second}.extended"
    return f"(!has({a}) || {a}.all(k, has({b}) && k in {b})) && (!has({b}) || {b}.all(k, has({a}) && k in {a}))"


def _above(first: str, second: str) -> str:
    return (
        f"has({first}) && has({second}) && isQuantity({first}) && isQuantity({second})"
        f" && quantity({first}).isGreaterThan(quantity({second}))"
    )
