"""GlobalRole: a role that holds in the whole installation."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from drover.api.keys import MANAGEMENT
from drover.api.management.policy_rule import NamespacedPolicyRules, PolicyRules, RulesByNamespace
from drover.api.management.role_template import RoleNames, RoleStatus
from drover.api.resource import ACCESS, AGE, MESSAGE, READY, Column, Model, Resource
from drover.api.rule import Rule
from drover.api.scalars import Line


class FleetWorkspacePermissions(Model):
    """Rights on the FleetWorkspaces, except the one of the local cluster."""

    resource_rules: NamespacedPolicyRules = ()
    """What it allows in the namespace of every workspace."""
    workspace_verbs: (
        Annotated[
            tuple[Annotated[str, Field(max_length=253)], ...],
            Field(max_length=64),
            Rule(
                "self.size() > 0",
                "names no verb; list some, such as get, or remove the field",
                lambda verbs: len(verbs) > 0,
            ),
        ]
        | None
    ) = None
    """Verbs on the FleetWorkspaces themselves."""


class GlobalRole(Resource):
    """A role that holds in the whole installation: in the hub, and where it says so in every other cluster."""

    group = MANAGEMENT
    version = "v3"
    kind = "GlobalRole"
    plural = "globalroles"
    scope = "Cluster"
    short_names = ("grole",)
    categories = (ACCESS,)
    longest_name = 253
    columns: ClassVar[tuple[Column, ...]] = (
        Column("Display", ".displayName", "Name for people."),
        Column("Builtin", ".builtin", "Whether it came with Drover.", "boolean"),
        Column("New-Users", ".newUserDefault", "Whether users get it who log in for the first time.", "boolean"),
        READY,
        AGE,
        Column("Status", ".status.summary", "The conditions in a word.", wide=True),
        MESSAGE,
    )

    display_name: Line = ""
    """Name for people. Default: the object's name."""
    description: Annotated[str, Field(max_length=4096)] = ""
    """What the role is for."""
    policy_rules: Annotated[PolicyRules, Field(alias="rules")] = ()
    """What it allows in the hub."""
    namespaced_rules: RulesByNamespace = {}
    """What it allows in single namespaces of the hub, by the name of the namespace."""
    inherited_namespaced_rules: RulesByNamespace = {}
    """What it allows in single namespaces of every cluster but the hub, by the name of the namespace."""
    inherited_cluster_roles: RoleNames = ()
    """RoleTemplates with the context `cluster` that it gives in every cluster but the hub."""
    inherited_fleet_workspace_permissions: FleetWorkspacePermissions | None = None
    """What it allows on FleetWorkspaces, except that of the hub."""
    new_user_default: bool = False
    """Whether users get it who log in for the first time."""
    builtin: bool = False
    """Whether it came with Drover. Nobody else makes, changes or deletes such roles."""
    status: RoleStatus | None = None
    """What the role amounts to. Written by Drover."""
