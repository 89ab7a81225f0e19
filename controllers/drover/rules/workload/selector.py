"""The selector by which a native workload finds its pods, and the labels that go with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drover.rules.names import shortened
from drover.rules.workload.native import NativeKind
from drover.rules.workload.shape import InvalidWorkload, labels, mapping, sequence, text, texts

LABEL: Final = "workload.user.cattle.io/workloadselector"

_OPERATORS: Final = ("In", "NotIn", "Exists", "DoesNotExist")


def default_value(native: NativeKind, namespace: str, name: str) -> str:
    """`deployment-<namespace>-<name>`, cut and told apart by letters where that is too long for a label value."""
    return shortened(f"{native.schema}-{namespace}-{name}")


def own_selector(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The selector that the user gave, or an empty dict. Raises InvalidWorkload if it is malformed."""
    view = mapping(spec.get("selector"), "spec.selector")
    selector: dict[str, Any] = {}
    if match_labels := labels(view.get("matchLabels"), "spec.selector.matchLabels"):
        selector["matchLabels"] = match_labels
    path = "spec.selector.matchExpressions"
    expressions = [
        _expression(mapping(item, f"{path}[{index}]"), f"{path}[{index}]")
        for index, item in enumerate(sequence(view.get("matchExpressions"), path))
    ]
    if expressions:
        selector["matchExpressions"] = expressions
    return selector


def require_match(selector: Mapping[str, Any], pod_labels: Mapping[str, str]) -> None:
    """Raises InvalidWorkload if pods with these labels would not be found by the selector."""
    for key, value in selector.get("matchLabels", {}).items():
        if pod_labels.get(key) != value:
            raise InvalidWorkload(
                f'spec.selector.matchLabels["{key}"]', f'add the label {key}: "{value}" to spec.labels too'
            )
    for index, expression in enumerate(selector.get("matchExpressions", ())):
        if not _selects(expression, pod_labels):
            problem = (
                f"the labels in spec.labels do not satisfy it; change the label {expression['key']} or the expression"
            )
            raise InvalidWorkload(f"spec.selector.matchExpressions[{index}]", problem)


def write(selector: Mapping[str, Any]) -> str:
    """A LabelSelector as the string that `kubectl get -l` and the scale subresource take: `app=web,tier in (a,b)`."""
    parts = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for expression in selector.get("matchExpressions") or ():
        key, values = expression["key"], ",".join(sorted(expression.get("values") or ()))
        match expression["operator"]:
            case "In":
                parts.append(f"{key} in ({values})")
            case "NotIn":
                parts.append(f"{key} notin ({values})")
            case "Exists":
                parts.append(key)
            case _:
                parts.append(f"!{key}")
    return ",".join(parts)


def _expression(view: Mapping[str, Any], path: str) -> dict[str, Any]:
    key, operator = text(view.get("key"), f"{path}.key"), text(view.get("operator"), f"{path}.operator")
    if not key:
        raise InvalidWorkload(f"{path}.key", "is missing; give the key of a pod label")
    if operator not in _OPERATORS:
        raise InvalidWorkload(f"{path}.operator", f'"{operator}" is not supported; use one of {", ".join(_OPERATORS)}')
    values = texts(view.get("values"), f"{path}.values")
    if bool(values) != (operator in {"In", "NotIn"}):
        raise InvalidWorkload(
            f"{path}.values", f"{operator} {'takes no values' if values else 'needs at least one value'}"
        )
    return {"key": key, "operator": operator, **({"values": values} if values else {})}


def _selects(expression: Mapping[str, Any], pod_labels: Mapping[str, str]) -> bool:
    value = pod_labels.get(expression["key"])
    match expression["operator"]:
        case "In":
            return value in expression["values"]
        case "NotIn":
            return value not in expression["values"]
        case "Exists":
            return value is not None
        case _:
            return value is None
