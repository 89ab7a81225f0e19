"""ClusterRoleTemplateBindings that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change
from tests.unit.api.tables.bindings import bad_changes, bad_subjects

ROOT = ""
GIVES: dict[str, Any] = {"clusterName": "c-table", "roleTemplateName": "cluster-member"}
GOOD: dict[str, Any] = GIVES | {"userName": "u-ada"}

_GROUPS = ("groupPrincipalName", "groupName")

BAD = (
    *bad_subjects(GIVES, _GROUPS, "roleTemplateName"),
    Bad("no cluster", {"roleTemplateName": "a", "userName": "b"}, "clusterName"),
    Bad("an empty cluster", GOOD | {"clusterName": ""}, "clusterName", "must be lower-case"),
    Bad("a cluster name that is no name", GOOD | {"clusterName": "A_b"}, "clusterName", "must be lower-case"),
)

CHANGES = (
    *bad_changes(GIVES, _GROUPS, "roleTemplateName"),
    Change("another cluster", GOOD, GOOD | {"clusterName": "other"}, "clusterName", "make one in the other cluster"),
)
