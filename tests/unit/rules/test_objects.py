"""Reading what every object has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from drover.rules import objects

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def obj(**metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": "x", "uid": "u", **metadata}}


@pytest.mark.parametrize(
    ("since", "late"),
    [
        ("2026-01-01T11:57:59Z", True),
        ("2026-01-01T11:58:00Z", False),
        ("2026-01-01T11:58:01Z", False),
        ("2026-01-01T13:00:00Z", False),
        ("2026-01-01T12:57:59+01:00", True),
        ("2026-01-01T11:57:59.999999Z", True),
        (None, False),
    ],
)
def test_a_deletion_is_overdue_after_the_patience_and_not_before(since: str | None, late: bool) -> None:
    assert objects.overdue(obj(deletionTimestamp=since), NOW, 120.0) is late


def test_an_object_that_is_not_deleted_is_never_overdue() -> None:
    assert not objects.overdue(obj(), NOW, 0.0)
    assert not objects.deleting(obj())


@pytest.mark.parametrize("value", ["True", "yes", "1", "", "false"])
def test_only_the_word_true_pauses_or_forces(value: str) -> None:
    annotated = obj(annotations={"drover.dev/paused": value, "drover.dev/force-delete": value})
    assert not objects.paused(annotated)
    assert not objects.forced(annotated)
    asked = obj(annotations={"drover.dev/paused": "true", "drover.dev/force-delete": "true"})
    assert objects.paused(asked)
    assert objects.forced(asked)


@pytest.mark.parametrize("empty", [{}, {"labels": None, "annotations": None, "finalizers": None}])
def test_what_is_absent_is_empty(empty: dict[str, Any]) -> None:
    found = obj(**empty)
    assert (objects.label(found, "a"), objects.annotation(found, "a"), objects.finalizers(found)) == ("", "", [])
    assert (objects.spec(found), objects.status({**found, "status": None}), objects.namespace_of(found)) == ({}, {}, "")
