"""GlobalRoleBindings that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bindings import bad_changes, bad_subjects

ROOT = ""
GIVES: dict[str, Any] = {"globalRoleName": "auditor"}
GOOD: dict[str, Any] = GIVES | {"userName": "u-ada"}

_GROUPS = ("groupPrincipalName",)

BAD = bad_subjects(GIVES, _GROUPS, "globalRoleName")
CHANGES = bad_changes(GIVES, _GROUPS, "globalRoleName")
