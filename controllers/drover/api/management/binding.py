"""What the three kinds of bindings share: whom they name, and what is known of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from drover.api.conditions import Conditions, Status
from drover.api.resource import Column, camel
from drover.api.rule import Rule, immutable
from drover.api.scalars import Int64

_ANOTHER: Final = "make another binding instead"
_USER: Final = ("user_name", "user_principal_name")

SET_ONCE: Final = Rule(
    "oldSelf == '' || self == oldSelf",
    f"whom a binding names stays once it is set; {_ANOTHER}",
    reason="FieldValueForbidden",
)
"""A subject that does not change."""
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_IDENTITY: Final = re.compile(r"[A-Za-z0-9_.-]+://.")

_Principal = Annotated[
    str,
    Field(max_length=1024),
    Rule(
        r"!self.matches('[\\x00-\\x1f\\x7f\\x{200b}-\\x{200f}\\x{202a}-\\x{202e}\\x{2060}-\\x{2069}\\x{feff}]')",
        "must have no control characters and none that nobody sees, by which one name looks like another; remove them",
        lambda text: _UNSEEN.search(text) is None,
    ),
]

SubjectName = Annotated[_Principal, SET_ONCE]
"""A user or group, set once."""

PrincipalName = Annotated[
    _Principal,
    Rule(
        "self == '' || self.matches('^[A-Za-z0-9_.-]+://.')",
        "must be an identity such as github_user://123; use userName for the name of a User",
        lambda text: text == "" or _IDENTITY.match(text) is not None,
    ),
    SET_ONCE,
]
"""The identity of a user at a provider, set once."""

RoleName = Annotated[
    str, Field(min_length=1, max_length=253), immutable(f"the role of a binding stays; {_ANOTHER}, and delete this one")
]
"""The role that a binding gives."""


def one_subject(*others: str) -> Rule:
    """A binding names a user, or sets one of the `others` (names of fields of the model).

    userName and userPrincipalName may stand together: clients of Rancher's API write both.
    """
    named = " || ".join(map(_set, _USER))
    chosen = " + ".join(f"({each} ? 1 : 0)" for each in (named, *map(_set, others)))
    fields = ", ".join(map(camel, others))
    return Rule(
        f"{chosen} == 1",
        f"must name one subject; set userName or userPrincipalName, or else one of {fields}",
        lambda binding: any(_values(binding, _USER)) + sum(_values(binding, others)) == 1,
        field=".userName",
    )


def _set(name: str) -> str:
    """CEL: whether a field is there and not empty."""
    return f"(has(self.{camel(name)}) && self.{camel(name)} != '')"


def _values(binding: Any, names: Sequence[str]) -> list[bool]:
    return [bool(getattr(binding, name)) for name in names]


def kept(*names: str) -> Rule:
    """Fields that are not removed once they are set."""
    fields = [camel(name) for name in names]
    return Rule(
        " && ".join(f"(!has(oldSelf.{field}) || oldSelf.{field} == '' || has(self.{field}))" for field in fields),
        f"whom a binding names stays once it is set; {_ANOTHER}",
        field=f".{fields[0]}",
        reason="FieldValueForbidden",
    )


class BindingStatus(Status):
    """Whether the rights that the binding gives are in force."""

    user_name: Annotated[str, Field(max_length=1024)] = ""
    """The User whom the rights are for, found by userName or userPrincipalName."""
    observed_generation_local: Annotated[Int64, Field(ge=0)] = 0
    """The metadata.generation that was last acted on in the hub."""
    observed_generation_remote: Annotated[Int64, Field(ge=0)] = 0
    """The metadata.generation that was last acted on in the member clusters."""
    last_update_time: Annotated[str, Field(max_length=64)] = ""
    """When an older server last wrote the status; not maintained."""
    summary: Annotated[str, Field(max_length=64)] = ""
    """The conditions in a word: `Completed`, `InProgress`, `Error` or `Terminating`."""
    summary_local: Annotated[str, Field(max_length=64)] = ""
    """The same for the hub."""
    summary_remote: Annotated[str, Field(max_length=64)] = ""
    """The same for the member clusters."""
    local_conditions: Conditions = ()
    """Findings about the hub, with the types that clients of Rancher's API know."""
    remote_conditions: Conditions = ()
    """Findings about the member clusters, with the types that clients of Rancher's API know."""


# A column shows the first value that its path finds. `..` begins with the object itself: a list of names has to follow
# something, and these fields stand at the root.
USER: Final = Column("User", "..['userName','userPrincipalName']", "The user whom it names.")
USER_OR_ACCOUNT: Final = Column(
    "User", "..['userName','userPrincipalName','serviceAccount']", "The user or ServiceAccount whom it names."
)
ANY_GROUP: Final = Column("Group", "..['groupName','groupPrincipalName']", "The group that it names.")
GROUP: Final = Column("Group", ".groupPrincipalName", "The group that it names.")
PRINCIPAL: Final = Column("Principal", ".userPrincipalName", "The identity of a user whom it names.", wide=True)
SUMMARY: Final = Column("Status", ".status.summary", "The conditions in a word.", wide=True)
