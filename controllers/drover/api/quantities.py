"""Kubernetes quantities: `500m`, `2Gi`, `1e3`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

_FORM: Final = re.compile(
    r"(?P<number>[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+))(?P<suffix>([KMGTPE]i)|[numkMGTPE]|([eE][+-]?[0-9]{1,3}))?"
)
_SUFFIXES: Final = {
    "": Fraction(1),
    **{letter: Fraction(1000) ** power for power, letter in enumerate("num", start=-3)},
    **{letter: Fraction(1000) ** power for power, letter in enumerate("kMGTPE", start=1)},
    **{f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", start=1)},
}


def amount(text: str) -> Fraction | None:
    """The exact value of a quantity; None where the text is none.

    Kubernetes has no limit for an exponent; here it has three digits, so that `1e999999999` costs nothing.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    number, suffix = Fraction(match["number"]), match["suffix"] or ""
    return number * (_SUFFIXES[suffix] if suffix in _SUFFIXES else Fraction(f"1{suffix}"))
