"""UserAttribute: what identity providers last said of a user. Its groups count when another changes the User."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from drover.api.keys import MANAGEMENT
from drover.api.resource import ACCESS, AGE, CATTLE, Column, Model, Resource
from drover.api.rule import Rule
from drover.api.scalars import FreeMap

_DURATION: Final = "^(0|([0-9]+([.][0-9]+)?(ms|s|m|h))*)$"
_INSTANT: Final = "^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2}))?$"

Duration = Annotated[
    str,
    Field(max_length=64),
    Rule(
        f"self.matches('{_DURATION}')",
        "is not a duration of zero or more; try 720h, or 0s for never",
        lambda text: re.fullmatch(_DURATION, text) is not None,
    ),
]
Instant = Annotated[
    str,
    Field(max_length=64),
    Rule(
        f"self.matches('{_INSTANT}')",
        "is not an instant; write it like 2026-01-31T08:00:00Z",
        lambda text: re.fullmatch(_INSTANT, text) is not None,
    ),
]


def _tuples(value: Any) -> Any:
    """Lists of JSON inside maps; `Model` makes tuples of those in fields only."""
    if isinstance(value, Mapping):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(value) if isinstance(value, list) else value


_Word = Annotated[str, Field(max_length=1024)]
_Values = dict[str, Annotated[tuple[_Word, ...], Field(max_length=64)]]


class Principal(Model):
    """An identity at a provider."""

    metadata: FreeMap = {}
    """Its `name` is the identity, such as `github_team://123`."""
    display_name: _Word = ""
    """Name for people."""
    login_name: _Word = ""
    """Name for the login at the provider."""
    profile_picture: _Word = ""
    """URL of a picture."""
    profile_url: Annotated[_Word, Field(alias="profileURL")] = ""
    """URL of a page."""
    principal_type: _Word = ""
    """Either `user` or `group`."""
    me: bool = False
    """Kept and not used."""
    member_of: bool = False
    """Kept and not used."""
    provider: _Word = ""
    """The provider that said so."""
    extra_info: dict[str, _Word] = {}
    """What the provider said besides."""


class Principals(Model):
    """Identities."""

    items: Annotated[tuple[Principal, ...], Field(alias="Items", max_length=2048)] = ()
    """The identities."""


class UserAttribute(Resource):
    """What identity providers last said of a User, under its name. Drover keeps it. The groups count where somebody
    else changes the User: whoever does needs their rights."""

    group = MANAGEMENT
    version = "v3"
    kind = "UserAttribute"
    plural = "userattributes"
    scope = "Cluster"
    short_names = ("muattr",)
    categories = (CATTLE, ACCESS)
    longest_name = 253
    columns = (Column("Last-Login", ".lastLogin", "When the user last logged in."), AGE)

    user_name: Annotated[str, Field(alias="UserName", max_length=253)] = ""
    """The User, which has the same name."""
    group_principals: Annotated[dict[str, Principals], Field(alias="GroupPrincipals", max_length=64)] = {}
    """Groups of the user, by provider."""
    extra_by_provider: Annotated[
        dict[str, _Values], Field(alias="ExtraByProvider", max_length=64), BeforeValidator(_tuples)
    ] = {}
    """Further names of the user, by provider, then by kind of name."""
    last_refresh: Annotated[Instant, Field(alias="LastRefresh")] = ""
    """When providers were last asked."""
    needs_refresh: Annotated[bool, Field(alias="NeedsRefresh")] = False
    """Whether providers are to be asked again."""
    last_login: Instant = ""
    """When the user last logged in."""
    disable_after: Duration = ""
    """How long the user may be away before it is disabled, such as `720h`; `0s` for any time."""
    delete_after: Duration = ""
    """How long the user may be away before it is deleted, such as `2160h`; `0s` for any time."""
