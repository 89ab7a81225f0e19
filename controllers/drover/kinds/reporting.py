"""Statuses: conditions with their times, and what a paused object says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from drover.rules.conditions import Condition, false, true, unknown, written
from drover.rules.objects import Obj, status


def status_of(obj: Obj, conditions: Iterable[Condition], now: datetime, **fields: Any) -> dict[str, Any]:
    """The status of an object as it is now: every condition, the generation that was seen, and the kind's own
    fields."""
    return {
        "observedGeneration": obj["metadata"]["generation"],
        "conditions": conditions_of(obj, [*conditions, false("Paused", "NotPaused")], now),
        **fields,
    }


def paused_status(obj: Obj, now: datetime) -> dict[str, Any]:
    """The status of an object that is left alone: as it was, and that it is paused."""
    pause = true("Paused", "PausedByUser", "remove the annotation drover.dev/paused to go on")
    known = [entry for entry in status(obj).get("conditions") or [] if entry["type"] != "Paused"]
    if not known:
        conditions = conditions_of(
            obj, [unknown("Ready", "Paused", "paused before it was seen for the first time"), pause], now
        )
        return {"conditions": conditions}
    return {**status(obj), "conditions": [*known, *conditions_of(obj, [pause], now)]}


def conditions_of(
    obj: Obj, conditions: list[Condition], now: datetime, *, field: str = "conditions"
) -> list[dict[str, Any]]:
    """Conditions as a list in the status has them, with the times that it has already."""
    return written(
        conditions,
        status(obj).get(field) or [],
        generation=obj["metadata"]["generation"],
        now=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
