"""What the decision about a role depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drover.kube.gvr import GVR, Object


@dataclass(frozen=True, slots=True)
class World:
    """`shipped` is the role of that name that came with Drover, None for another; `own` are the fields of those that
    people may change. `missing` are RoleTemplates that it builds on and that are not there, `coming`: all of those come
    with Drover, and are about to be made. `misplaced` are those that are for something else, `cycle` the names of roles
    that inherit each other, `reserved` external ones that are not used, for their names. `empty`: it allows nothing."""

    gvr: GVR
    role: Object
    shipped: Object | None
    own: frozenset[str]
    missing: tuple[str, ...]
    coming: bool
    misplaced: tuple[str, ...]
    cycle: tuple[str, ...]
    reserved: tuple[str, ...]
    empty: bool
    invalid: str
    now: datetime
