"""Policy rules that must be refused, as changes to a good one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.unit.api.tables.bad import Bad

RULE: dict[str, Any] = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
URLS: dict[str, Any] = {"nonResourceURLs": ["/healthz"], "verbs": ["get"]}


def bad_rules(
    spec: Callable[[list[Any]], Mapping[str, Any]], path: str, *, namespaced: bool = False
) -> tuple[Bad, ...]:
    """The bad rules in one place: `spec` puts a list of rules there, and `path` is where that is."""
    found = [
        Bad(f"{path}: no verbs", spec([RULE, without("verbs")]), f"{path}[1].verbs"),
        Bad(f"{path}: an empty list of verbs", spec([RULE | {"verbs": []}]), f"{path}[0].verbs", "list some"),
        Bad(f"{path}: a verb that is a number", spec([RULE | {"verbs": [1]}]), f"{path}[0].verbs[0]"),
        Bad(f"{path}: no API group", spec([without("apiGroups")]), f"{path}[0].apiGroups", '"" for that of pods'),
        Bad(f"{path}: an empty list of groups", spec([RULE | {"apiGroups": []}]), f"{path}[0].apiGroups", "list some"),
        Bad(f"{path}: no resource", spec([without("resources")]), f"{path}[0].resources", "in the plural"),
        Bad(f"{path}: verbs alone", spec([{"verbs": ["get"]}]), f"{path}[0].apiGroups", "list some"),
        Bad(f"{path}: URLs and resources", spec([RULE | URLS]), f"{path}[0].nonResourceURLs", "make two rules of it"),
        Bad(
            f"{path}: URLs and names",
            spec([URLS | {"resourceNames": ["a"]}]),
            f"{path}[0].nonResourceURLs",
            "make two rules of it",
        ),
        Bad(f"{path}: a rule that is text", spec(["get pods"]), f"{path}[0]"),
        Bad(f"{path}: a word of 254 characters", spec([RULE | {"verbs": ["x" * 254]}]), f"{path}[0].verbs[0]"),
    ]
    if namespaced:
        found.append(Bad(f"{path}: URLs", spec([URLS]), f"{path}[0].nonResourceURLs", "belong to no namespace"))
    return tuple(found)


def without(field: str) -> dict[str, Any]:
    """The good rule without a field."""
    return {key: value for key, value in RULE.items() if key != field}
