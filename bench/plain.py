"""The kinds without rules: the same fields under another group, without validation and without policies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drover.kube.gvr import GVR, Object

_PREFIX = "plain"
_RULES = frozenset(
    (
        *("x-kubernetes-validations", "pattern", "format", "enum", "allOf", "anyOf", "oneOf", "not"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
        *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
    )
)
"""`required` stays: the keys of a list that is a map have to be."""


def plain_gvr(gvr: GVR) -> GVR:
    """The resource without rules that stands for one of Drover's. Policies name groups, and so pass it by."""
    return replace(gvr, group=f"{_PREFIX}.{gvr.group}")


def plain_crd(crd: Object) -> Object:
    """Its CustomResourceDefinition."""
    group = f"{_PREFIX}.{crd['spec']['group']}"
    versions = [
        {**version, "schema": {"openAPIV3Schema": _without_rules(version["schema"]["openAPIV3Schema"])}}
        for version in crd["spec"]["versions"]
    ]
    return {
        "apiVersion": crd["apiVersion"],
        "kind": crd["kind"],
        "metadata": {"name": f"{crd['spec']['names']['plural']}.{group}"},
        "spec": {**crd["spec"], "group": group, "versions": versions},
    }


def plain_object(obj: Object) -> Object:
    """The same object of the kind without rules."""
    return {**obj, "apiVersion": f"{_PREFIX}.{obj['apiVersion']}"}


def _without_rules(schema: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in schema.items() if name not in _RULES}
    if "properties" in kept:
        kept["properties"] = {name: _without_rules(value) for name, value in kept["properties"].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(kept.get(name), dict):
            kept[name] = _without_rules(kept[name])
    return kept
