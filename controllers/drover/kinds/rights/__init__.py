"""The rights in all clusters: what changes in the hub is compiled, unit by unit, and told to the members."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from drover.api.keys import MANAGEMENT
from drover.kinds.resources import CLUSTERS, PROJECTS, ROLE_TEMPLATES
from drover.kinds.rights.concerned import concerned
from drover.kinds.rights.state import UnitState
from drover.kube.cache import Change
from drover.kube.gvr import CLUSTER_ROLES, GVR, ROLES, Key, Object, key_of
from drover.kube.queue import HIGH, LOW, Queue
from drover.members.desired import Part, Problem
from drover.members.fleet import Fleet
from drover.members.member import Member
from drover.rules.objects import deleting
from drover.rules.rbac.compiling import all_units, compile_unit
from drover.rules.rbac.snapshot import Snapshot
from drover.rules.rbac.touched import touched
from drover.rules.rbac.units import Compiled, Unit

log = logging.getLogger(__name__)

MANAGER: Final = "drover-rights"

_LATER_SECONDS: Final = 0.02
"""By how much the most urgent units that a change touches go before its others, which many changes at once share."""
_SHARED_SECONDS: Final = 0.25
"""Between two compilations of one of those others because of something new. What may take rights away does not wait."""

_ROLES: Final = (ROLES.kind, CLUSTER_ROLES.kind)
_FIRST: Final = ("project", "global", "role", "cluster-members", "project-members", "project-managers", "management")

Waiter = tuple[GVR, Key]
"""An object that waits for what is told of a unit."""


class Rights:
    """Roles and bindings, compiled. `facts` are what the caches of the hub hold; `wake` is given what is to be looked
    at because something has happened to its rights. Only the leader compiles. Roles that nobody has any more stay for
    `linger` seconds, but not in a cluster that is being deleted: soon nobody could take them away."""

    def __init__(self, fleet: Fleet, *, linger: float = 60.0) -> None:
        self.facts = Snapshot()
        self.wake: Callable[[GVR, Key, int], None] = lambda _gvr, _key, _priority: None
        self._fleet = fleet
        self._linger_seconds = linger
        self._leading = False
        self._queue: Queue[Unit] = Queue("rights")
        self._pending: set[Unit] = set()  # what is not compiled as things are now
        self._parts: dict[str, dict[Unit, Part]] = {}  # by cluster
        self._units: dict[tuple[str, str], Unit] = {}  # by cluster and key of the part
        self._waiting: dict[Unit, set[Waiter]] = {}
        self._told: dict[Unit, tuple[bool | None, Problem | None]] = {}
        self._compiled: dict[Unit, float] = {}  # when
        self._lingers: dict[Unit, float] = {}  # until when roles that nobody has stay

    # --- In ---------------------------------------------------------------------------------------------------------
    def object_changed(self, gvr: GVR, change: Change) -> None:
        """An object of the hub changed."""
        if gvr.group != MANAGEMENT:
            return  # Clusters of another group are others
        self.facts.change(gvr.kind, change.old, change.new)
        if self._leading:
            found = touched(gvr.kind, change.old, change.new, self.facts) | self._left_of(gvr, change)
            units = sorted(found, key=_urgency)
            for unit in units:
                later = _LATER_SECONDS if _may_take_away(gvr, change) else self._pause(unit)
                self._add(unit, HIGH, after=0.0 if unit.kind == units[0].kind else later)

    def _pause(self, unit: Unit) -> float:
        """In how many seconds a unit is compiled for which something new is not urgent."""
        since = time.monotonic() - self._compiled.get(unit, -_SHARED_SECONDS)
        return max(_LATER_SECONDS, _SHARED_SECONDS - since)

    def _left_of(self, gvr: GVR, change: Change) -> set[Unit]:
        """The units of a RoleTemplate that is gone, or of a Cluster that ends: what nobody has there need not stay."""
        name = change.key.name
        if gvr is ROLE_TEMPLATES and change.new is None:
            return {unit for unit in self._lingers if (unit.kind, unit.name) == ("role", name)}
        if gvr is CLUSTERS and self._ends(name):
            return {unit for unit in self._lingers if unit.cluster == name}
        return set()

    def _ends(self, cluster: str) -> bool:
        """Whether a Cluster is being deleted, or gone."""
        found = self.facts.cluster(cluster)
        return found is None or found.deleting

    def for_each_subject(self, *, wanted: bool) -> None:
        """Whether each subject gets a binding of its own."""
        if wanted != self.facts.each_subject:
            self.facts.each_subject = wanted
            if self._leading:
                self._add_all()

    def part_changed(self, cluster: str, key: str) -> bool:
        """What a member holds for a part, or whether it answers, has changed; False where that is none of a unit."""
        unit = self._units.get((cluster, key))
        if unit is None:
            return False
        if unit not in self._pending:  # who waits would only find that it is compiled anew
            for gvr, waiter in self._waiting.pop(unit, ()):
                self.wake(gvr, waiter, HIGH)
        state = self.state(unit)
        told = (state.connected, state.problem)
        if (state.answered or not state.connected) and self._told.get(unit, (True, None)) != told:
            for gvr, binding in concerned(unit, self.facts):
                self.wake(gvr, binding, LOW)
            self._told[unit] = told
        return True

    def tell(self, member: Member) -> None:
        """Gives a member all of its parts, once they are compiled."""
        cluster = member.cluster
        if member.rights_complete or not self._leading or any(unit.cluster == cluster for unit in self._pending):
            return
        for part in self._parts.get(cluster, {}).values():
            member.want(part, LOW)
        member.know_all_rights()

    # --- Out --------------------------------------------------------------------------------------------------------
    def state(self, unit: Unit, waiter: Waiter | None = None) -> UnitState:
        """How a unit stands; where that is not known yet, `waiter` is woken when it is."""
        member = self._fleet.get(unit.cluster)
        connected = member.state.connected if member is not None else None
        part = self._parts.get(unit.cluster, {}).get(unit)
        seen = member.part_state(part.key) if member is not None and part is not None else None
        answered = self._leading and unit not in self._pending and (part is None or seen is not None)
        if waiter is not None and not answered:
            self._waiting.setdefault(unit, set()).add(waiter)
        return UnitState(connected, answered, seen.problem if seen is not None else None)

    @property
    def idle(self) -> bool:
        """Whether everything is compiled."""
        return not self._pending

    # --- The loop ---------------------------------------------------------------------------------------------------
    async def lead(self) -> None:
        """Compiles until cancelled. Only the leader does."""
        self._leading = True
        self._add_all()
        for unit in self._waiting.keys() - self._pending:  # asked for before; there is nothing to be compiled of it
            self._add(unit, LOW)
        try:
            while True:
                unit = await self._queue.get()
                try:
                    self._compile(unit, self._queue.priority(unit))
                    self._queue.forget(unit)
                except Exception:
                    log.exception("rights of %s in %s", unit, unit.cluster)
                    self._pending.add(unit)  # until then its member does not know all, and takes nothing away
                    self._queue.retry(unit)
                finally:
                    self._queue.done(unit)
                await asyncio.sleep(0)  # nothing above waits for anything
        finally:
            self._leading = False
            self._queue.clear()
            self._pending.clear()

    def _add_all(self) -> None:
        for unit in {*all_units(self.facts), *(unit for parts in self._parts.values() for unit in parts)}:
            self._add(unit, LOW)

    def _add(self, unit: Unit, priority: int, *, after: float = 0.0) -> None:
        self._pending.add(unit)
        if after:
            self._queue.add_after(unit, after, priority)
        else:
            self._queue.add(unit, priority)

    def _compile(self, unit: Unit, priority: int) -> None:
        self._pending.discard(unit)
        self._compiled[unit] = time.monotonic()
        parts = self._parts.setdefault(unit.cluster, {})
        old, member = parts.get(unit), self._fleet.get(unit.cluster)
        part = self._linger(unit, old, compile_unit(unit, self.facts))
        if part is not None:
            parts[unit] = part
            self._units[unit.cluster, part.key] = unit
            news = member.want(part, priority) if member is not None else True
        else:
            parts.pop(unit, None)
            self._told.pop(unit, None)
            self._compiled.pop(unit, None)
            news = False
        if old is not None and (part is None or part.key != old.key):  # after the new one: that may want the same
            del self._units[unit.cluster, old.key]
            if member is not None:
                member.drop(old.key)
        if not news:
            for gvr, waiter in self._waiting.pop(unit, ()):
                self.wake(gvr, waiter, priority)
        if not parts:
            del self._parts[unit.cluster]

    def _linger(self, unit: Unit, old: Part | None, compiled: Compiled) -> Part | None:
        """Leaves roles that nobody has any more where they are for a while, and the labels by which they add up those
        of others while their RoleTemplate is there: nobody has them without a binding, and the next one needs them."""
        new = _part(unit, compiled)
        unused = _unused(old, new)
        aggregated = old.aggregated if old is not None and new is None and compiled.owner == old.owner else {}
        if old is None or not (unused or aggregated) or self._ends(unit.cluster):
            self._lingers.pop(unit, None)
            return new
        now = time.monotonic()
        left = self._lingers.setdefault(unit, now + self._linger_seconds) - now
        if left <= 0:
            del self._lingers[unit]
            return new
        self._queue.add_after(unit, left, LOW)  # every time: what has brought the unit here took its timer along
        kept = new if new is not None else Part(old.owner, MANAGER, unit=old.unit)
        return replace(kept, rights=(*unused, *kept.rights), aggregated={**aggregated, **kept.aggregated})


def _may_take_away(gvr: GVR, change: Change) -> bool:
    """Whether a change may take rights away: not an object that is new, nor a Project that gets its namespace."""
    if change.old is None:
        return False
    return gvr is not PROJECTS or change.new is None or deleting(change.new)


def _unused(old: Part | None, new: Part | None) -> tuple[Object, ...]:
    """The roles that a part wanted and does not want any more."""
    if old is None or (new is not None and new.key != old.key):
        return ()
    wanted = {_place(obj) for obj in new.rights} if new is not None else set()
    return tuple(obj for obj in old.rights if obj["kind"] in _ROLES and _place(obj) not in wanted)


def _urgency(unit: Unit) -> tuple[int, Unit]:
    """What people work with before what they see in the hub."""
    return _FIRST.index(unit.kind), unit


def _place(obj: Object) -> tuple[str, Key]:
    return obj["kind"], key_of(obj)


def _part(unit: Unit, compiled: Compiled) -> Part | None:
    """What a unit wants of its member; None for nothing."""
    if compiled.owner is None or not (compiled.objects or compiled.in_namespaces or compiled.external):
        return None
    return Part(
        compiled.owner,
        MANAGER,
        unit=str(unit),
        rights=compiled.objects,
        granted_in=compiled.project,
        grants=compiled.in_namespaces,
        aggregated=compiled.external,
    )
