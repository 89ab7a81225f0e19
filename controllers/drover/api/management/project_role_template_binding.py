"""ProjectRoleTemplateBinding: gives a user, group or ServiceAccount a RoleTemplate in one project."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Final

from pydantic import Field

from drover.api.keys import MANAGEMENT
from drover.api.management.binding import (
    ANY_GROUP,
    PRINCIPAL,
    SET_ONCE,
    SUMMARY,
    USER_OR_ACCOUNT,
    BindingStatus,
    PrincipalName,
    RoleName,
    SubjectName,
    kept,
    one_subject,
)
from drover.api.resource import ACCESS, AGE, CATTLE, MESSAGE, READY, Column, Resource
from drover.api.rule import Rule, immutable

_LABEL: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_PROJECT: Final = f"^{_LABEL}:{_LABEL}$"
_ACCOUNT: Final = f"^({_LABEL}:[a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$"

ProjectName = Annotated[
    str,
    Field(max_length=127),
    Rule(
        f"self.matches('{_PROJECT}')",
        "is not like c-abcde:p-fghij; write <cluster>:<project>, the names of both objects",
        lambda text: re.fullmatch(_PROJECT, text) is not None,
    ),
    immutable("a binding stays in its project; make one in the other project instead"),
]

ServiceAccountName = Annotated[
    str,
    Field(max_length=317),
    Rule(
        f"self.matches('{_ACCOUNT}')",
        "is not like ci:builder; write <namespace>:<name>",
        lambda text: re.fullmatch(_ACCOUNT, text) is not None,
    ),
    SET_ONCE,
]


class ProjectRoleTemplateBinding(Resource):
    """Gives a user, group or ServiceAccount a RoleTemplate in one project. Lives in the project's backing namespace."""

    group = MANAGEMENT
    version = "v3"
    kind = "ProjectRoleTemplateBinding"
    plural = "projectroletemplatebindings"
    short_names = ("prtb",)
    categories = (CATTLE, ACCESS)
    longest_name = 253
    columns = (
        Column("Role", ".roleTemplateName", "The RoleTemplate that it gives."),
        USER_OR_ACCOUNT,
        ANY_GROUP,
        READY,
        AGE,
        Column("Project", ".projectName", "The project, after its cluster.", wide=True),
        PRINCIPAL,
        SUMMARY,
        MESSAGE,
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        one_subject("group_principal_name", "group_name", "service_account"),
        kept("user_name", "user_principal_name"),
        kept("group_principal_name", "group_name"),
        kept("service_account"),
    )

    project_name: ProjectName
    """The project, as `<cluster>:<project>`. Immutable."""
    role_template_name: RoleName
    """The RoleTemplate that it gives, one with the context `project`. Immutable."""
    user_name: SubjectName = ""
    """The name of a User, or `system:serviceaccount:<namespace>:<name>`. Cannot be changed once it is set."""
    user_principal_name: PrincipalName = ""
    """The identity of a user, such as `github_user://123`, also of one without a User. Cannot be changed once it is
    set."""
    group_name: SubjectName = ""
    """A group as the member's API server knows it. Cannot be changed once it is set."""
    group_principal_name: SubjectName = ""
    """A group of an identity provider, such as `github_team://123`. Cannot be changed once it is set."""
    service_account: ServiceAccountName = ""
    """A ServiceAccount of the member, as `<namespace>:<name>`. Cannot be changed once it is set."""
    status: BindingStatus | None = None
    """Whether the rights are in force. Written by Drover."""
