"""What containers of a namespace get that set nothing: from the project, unless the namespace says otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from drover.kube.quantity import quantity

Limits = Mapping[str, str]

_KEYS: Final = {
    "requestsCpu": ("defaultRequest", "cpu"),
    "requestsMemory": ("defaultRequest", "memory"),
    "limitsCpu": ("default", "cpu"),
    "limitsMemory": ("default", "memory"),
}
_ANNOTATION: Final = "field.cattle.io/containerDefaultResourceLimit"


def flat(given: Any) -> dict[str, str]:
    """The amounts in a `containerDefaultResourceLimit`; what is no quantity is left out."""
    found = given if isinstance(given, dict) else {}
    return {key: str(found[key]) for key in _KEYS if key in found and quantity(found[key]) is not None}


def effective(project: Limits, annotation: str) -> tuple[dict[str, str], str]:
    """The project's amounts overridden by those of the namespace, and what is wrong with the latter."""
    if not annotation:
        return dict(project), ""
    try:
        given = json.loads(annotation)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        return dict(project), f'{_ANNOTATION} is not like {{"limitsCpu": "500m"}}'
    own = flat(given)
    if wrong := sorted(key for key in _KEYS if key in given and key not in own):
        return dict(project), f"{_ANNOTATION}: no quantity in {', '.join(wrong)}"
    merged = {**project, **own}
    for name in ("Cpu", "Memory"):
        request, limit = (quantity(merged.get(f"{kind}{name}", "0")) for kind in ("requests", "limits"))
        if request and limit is not None and f"limits{name}" in merged and request > limit:
            asked = f"requests{name} {merged[f'requests{name}']} > limits{name} {merged[f'limits{name}']}"
            return dict(project), f"{_ANNOTATION}: {asked}; raise the limit or lower the request"
    return merged, ""


def limit_range(limits: Limits) -> dict[str, Any]:
    """As the `spec` of a LimitRange."""
    item: dict[str, Any] = {"type": "Container"}
    for key, (field, resource) in _KEYS.items():
        if key in limits:
            item.setdefault(field, {})[resource] = limits[key]
    return {"limits": [item]}
