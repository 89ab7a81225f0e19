"""Kubernetes quantities: `500m`, `1Gi`, `2`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_DECIMAL = ((-3, "n"), (-2, "u"), (-1, "m"), (0, ""), (1, "k"), (2, "M"), (3, "G"), (4, "T"), (5, "P"), (6, "E"))
_FACTORS: Mapping[str, Decimal] = {
    **{letter: Decimal(1000) ** power for power, letter in _DECIMAL},
    **{letter + "i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)},
}
_FORM = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?)([KMGTPE]i|[numkMGTPE]?)")
"""An exponent has two digits here, so that the sum of what a cluster tells of its nodes is no number of gigabytes."""
_LONGEST = 64


def quantity(value: Any) -> Decimal | None:
    """The number that a Kubernetes quantity stands for; None for anything else."""
    text = str(value)
    match = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
    return Decimal(match[1]) * _FACTORS[match[2]] if match else None


def written(value: Decimal) -> str:
    """A sum of quantities as text: a whole number, else thousandths (`1500m`)."""
    if value == value.to_integral_value():
        return str(int(value))
    return f"{int((value * 1000).to_integral_value())}m"


def written_bytes(value: Decimal) -> str:
    """A sum of memory quantities as text, in Ki as nodes report theirs."""
    return f"{int(value) // 1024}Ki"
