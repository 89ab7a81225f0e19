"""The annotation `cattle.io/status`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drover.rules.namespace_status import with_conditions, without_conditions


def conditions(annotation: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(annotation)["Conditions"]
    return found


def test_a_message_makes_a_condition_false() -> None:
    found = conditions(with_conditions("", {"A": "", "B": "too much"}, "now"))
    assert found == [
        {"Type": "A", "Status": "True", "Message": "", "LastUpdateTime": "now"},
        {"Type": "B", "Status": "False", "Message": "too much", "LastUpdateTime": "now"},
    ]


def test_what_is_so_already_keeps_its_time_and_its_text() -> None:
    first = with_conditions("", {"A": "", "B": "x"}, "first")
    assert with_conditions(first, {"A": "", "B": "x"}, "later") == first
    changed = conditions(with_conditions(first, {"A": "", "B": ""}, "later"))
    assert [entry["LastUpdateTime"] for entry in changed] == ["first", "later"]


def test_conditions_of_others_stay_in_their_place() -> None:
    other = json.dumps({"Conditions": [{"Type": "InitialRolesPopulated", "Status": "True"}]})
    both = with_conditions(other, {"A": ""}, "now")
    assert [entry["Type"] for entry in conditions(both)] == ["InitialRolesPopulated", "A"]
    assert json.loads(without_conditions(both, ("A",))) == json.loads(other)


def test_without_conditions_it_is_empty() -> None:
    assert without_conditions(with_conditions("", {"A": ""}, "now"), ("A",)) == ""
    assert without_conditions("", ("A",)) == ""


@pytest.mark.parametrize("garbage", ["{", "[]", "7", '{"Conditions": 5}', '{"Conditions": [1]}'])
def test_what_is_not_understood_is_written_anew(garbage: str) -> None:
    assert [entry["Type"] for entry in conditions(with_conditions(garbage, {"A": ""}, "now"))] == ["A"]
