"""User: someone whom bindings name."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from drover.api.conditions import Status
from drover.api.keys import LOCAL_PASSWORDS, MANAGEMENT
from drover.api.resource import ACCESS, AGE, CATTLE, MESSAGE, READY, Column, Resource, condition_status
from drover.api.rule import Rule
from drover.api.scalars import Line

_PASSWORD: Final = (
    "everybody who can read this User would read it; remove the field, and put the password into a Secret of the same"
    f" name in namespace {LOCAL_PASSWORDS}, under the key password"
)
_USERNAME: Final = "the name for the login stays once it is set; set it back, or make another User"


class UserStatus(Status):
    """What is known of the user."""


class User(Resource):
    """Someone whom bindings name. It holds no password; that is in a Secret of its own."""

    group = MANAGEMENT
    version = "v3"
    kind = "User"
    plural = "users"
    scope = "Cluster"
    short_names = ("musr",)
    categories = (CATTLE, ACCESS)
    longest_name = 253
    columns = (
        Column("Username", ".username", "Name for the login."),
        Column("Display", ".displayName", "Name for people."),
        Column("Enabled", ".enabled", "Whether the user has any rights; empty for yes.", "boolean"),
        READY,
        AGE,
        Column("Roles-Given", condition_status("InitialRolesPopulated"), "Whether it has its first roles.", wide=True),
        MESSAGE,
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(oldSelf.username) || oldSelf.username == '' || has(self.username)",
            _USERNAME,
            field=".username",
            reason="FieldValueForbidden",
        ),
    )

    display_name: Line = ""
    """Name for people."""
    description: Annotated[str, Field(max_length=4096)] = ""
    """Who it is."""
    username: Annotated[
        Line,
        Rule("oldSelf == '' || self == oldSelf", _USERNAME, reason="FieldValueForbidden"),
    ] = ""
    """Name for the login with a password; no other User may have it. Cannot be changed once it is set."""
    password: Annotated[
        str,
        Field(max_length=1024),
        Rule("self == ''", _PASSWORD, lambda text: text == "", reason="FieldValueForbidden"),
    ] = ""
    """Not supported: use a Secret of the same name in the namespace `cattle-local-user-passwords`."""
    must_change_password: bool = False
    """Whether the user has to choose another password at the next login."""
    principal_ids: Annotated[tuple[Annotated[str, Field(max_length=1024)], ...], Field(max_length=64)] = ()
    """Identities of the user, such as `github_user://123`. Who logs in as one of them is this user."""
    me: bool = False
    """Deprecated: has no effect. Leave it out."""
    enabled: bool | None = None
    """Whether the user has any rights. Default: true. False takes them all away."""
    status: UserStatus | None = None
    """What is known of the user. Written by Drover."""
