"""ProjectRoleTemplateBindings that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change
from tests.unit.api.tables.bindings import bad_changes, bad_subjects

ROOT = ""
GIVES: dict[str, Any] = {"projectName": "c-table:p-table", "roleTemplateName": "project-member"}
GOOD: dict[str, Any] = GIVES | {"userName": "u-ada"}
ACCOUNT: dict[str, Any] = GIVES | {"serviceAccount": "ci:builder"}

_GROUPS = ("groupPrincipalName", "groupName")
_FORM = "write <cluster>:<project>"
_ONE = "must name one subject"

BAD = (
    *bad_subjects(GIVES, _GROUPS, "roleTemplateName"),
    Bad("no project", {"roleTemplateName": "a", "userName": "b"}, "projectName"),
    *(
        Bad(f"a project like {name!r}", GOOD | {"projectName": name}, "projectName", _FORM)
        for name in ("", "p-table", "c-table:", ":p-table", "c-table:p-table:x", "c-table/p-table", "C:p", "a:b\n")
    ),
    Bad("a ServiceAccount without a namespace", GIVES | {"serviceAccount": "builder"}, "serviceAccount", "<namespace>"),
    Bad("a ServiceAccount and a user", ACCOUNT | {"userName": "a"}, "userName", _ONE),
    Bad("a ServiceAccount and a group", ACCOUNT | {"groupName": "a"}, "userName", _ONE),
)

CHANGES = (
    *bad_changes(GIVES, _GROUPS, "roleTemplateName"),
    Change("another project", GOOD, GOOD | {"projectName": "c-table:p-x"}, "projectName", "in the other project"),
    Change(
        "another ServiceAccount", ACCOUNT, GIVES | {"serviceAccount": "ci:x"}, "serviceAccount", "make another binding"
    ),
    Change("a user for a ServiceAccount", ACCOUNT, GOOD, "serviceAccount", "make another binding"),
)
