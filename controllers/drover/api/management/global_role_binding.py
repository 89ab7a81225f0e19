"""GlobalRoleBinding: gives a user or group a GlobalRole."""

from __future__ import annotations

from typing import ClassVar

from drover.api.keys import MANAGEMENT
from drover.api.management.binding import (
    GROUP,
    PRINCIPAL,
    SUMMARY,
    USER,
    BindingStatus,
    PrincipalName,
    RoleName,
    SubjectName,
    kept,
    one_subject,
)
from drover.api.resource import ACCESS, AGE, CATTLE, MESSAGE, READY, Column, Resource
from drover.api.rule import Rule


class GlobalRoleBinding(Resource):
    """Gives a user or group a GlobalRole: in the hub, and in every member what the role gives there."""

    group = MANAGEMENT
    version = "v3"
    kind = "GlobalRoleBinding"
    plural = "globalrolebindings"
    scope = "Cluster"
    short_names = ("grb",)
    categories = (CATTLE, ACCESS)
    longest_name = 253
    columns = (
        Column("Role", ".globalRoleName", "The GlobalRole that it gives."),
        USER,
        GROUP,
        READY,
        AGE,
        PRINCIPAL,
        SUMMARY,
        MESSAGE,
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        one_subject("group_principal_name"),
        kept("user_name", "user_principal_name"),
        kept("group_principal_name"),
    )

    global_role_name: RoleName
    """The GlobalRole that it gives. Immutable."""
    user_name: SubjectName = ""
    """The name of a User. Cannot be changed once it is set."""
    user_principal_name: PrincipalName = ""
    """The identity of a user, such as `github_user://123`, also of one without a User. Cannot be changed once it is
    set."""
    group_principal_name: SubjectName = ""
    """A group, such as `github_team://123` or `system:authenticated`, as tokens name it. Cannot be changed once it is
    set."""
    status: BindingStatus | None = None
    """Whether the rights are in force. Written by Drover."""
