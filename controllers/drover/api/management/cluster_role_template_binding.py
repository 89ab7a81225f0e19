"""ClusterRoleTemplateBinding: gives a user or group a RoleTemplate in one cluster."""

from __future__ import annotations

from typing import Annotated, ClassVar

from drover.api.keys import MANAGEMENT
from drover.api.management.binding import (
    ANY_GROUP,
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
from drover.api.rule import Rule, immutable
from drover.api.scalars import DnsLabel


class ClusterRoleTemplateBinding(Resource):
    """Gives a user or group a RoleTemplate in one cluster. Lives in the cluster's namespace."""

    group = MANAGEMENT
    version = "v3"
    kind = "ClusterRoleTemplateBinding"
    plural = "clusterroletemplatebindings"
    short_names = ("crtb",)
    categories = (CATTLE, ACCESS)
    longest_name = 253
    columns = (
        Column("Role", ".roleTemplateName", "The RoleTemplate that it gives."),
        USER,
        ANY_GROUP,
        READY,
        AGE,
        PRINCIPAL,
        SUMMARY,
        MESSAGE,
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        one_subject("group_principal_name", "group_name"),
        kept("user_name", "user_principal_name"),
        kept("group_principal_name", "group_name"),
    )

    cluster_name: Annotated[
        DnsLabel, immutable("a binding stays in its cluster; make one in the other cluster instead")
    ]
    """The management Cluster, which is also the binding's namespace. Immutable."""
    role_template_name: RoleName
    """The RoleTemplate that it gives, one with the context `cluster`. Immutable."""
    user_name: SubjectName = ""
    """The name of a User, or `system:serviceaccount:<namespace>:<name>`. Cannot be changed once it is set."""
    user_principal_name: PrincipalName = ""
    """The identity of a user, such as `github_user://123`, also of one without a User. Cannot be changed once it is
    set."""
    group_name: SubjectName = ""
    """A group as the member's API server knows it. Cannot be changed once it is set."""
    group_principal_name: SubjectName = ""
    """A group of an identity provider, such as `github_team://123`. Cannot be changed once it is set."""
    status: BindingStatus | None = None
    """Whether the rights are in force. Written by Drover."""
