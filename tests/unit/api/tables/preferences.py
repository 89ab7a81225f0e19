"""Preferences that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change

ROOT = ""
"""The fields stand at the top."""

GOOD: dict[str, Any] = {"value": '"ui-dark"'}

BAD = (
    Bad("a value that is a list", {"value": ["ui-dark"]}, "value"),
    Bad("a value that is a boolean", {"value": True}, "value"),
    Bad("a value longer than any", {"value": "x" * 1_048_577}, "value"),
    Bad("a name of 254 characters", GOOD, "metadata.name", name="x" * 254, model=False),
)

CHANGES: tuple[Change, ...] = ()
