"""Who refers to an object, in its status: what protects it from being deleted."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from drover.api.conditions import Status
from drover.api.resource import Column
from drover.api.scalars import NonNegative


class UsedStatus(Status):
    """The status of what others refer to."""

    users: NonNegative = 0
    """How many objects refer to it. While there are any, a deletion waits."""
    used_by: Annotated[tuple[Annotated[str, Field(max_length=400)], ...], Field(max_length=20)] = ()
    """The first 20 of them, as `<Kind>.<group>/<namespace>/<name>`."""


USERS = Column("Users", ".status.users", "Number of objects that refer to it.", "integer")
