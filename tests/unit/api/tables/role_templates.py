"""RoleTemplates that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change
from tests.unit.api.tables.policy_rules import RULE, URLS, bad_rules

ROOT = ""
GOOD: dict[str, Any] = {"displayName": "Auditor", "context": "cluster", "rules": [RULE, URLS]}
PROJECT = GOOD | {"context": "project"}

BAD = (
    *bad_rules(lambda rules: GOOD | {"rules": rules}, "rules"),
    *bad_rules(lambda rules: GOOD | {"external": True, "externalRules": rules}, "externalRules"),
    Bad("a context that there is not", GOOD | {"context": "global"}, "context"),
    Bad("external rules of its own", GOOD | {"externalRules": [RULE]}, "externalRules", "set external: true"),
    Bad(
        "external rules of a role that is not external",
        GOOD | {"external": False, "externalRules": [RULE]},
        "externalRules",
        "set external: true",
    ),
    Bad(
        "a project role for who creates clusters",
        PROJECT | {"clusterCreatorDefault": True},
        "clusterCreatorDefault",
        "set context: cluster",
    ),
    Bad(
        "a cluster role for who creates projects",
        GOOD | {"projectCreatorDefault": True},
        "projectCreatorDefault",
        "set context: project",
    ),
    Bad(
        "a role without a context for who creates projects",
        {"projectCreatorDefault": True},
        "projectCreatorDefault",
        "set context: project",
    ),
    Bad("an administrative project role", PROJECT | {"administrative": True}, "administrative", "set context: cluster"),
    Bad(
        "a role that inherits itself",
        GOOD | {"roleTemplateNames": ["self"]},
        "roleTemplateNames",
        "remove that name",
        name="self",
        model=False,
    ),
    Bad("an inherited role without a name", GOOD | {"roleTemplateNames": [""]}, "roleTemplateNames[0]"),
    Bad("locked as a string", GOOD | {"locked": "true"}, "locked"),
)

CHANGES: tuple[Change, ...] = ()
