"""Quantities as Kubernetes reads them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drover.api.quantities import amount


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("10", 10),
        ("+5", 5),
        ("-1", -1),
        ("500m", Fraction(1, 2)),
        ("1.5m", Fraction(3, 2000)),
        ("100n", Fraction(1, 10**7)),
        ("3u", Fraction(3, 10**6)),
        ("1k", 1000),
        ("1Ki", 1024),
        ("2Gi", 2 * 1024**3),
        ("1E", 10**18),
        ("1Ei", 1024**6),
        ("1e3", 1000),
        ("1E-2", Fraction(1, 100)),
        (".5", Fraction(1, 2)),
        ("5.", 5),
        ("1e309", 10**309),
        ("9223372036854775808", 2**63),
    ],
)
def test_a_quantity_has_an_exact_value(text: str, value: Fraction | int) -> None:
    assert amount(text) == value


@pytest.mark.parametrize(
    "text", ["", " ", "1 ", "10x", "1ki", "1KI", "1K", "m", ".", "1e", "1.2.3", "0x1", "\u0661", "1e9999", "inf"]
)
def test_what_is_no_quantity_has_no_value(text: str) -> None:
    assert amount(text) is None


@given(
    st.integers(-(10**30), 10**30),
    st.sampled_from(["", "m", "k", "Ki", "M", "Mi", "G", "Gi", "T", "Ti", "P", "Pi", "E", "Ei"]),
)
def test_no_digit_is_lost(number: int, suffix: str) -> None:
    one = amount(f"1{suffix}")
    assert one is not None
    assert amount(f"{number}{suffix}") == number * one
