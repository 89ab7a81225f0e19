"""GlobalRoles that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change
from tests.unit.api.tables.policy_rules import RULE, URLS, bad_rules

ROOT = ""
GOOD: dict[str, Any] = {"displayName": "Auditor", "rules": [RULE, URLS]}

_FLEET = "inheritedFleetWorkspacePermissions"

BAD = (
    *bad_rules(lambda rules: GOOD | {"rules": rules}, "rules"),
    *bad_rules(lambda rules: {"namespacedRules": {"web": rules}}, "namespacedRules[web]", namespaced=True),
    *bad_rules(
        lambda rules: {"inheritedNamespacedRules": {"web": rules}}, "inheritedNamespacedRules[web]", namespaced=True
    ),
    *bad_rules(lambda rules: {_FLEET: {"resourceRules": rules}}, f"{_FLEET}.resourceRules", namespaced=True),
    Bad("no verb on workspaces", {_FLEET: {"workspaceVerbs": []}}, f"{_FLEET}.workspaceVerbs", "remove the field"),
    Bad("rules for all namespaces", {"namespacedRules": {"": [RULE]}}, "namespacedRules", "must be names of namesp"),
    Bad(
        "rules for a namespace with a long name",
        {"inheritedNamespacedRules": {"x" * 64: [RULE]}},
        "inheritedNamespacedRules",
        "must be names of namespaces",
    ),
    Bad("rules of namespaces as text", {"namespacedRules": "web"}, "namespacedRules"),
    Bad("an inherited role without a name", {"inheritedClusterRoles": [""]}, "inheritedClusterRoles[0]"),
    Bad("a name with a line break", {"displayName": "a\nb"}, "displayName", "must be one line"),
    Bad("builtin as a string", {"builtin": "false"}, "builtin"),
)

CHANGES: tuple[Change, ...] = ()
