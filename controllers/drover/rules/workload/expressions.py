"""The expressions that choose nodes: `disk = ssd && zone in (a, b) && !gpu`.

An expression is one or more requirements joined with `&&`, each in one of these forms:

    key = value       key != value      key in (a, b)     key notin (a, b)
    key               !key              key < number      key > number
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from drover.rules.workload.shape import InvalidWorkload

Operator = Literal["In", "NotIn", "Exists", "DoesNotExist", "Lt", "Gt"]

_FORM: Final = re.compile(
    r"(?P<key>[^\s=!<>()]+)\s*(?P<operator>!=|=|<|>|\s(?:in|notin)\s|\s(?:in|notin)(?=\())\s*(?P<value>.*)"
)
_NAME: Final = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_DNS: Final = r"(?=.{1,253}/)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*"
_KEY: Final = re.compile(rf"(?:{_DNS}/)?{_NAME}")
_VALUE: Final = re.compile(rf"(?:{_NAME})?")
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
_OPERATORS: Final[dict[str, Operator]] = {"=": "In", "!=": "NotIn", "in": "In", "notin": "NotIn", "<": "Lt", ">": "Gt"}
_SIGNS: Final[dict[Operator, str]] = {"In": "=", "NotIn": "!=", "Lt": "<", "Gt": ">"}
_WORDS: Final[dict[Operator, str]] = {"In": "in", "NotIn": "notin"}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on a node's labels, in Kubernetes' terms (a NodeSelectorRequirement)."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def native(self) -> dict[str, Any]:
        """The NodeSelectorRequirement as JSON."""
        requirement: dict[str, Any] = {"key": self.key, "operator": self.operator}
        if self.values:
            requirement["values"] = list(self.values)
        return requirement

    def __str__(self) -> str:
        match self.operator:
            case "Exists":
                return self.key
            case "DoesNotExist":
                return f"!{self.key}"
            case _ if len(self.values) == 1:
                return f"{self.key} {_SIGNS[self.operator]} {self.values[0]}"
            case _:
                return f"{self.key} {_WORDS[self.operator]} ({', '.join(self.values)})"


def parse(expression: str, path: str) -> tuple[Requirement, ...]:
    """The requirements of an expression. Raises InvalidWorkload with `path` if it does not follow the grammar."""
    return tuple(_requirement(part.strip(), path) for part in expression.split("&&"))


def write(requirements: tuple[Requirement, ...]) -> str:
    """The expression that `parse` reads as these requirements."""
    return " && ".join(str(requirement) for requirement in requirements)


def _requirement(part: str, path: str) -> Requirement:
    if _KEY.fullmatch(part):
        return Requirement(part, "Exists")
    if part.startswith("!"):
        return Requirement(_key(part[1:].strip(), part, path), "DoesNotExist")
    match = _FORM.fullmatch(part)
    if match is None:
        raise InvalidWorkload(
            path, f'"{part}" is not an expression; write it like "disk = ssd", "zone in (a, b)" or "!gpu"'
        )
    key, sign, value = _key(match["key"], part, path), match["operator"].strip(), match["value"].strip()
    operator = _OPERATORS[sign]
    if operator in {"Lt", "Gt"}:
        if not _NUMBER.fullmatch(value):
            raise InvalidWorkload(path, f'"{part}" compares with "{value}", which is no whole number')
        return Requirement(key, operator, (value,))
    return Requirement(key, operator, _values(sign, value, part, path))


def _key(key: str, part: str, path: str) -> str:
    if not _KEY.fullmatch(key):
        raise InvalidWorkload(path, f'"{part}": "{key}" is not a label key; use one like "disk" or "example.com/disk"')
    return key


def _values(sign: str, value: str, part: str, path: str) -> tuple[str, ...]:
    values: tuple[str, ...] = (value,)
    if sign in {"in", "notin"}:
        if not (value.startswith("(") and value.endswith(")") and value[1:-1].strip()):
            raise InvalidWorkload(
                path, f'"{part}" needs a list of values in parentheses after {sign}, like "{sign} (a, b)"'
            )
        values = tuple(item.strip() for item in value[1:-1].split(","))
    for item in values:
        if not _VALUE.fullmatch(item):
            raise InvalidWorkload(
                path, f'"{part}": "{item}" is not a label value; use letters, digits, -, _ and . (at most 63)'
            )
    return values
