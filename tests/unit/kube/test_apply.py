"""Whether an apply can be saved."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drover.kube.apply import APPLIED, covers, digest, stamped


@pytest.mark.parametrize(
    ("live", "wanted"),
    [
        ({"a": 1, "b": 2}, {"a": 1}),
        ({}, {"a": None, "b": "", "c": 0, "d": False, "e": {}, "f": []}),
        ({"requests": {"cpu": "1"}}, {"requests": {"cpu": "1000m"}}),
        ({"requests": {"memory": "1Gi"}}, {"requests": {"memory": "1024Mi"}}),
        ({"limits": {"cpu": "2"}}, {"limits": {"cpu": 2}}),
        ({"items": [{"name": "a", "x": 1}, {"name": "b"}]}, {"items": [{"name": "b"}]}),
        ({"items": [{"name": "b"}, {"name": "a", "x": 1}]}, {"items": [{"name": "a"}, {"name": "b"}]}),
        ({"ports": [{"containerPort": 80, "protocol": "TCP"}]}, {"ports": [{"containerPort": 80}]}),
        ({"args": ["a", "b"]}, {"args": ["a", "b"]}),
        ({"args": []}, {"args": []}),
    ],
)
def test_nothing_would_change(live: Any, wanted: Any) -> None:
    assert covers(live, wanted)


@pytest.mark.parametrize(
    ("live", "wanted"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": True}),
        ({"a": "1"}, {"a": 1}),
        ({}, {"a": "x"}),
        ({"cpu": "1"}, {"cpu": "1000m"}),
        ({"requests": {"cpu": "1"}}, {"requests": {"cpu": "2"}}),
        ({"requests": {"cpu": "1"}}, {"requests": {"cpu": "much"}}),
        ({"args": ["a", "b"]}, {"args": ["a"]}),
        ({"args": ["a"]}, {"args": []}),
        ({"items": [{"name": "a"}]}, {"items": [{"name": "b"}]}),
        ({"items": [{"name": "a", "x": 1}]}, {"items": [{"name": "a", "x": 2}]}),
        ({"a": None}, {"a": {"b": 1}}),
    ],
)
def test_something_would_change(live: Any, wanted: Any) -> None:
    assert not covers(live, wanted)


def test_a_digest_follows_values_and_not_their_order() -> None:
    assert digest({"a": 1, "b": {"c": 2, "d": 3}}) == digest({"b": {"d": 3, "c": 2}, "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_a_stamp_leaves_the_given_object_alone() -> None:
    obj = {"metadata": {"name": "x", "annotations": {"mine": "1"}}}
    assert stamped(obj, "abc")["metadata"]["annotations"] == {"mine": "1", APPLIED: "abc"}
    assert obj["metadata"]["annotations"] == {"mine": "1"}


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "1", "1000m"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "requests", "a", "b"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_a_value_covers_itself(value: Any) -> None:
    assert covers(value, value)


@given(st.dictionaries(st.sampled_from("abc"), _VALUES), st.dictionaries(st.sampled_from("xyz"), _VALUES))
def test_what_others_set_is_never_a_reason_to_write(wanted: dict[str, Any], others: dict[str, Any]) -> None:
    assert covers({**wanted, **others}, wanted)


@given(_VALUES, _VALUES)
def test_no_pair_of_values_is_an_error(live: Any, wanted: Any) -> None:
    assert covers(live, wanted) in (True, False)


def test_an_item_of_a_list_needs_a_live_one_of_the_same_key() -> None:
    live = {"env": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]}
    assert not covers(live, {"env": [{"name": "a", "value": "2"}]})
    assert not covers(live, {"env": [{"value": "1"}]})
    assert covers(live, {"env": [{"name": "b", "value": "2"}]})
    assert not covers({"env": ["a"]}, {"env": [{"name": "a"}]})
