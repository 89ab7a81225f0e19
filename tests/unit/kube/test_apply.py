"""Whether an apply can be saved."""

from __future__ import annotations

from typing import Any

import pytest

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
