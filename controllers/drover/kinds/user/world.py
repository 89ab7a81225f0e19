"""What the decision about a User depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drover.kube.gvr import Object


@dataclass(frozen=True, slots=True)
class World:
    """`namesake` is an older User with the same name for the login, empty for none. `first_roles` are the GlobalRoles
    that the User is to have at first and lacks; `unknown` those of them that are not there."""

    user: Object
    namesake: str
    first_roles: tuple[str, ...]
    unknown: tuple[str, ...]
    invalid: str
    now: datetime
