"""RoleTemplate: a role that bindings give in a cluster or in a project."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from drover.api.conditions import Status
from drover.api.keys import MANAGEMENT
from drover.api.management.policy_rule import PolicyRules, given
from drover.api.resource import ACCESS, AGE, MESSAGE, READY, Column, Resource, camel
from drover.api.rule import Rule
from drover.api.scalars import Line

RoleNames = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=253)], ...], Field(max_length=256)]


def _needs(name: str, context: str) -> Rule:
    """A flag that only roles of one context may have."""
    field = camel(name)
    return Rule(
        f"!has(self.{field}) || !self.{field} || (has(self.context) && self.context == '{context}')",
        f"needs the context {context}; set context: {context}, or remove the field",
        lambda role: role.context == context or not getattr(role, name),
        field=f".{field}",
    )


class RoleStatus(Status):
    """What the role amounts to."""

    last_update_time: Annotated[str, Field(max_length=64)] = ""
    """When an older server last wrote the status; not maintained."""
    summary: Annotated[str, Field(max_length=64)] = ""
    """The conditions in a word: `Completed`, `InProgress`, `Error` or `Terminating`."""


class RoleTemplate(Resource):
    """A role that ClusterRoleTemplateBindings and ProjectRoleTemplateBindings give. It may inherit others."""

    group = MANAGEMENT
    version = "v3"
    kind = "RoleTemplate"
    plural = "roletemplates"
    scope = "Cluster"
    short_names = ("rtpl",)
    categories = (ACCESS,)
    longest_name = 253
    columns = (
        Column("Display", ".displayName", "Name for people."),
        Column("Context", ".context", "Where it can be given: in a cluster or in a project."),
        Column("Locked", ".locked", "Whether no new binding may name it.", "boolean"),
        READY,
        AGE,
        Column("Builtin", ".builtin", "Whether it came with Drover.", "boolean", wide=True),
        Column("External", ".external", "Whether a ClusterRole of the same name has the rules.", "boolean", wide=True),
        Column("Status", ".status.summary", "The conditions in a word.", wide=True),
        MESSAGE,
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            f"!{given('externalRules')} || (has(self.external) && self.external)",
            "belong to external roles; set external: true, or put them into rules",
            lambda role: role.external or not role.external_rules,
            field=".externalRules",
        ),
        _needs("cluster_creator_default", "cluster"),
        _needs("project_creator_default", "project"),
        _needs("administrative", "cluster"),
        Rule(
            "!has(self.roleTemplateNames) || !(self.metadata.name in self.roleTemplateNames)",
            "names the role itself; remove that name",
            lambda role: not role.metadata.name or role.metadata.name not in role.role_template_names,
            field=".roleTemplateNames",
        ),
    )

    display_name: Line = ""
    """Name for people. Default: the object's name."""
    description: Annotated[str, Field(max_length=4096)] = ""
    """What the role is for."""
    context: Literal["project", "cluster", ""] = ""
    """Where it can be given: `cluster` or `project`. Empty: nowhere, other roles inherit it."""
    policy_rules: Annotated[PolicyRules, Field(alias="rules")] = ()
    """What it allows."""
    role_template_names: RoleNames = ()
    """RoleTemplates whose rules it has too, and those of the ones that they name."""
    external: bool = False
    """Whether its rules are those of the ClusterRole of the same name in each cluster, which others make."""
    external_rules: PolicyRules = ()
    """What an external role is taken to allow where its ClusterRole cannot be read. Has no effect on what it allows."""
    hidden: bool = False
    """Whether user interfaces leave it out."""
    locked: bool = False
    """Whether no new binding may name it; those that exist stay in force."""
    cluster_creator_default: bool = False
    """Whether who creates a Cluster gets it there. Needs the context `cluster`."""
    project_creator_default: bool = False
    """Whether who creates a Project gets it there. Needs the context `project`."""
    administrative: bool = False
    """Deprecated: has no effect. Leave it out."""
    builtin: bool = False
    """Whether it came with Drover. Nobody else makes, changes or deletes such roles."""
    status: RoleStatus | None = None
    """What the role amounts to. Written by Drover."""
