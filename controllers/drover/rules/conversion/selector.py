"""Label selectors, as text (`team=a, !old, zone in (x, y)`) and as YAML has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from drover.rules.conversion.result import CannotConvert

Labels = Mapping[str, str]

_SET: Final = re.compile(r"(?P<key>[\w./-]+)\s+(?P<operator>in|notin)\s*\((?P<values>[^()]*)\)")
_EQUAL: Final = re.compile(r"(?P<key>[\w./-]+)\s*(?P<operator>!=|==|=)\s*(?P<value>[\w./-]*)")
_EXISTS: Final = re.compile(r"(?P<not>!?)\s*(?P<key>[\w./-]+)")
_COMMA: Final = re.compile(r",(?![^()]*\))")


def text_matches(selector: str, labels: Labels) -> bool:
    """Whether labels fit a selector that is written as for `kubectl -l`; raises `CannotConvert` for nonsense."""
    return all(_requirement(part.strip(), labels) for part in _COMMA.split(selector) if part.strip())


def matches(selector: Any, labels: Labels) -> bool:
    """Whether labels fit a LabelSelector; an empty one or none fits all. Raises `CannotConvert` for nonsense."""
    given = selector if isinstance(selector, dict) else {}
    exact = given.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in exact.items()):
        return False
    return all(_expression(each, labels) for each in given.get("matchExpressions") or [])


def _expression(expression: Mapping[str, Any], labels: Labels) -> bool:
    key, values = expression.get("key", ""), expression.get("values") or []
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case other:
            raise CannotConvert(f"{other!r} is no operator of a label selector; use In, NotIn, Exists or DoesNotExist")


def _requirement(part: str, labels: Labels) -> bool:
    if found := _SET.fullmatch(part):
        values = {value.strip() for value in found["values"].split(",")}
        return (labels.get(found["key"]) in values) is (found["operator"] == "in")
    if found := _EQUAL.fullmatch(part):
        return (labels.get(found["key"]) == found["value"]) is (found["operator"] != "!=")
    if found := _EXISTS.fullmatch(part):
        return (found["key"] in labels) is (not found["not"])
    raise CannotConvert(f"{part!r} is no part of a label selector; write it like team=a, !old or zone in (x, y)")
