"""Kubernetes quantities as numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drover.kube.quantity import quantity, written, written_bytes


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("2", 2),
        (2, 2),
        (0.5, "0.5"),
        ("500m", "0.5"),
        ("+1", 1),
        ("-1", -1),
        (".5", "0.5"),
        ("1.", 1),
        ("250u", "0.00025"),
        ("1n", "0.000000001"),
        ("1k", 1000),
        ("1Ki", 1024),
        ("1.5Gi", 1610612736),
        ("1M", 10**6),
        ("1Ei", 2**60),
        ("1E", 10**18),
        ("1e3", 1000),
        ("1E3", 1000),
        ("12e-1", "1.2"),
    ],
)
def test_a_quantity_has_a_number(text: Any, number: Any) -> None:
    assert quantity(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    ["", "m", "1x", "1mm", "1 Gi", " 1", "1\n", "1K", "1ki", "1_000", "NaN", "sNaN", "Infinity", "-", ".", "\u0661"],
)
def test_other_text_has_none(text: str) -> None:
    assert quantity(text) is None


@pytest.mark.parametrize(
    "text",
    ["1e", "--1", "1.2.3", None, True, [], {}, "1e999999999", "1" * 65],
)
def test_anything_else_has_none(text: Any) -> None:
    assert quantity(text) is None


@given(st.one_of(st.text(), st.text("0123456789.+-eEnumkKMGTPi"), st.integers(), st.floats(), st.none()))
def test_no_text_breaks_a_sum(text: Any) -> None:
    total = Decimal(1) + (quantity(text) or Decimal(0))
    assert len(written(total)) < 200
    assert written_bytes(total).endswith("Ki")


@given(st.integers(0, 10**15))
def test_thousandths_come_back_as_they_were_written(thousandths: int) -> None:
    assert quantity(written(Decimal(thousandths) / 1000)) == Decimal(thousandths) / 1000


def test_memory_is_written_in_whole_kibibytes() -> None:
    assert written_bytes(Decimal(4 * 1024 + 1023)) == "4Ki"
