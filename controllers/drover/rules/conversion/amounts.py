"""The `hard` of quotas as numbers to divide, and back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from drover.kube.quantity import quantity
from drover.rules import quota

_ALIASES: Final[Mapping[str, str]] = {"cpu": "requests.cpu", "memory": "requests.memory"}
"""Kubernetes counts these two as requests."""

_MEBIBYTE: Final = Decimal(1024**2)
_ENOUGH: Final = 64


def hard(given: Any) -> tuple[dict[str, str], list[str]]:
    """The amounts of a `hard` by the keys of a ResourceQuota, and the keys whose value is no amount of zero or more."""
    found: dict[str, str] = {}
    wrong = []
    for key, value in sorted(given.items()) if isinstance(given, dict) else ():
        number = quantity(value)
        if number is None or number < 0:
            wrong.append(str(key))
        else:
            lower(found, {_ALIASES.get(str(key), str(key)): str(value)})
    return found, wrong


def lower(found: dict[str, str], more: Mapping[str, str]) -> None:
    """Adds amounts; where a key is in both, the smaller one stays."""
    for key, value in more.items():
        if key not in found or number(value) < number(found[key]):
            found[key] = value


def number(text: str) -> Decimal:
    """The number of an amount; zero where it is none."""
    return quantity(text) or Decimal(0)


def unit(key: str, limit: Decimal) -> Decimal:
    """What a limit is divided into: thousandths of a CPU, mebibytes where there are enough of them, else whole ones."""
    if key.endswith(".cpu"):
        return Decimal("0.001")
    return _MEBIBYTE if _in_bytes(key) and limit >= _ENOUGH * _MEBIBYTE else Decimal(1)


def units(amount: Decimal, one: Decimal, *, up: bool = False) -> int:
    """How many units an amount is, rounded down unless `up`."""
    return int((amount / one).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR))


def text(key: str, count: int, one: Decimal) -> str:
    """So many units of a key, as people write it."""
    return quota.text("memory" if _in_bytes(key) else key, count * one)


def as_limit(amounts_: Mapping[str, str]) -> dict[str, object]:
    """Amounts by the keys of a ResourceQuota as the `limit` of a Project or of a namespace's request."""
    return quota.nested(dict(sorted(quota.limits_of(amounts_).items())))


def _in_bytes(key: str) -> bool:
    return key.endswith(("memory", "storage")) or "hugepages-" in key
