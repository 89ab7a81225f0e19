"""The `hard` of quotas as numbers, and back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from drover.rules.conversion.amounts import as_limit, hard, text, unit, units


def test_cpu_and_memory_are_requests_and_the_smaller_amount_counts() -> None:
    given = {"cpu": "2", "requests.cpu": "1500m", "memory": "1Gi", "services": 3, "pods": "many", "secrets": "-1"}
    found, wrong = hard(given)
    assert found == {"requests.cpu": "1500m", "requests.memory": "1Gi", "services": "3"}
    assert wrong == ["pods", "secrets"]
    assert hard(None) == ({}, [])


def test_keys_that_a_project_has_no_field_for_are_extended() -> None:
    found = as_limit({"limits.cpu": "1", "count/jobs.batch": "2", "requests.nvidia.com/gpu": "3"})
    assert found == {"limitsCpu": "1", "extended": {"count/jobs.batch": "2", "requests.nvidia.com/gpu": "3"}}


@pytest.mark.parametrize(
    ("key", "limit", "parts", "written"),
    [
        ("limits.cpu", "10", 3, "3333m"),
        ("limits.memory", str(20 * 1024**3), 4, "5Gi"),
        ("requests.storage", str(1024**3), 3, "341Mi"),
        ("requests.ephemeral-storage", "1000", 3, "333"),
        ("fast.storageclass.storage.k8s.io/requests.storage", str(3 * 1024**3), 3, "1Gi"),
        ("hugepages-2Mi", str(128 * 1024**2), 2, "64Mi"),
        ("pods", "10", 3, "3"),
        ("requests.nvidia.com/gpu", "7", 2, "3"),
    ],
)
def test_a_limit_is_divided_into_what_its_resource_is_counted_in(
    key: str, limit: str, parts: int, written: str
) -> None:
    one = unit(key, Decimal(limit))
    assert text(key, units(Decimal(limit), one) // parts, one) == written


def test_what_is_used_is_rounded_up_and_what_there_is_down() -> None:
    assert units(Decimal("1.0001"), Decimal("0.001")) == 1000
    assert units(Decimal("1.0001"), Decimal("0.001"), up=True) == 1001
