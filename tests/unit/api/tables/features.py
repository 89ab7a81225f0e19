"""Features that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change

GOOD: dict[str, Any] = {"value": True}

BAD = (
    Bad("a value that is a string", {"value": "true"}, "spec.value"),
    Bad("a value that is a number", {"value": 1}, "spec.value"),
    Bad("a value that is a list", {"value": [True]}, "spec.value"),
    Bad("a name of 254 characters", GOOD, "metadata.name", name="x" * 254, model=False),
)

CHANGES: tuple[Change, ...] = ()
