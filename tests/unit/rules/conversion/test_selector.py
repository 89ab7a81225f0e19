"""Label selectors, as kubectl and as YAML write them."""

from __future__ import annotations

from typing import Any

import pytest

from drover.rules.conversion.result import CannotConvert
from drover.rules.conversion.selector import matches, text_matches

LABELS = {"team": "a", "example.com/zone": "x", "empty": ""}


@pytest.mark.parametrize(
    ("selector", "fits"),
    [
        ("", True),
        ("team", True),
        ("!team", False),
        ("!other", True),
        ("team=a", True),
        ("team == a", True),
        ("team!=a", False),
        ("other!=a", True),
        ("empty=", True),
        ("example.com/zone in (x, y)", True),
        ("team notin (a,b)", False),
        ("other notin (a)", True),
        ("team=a, example.com/zone in (x,y), !other", True),
        ("team=a,other", False),
    ],
)
def test_text_fits_or_not(selector: str, fits: bool) -> None:
    assert text_matches(selector, LABELS) is fits


@pytest.mark.parametrize("selector", ["a b", "team in a", "team=a=b", "()"])
def test_text_that_is_no_selector_is_refused(selector: str) -> None:
    with pytest.raises(CannotConvert, match="no part of a label selector"):
        text_matches(selector, LABELS)


@pytest.mark.parametrize(
    ("selector", "fits"),
    [
        (None, True),
        ({}, True),
        ({"matchLabels": {"team": "a"}}, True),
        ({"matchLabels": {"team": "b"}}, False),
        ({"matchExpressions": [{"key": "team", "operator": "In", "values": ["a", "b"]}]}, True),
        ({"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["a"]}]}, False),
        ({"matchExpressions": [{"key": "other", "operator": "DoesNotExist"}]}, True),
        ({"matchLabels": {"team": "a"}, "matchExpressions": [{"key": "other", "operator": "Exists"}]}, False),
    ],
)
def test_yaml_fits_or_not(selector: Any, fits: bool) -> None:
    assert matches(selector, LABELS) is fits


def test_yaml_with_an_unknown_operator_is_refused() -> None:
    with pytest.raises(CannotConvert, match="'Near' is no operator"):
        matches({"matchExpressions": [{"key": "team", "operator": "Near"}]}, LABELS)
