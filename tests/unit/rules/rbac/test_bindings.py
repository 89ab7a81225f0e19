"""How subjects are spread over bindings."""

from __future__ import annotations

import pytest

from drover.rules.rbac import bindings
from drover.rules.rbac.facts import Subject


def subjects(count: int) -> list[Subject]:
    return [Subject("User", f"u-{n}") for n in range(count)]


@pytest.mark.parametrize("count", [0, 1, 500])
def test_up_to_500_subjects_are_in_one_binding(count: int) -> None:
    made = bindings.cluster_wide("rt-x", "x", subjects(count), {})
    assert [obj["metadata"]["name"] for obj in made] == (["rt-x"] if count else [])


@pytest.mark.parametrize("count", [501, 1000, 2000, 5000])
def test_more_are_spread_evenly_and_each_is_in_one(count: int) -> None:
    made = bindings.cluster_wide("rt-x", "x", subjects(count), {})
    assert made[0]["metadata"]["name"] == "rt-x"
    assert made[1]["metadata"]["name"] == "rt-x:2"
    assert max(len(obj["subjects"]) for obj in made) <= 500
    assert sorted(each["name"] for obj in made for each in obj["subjects"]) == sorted(s.name for s in subjects(count))


def test_one_more_subject_changes_one_binding() -> None:
    before = bindings.cluster_wide("rt-x", "x", subjects(2000), {})
    after = bindings.cluster_wide("rt-x", "x", subjects(2001), {})
    assert sum(1 for one, other in zip(before, after, strict=True) if one != other) == 1


def test_the_name_of_a_subject_s_binding_in_a_namespace_follows_from_the_namespace_too() -> None:
    (anywhere,) = bindings.in_namespace("", "rt-x", ("ClusterRole", "x"), subjects(1), {}, per_subject=True)
    here, there = (bindings.placed(anywhere, namespace) for namespace in ("n1", "n2"))
    assert here["metadata"]["namespace"] == "n1"
    assert here["metadata"]["name"] != there["metadata"]["name"]
    known = bindings.in_namespace("n1", "rt-x", ("ClusterRole", "x"), subjects(1), {}, per_subject=True)
    assert known == (here,)


def test_a_binding_for_any_namespace_keeps_its_name_in_each() -> None:
    (anywhere,) = bindings.in_namespace("", "rt-x", ("ClusterRole", "x"), subjects(1), {})
    assert bindings.placed(anywhere, "n1")["metadata"] == {"name": "rt-x", "namespace": "n1"}
