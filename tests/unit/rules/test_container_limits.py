"""What containers get that set nothing."""

from __future__ import annotations

import pytest

from drover.rules.container_limits import effective, flat, limit_range

PROJECT = {"limitsCpu": "500m", "requestsCpu": "100m"}


def test_a_namespace_that_says_nothing_has_what_the_project_says() -> None:
    assert effective(PROJECT, "") == (PROJECT, "")


def test_what_a_namespace_says_wins_key_by_key() -> None:
    assert effective(PROJECT, '{"limitsCpu": "2", "limitsMemory": "1Gi"}') == (
        {"limitsCpu": "2", "requestsCpu": "100m", "limitsMemory": "1Gi"},
        "",
    )


@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        ("{", "is not like"),
        ("[]", "is not like"),
        ('{"limitsCpu": "much"}', "no quantity in limitsCpu"),
        ('{"requestsCpu": "1"}', "requestsCpu 1 > limitsCpu 500m"),
        ('{"requestsMemory": "2Gi", "limitsMemory": "1Gi"}', "requestsMemory 2Gi > limitsMemory 1Gi"),
    ],
)
def test_what_is_not_understood_counts_for_nothing_and_is_told(annotation: str, problem: str) -> None:
    limits, told = effective(PROJECT, annotation)
    assert limits == PROJECT
    assert problem in told


def test_a_request_without_a_limit_is_fine() -> None:
    assert effective({}, '{"requestsCpu": "1"}') == ({"requestsCpu": "1"}, "")


def test_as_a_limit_range() -> None:
    assert limit_range({"limitsCpu": "1", "limitsMemory": "1Gi", "requestsCpu": "100m"}) == {
        "limits": [
            {"type": "Container", "default": {"cpu": "1", "memory": "1Gi"}, "defaultRequest": {"cpu": "100m"}},
        ]
    }


def test_only_quantities_of_known_keys_are_read() -> None:
    assert flat({"limitsCpu": "x", "pods": "1", "requestsMemory": 5}) == {"requestsMemory": "5"}
    assert flat(None) == {}
