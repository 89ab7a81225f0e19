"""One reconcile, always the same steps: gather, decide, apply, report."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from drover.kinds.connect import attach
from drover.kinds.contents import count
from drover.kinds.hub import Hub
from drover.kinds.kind import Kind, coarse
from drover.kinds.notices import Recorder
from drover.kinds.plan import (
    Absent,
    Action,
    Apply,
    Attach,
    Confirm,
    Count,
    Create,
    Delete,
    Detach,
    LookAtSecret,
    Merge,
    Mirror,
    Plan,
    SetFinalizers,
)
from drover.kinds.secret_keys import look
from drover.kube import metrics
from drover.kube.cache import Change, same
from drover.kube.errors import AlreadyExists, BadRequest, Conflict, Forbidden, Invalid, NotFound
from drover.kube.gvr import GVR, Key, Object, identity, key_of
from drover.kube.queue import HIGH
from drover.rules.conditions import worth_showing
from drover.rules.findings import Finding, Terminal, Transient, Waiting
from drover.rules.objects import finalizers

log = logging.getLogger(__name__)

W = TypeVar("W")

_ROUNDS = 12
_MEMBER_SECONDS = 0.5
_PATIENCE_SECONDS = 5.0
_COALESCE_SECONDS = 1.0


class Again(Exception):
    """The reconcile came to no end; `seconds` until the next try, None for the growing pause of failures."""

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class Reconciler(Generic[W]):
    """Reconciles objects of one kind. `on_write` is told of what an own write has changed."""

    def __init__(self, kind: Kind[W], hub: Hub, recorder: Recorder, on_write: Callable[[GVR, Change], None]) -> None:
        self.kind = kind
        self._on_write = on_write
        self._hub = hub
        self._recorder = recorder
        self._reported: dict[Key, float] = {}
        self._asked: dict[Key, float] = {}  # since when a member has owed an answer
        self._mirrored: dict[Key, Mirror] = {}  # what was not taken

    async def reconcile(self, key: Key, priority: int = HIGH) -> Finding | None:
        """Brings one object further; the finding that stands in the way. Raises `Again` where another pass is
        needed. Its member works for it with the same priority."""
        finding: Finding | None = None
        for _ in range(_ROUNDS):
            world, obj = self.kind.gather(key), self._hub.caches[self.kind.gvr].get(key)
            if world is None or obj is None:
                self._reported.pop(key, None)
                self._asked.pop(key, None)
                self._mirrored.pop(key, None)
                if (seed := self.kind.seeds().get(key)) is None:
                    return None
                finding = await self._do(seed, Plan(actions=(Create(self.kind.gvr, seed),)))
                if finding is None:
                    continue
                break
            plan = self.kind.decide(world)
            failure = await self._do(obj, plan)
            finding = failure or plan.finding
            if plan.actions and failure is None:
                if _ends(plan, obj) and not finalizers(obj):
                    return None  # an event tells when it is gone
                continue
            news = await self._tell_member(plan, priority)
            if failure is None and (news or await self._mirror(key, obj, plan.mirror)):
                continue
            self._wait_for_member(key, plan, finding)
            written = worth_showing(finding) and await self._report(key, world, finding, exactly=plan.records)
            if not (written and (plan.records or self._changed_since(obj))):
                break
        else:
            raise Again("the object keeps changing under the reconcile", 1.0)
        return _settled(finding)

    def _wait_for_member(self, key: Key, plan: Plan, finding: Finding | None) -> None:
        """A member that is at work will soon be done: a status that says so would be one write for nothing."""
        if not (isinstance(finding, Waiting) and self._at_work(plan)):
            self._asked.pop(key, None)
            return
        now = time.monotonic()
        left = self._asked.setdefault(key, now) + _PATIENCE_SECONDS - now
        if left > 0:
            raise Again("its member is at work", left)

    def _at_work(self, plan: Plan) -> bool:
        """Whether a member that answers has not dealt with the part yet, or the plan says that it is so."""
        if plan.at_work:
            return True
        member = self._hub.fleet.get(plan.cluster)
        if plan.part is None or member is None or not member.state.connected:
            return False
        return member.part_state(plan.part.key) is None

    async def _tell_member(self, plan: Plan, priority: int) -> bool:
        """Passes the object's part to its member; whether that was news, so that the world has changed."""
        if plan.part is None:
            return False
        member = self._hub.fleet.get(plan.cluster)
        if member is None or not member.want(plan.part, priority):
            return False
        await member.settled(plan.part.key, _MEMBER_SECONDS)
        return member.part_state(plan.part.key) is not None

    # --- Apply ------------------------------------------------------------------------------------------------------
    async def _do(self, obj: Object, plan: Plan) -> Finding | None:
        for action in plan.actions:
            try:
                await self._act(obj, action)
            except (AlreadyExists, Conflict, NotFound) as error:
                return Transient(f"what was read is out of date: {error}")
            except Forbidden as error:
                return Waiting("Forbidden", error.message[:400], 30.0)
            except (Invalid, BadRequest) as error:
                return Terminal("Rejected", error.message[:400])
        for notice in plan.notices:
            await self._recorder.record(self.kind.gvr, obj, notice)
        return None

    async def _act(self, obj: Object, action: Action) -> None:
        client, manager = self._hub.client, self.kind.manager
        match action:
            case Create(gvr, wanted):
                self._observe(gvr, await client.create(gvr, wanted, manager=manager))
                metrics.WRITES.labels(gvr.kind, "create").inc()
            case Apply(gvr, wanted):
                self._observe(gvr, await client.apply(gvr, wanted, manager=manager))
                metrics.WRITES.labels(gvr.kind, "change").inc()
            case Delete(gvr, name, namespace, uid):
                self._observe(gvr, await client.delete(gvr, name, namespace, uid=uid))
                metrics.WRITES.labels(gvr.kind, "delete").inc()
            case Absent(gvr, name):
                await self._confirm(gvr, name)
            case SetFinalizers(finalizers):
                await self._merge(obj, {"metadata": {"finalizers": list(finalizers)}}, "finalizer")
            case Merge(fields):
                await self._merge(obj, fields, "change")
            case _:
                await self._prepare(action)

    async def _prepare(self, action: Attach | Detach | LookAtSecret | Count | Confirm) -> None:
        """What brings no object further by itself: the next look at the world shows more."""
        match action:
            case Attach():
                attach(self._hub, action)
            case Detach(cluster):
                await self._hub.fleet.detach(cluster)
            case LookAtSecret(namespace, name):
                await look(self._hub, namespace, name)
            case Count():
                await count(self._hub, action)
            case Confirm(uid, gvr, name):
                self._observe(gvr, await self._hub.client.get(gvr, name))
                self._hub.confirmed.add(uid)

    async def _merge(self, obj: Object, fields: Object, why: str) -> None:
        patch = {**fields, "metadata": {**identity(obj), **fields.get("metadata", {})}}
        self._observe(self.kind.gvr, await self._hub.client.merge(self.kind.gvr, patch, manager=self.kind.manager))
        metrics.WRITES.labels(self.kind.gvr.kind, why).inc()

    async def _confirm(self, gvr: GVR, name: str) -> None:
        """Raises where an object exists after all, or where the kind is not served."""
        try:
            found = await self._hub.client.get(gvr, name)
        except NotFound as error:
            if error.details.get("name") == name:
                return
            raise
        self._observe(gvr, found)
        raise Conflict(409, "Conflict", f"{gvr.kind} {name} exists")

    async def _mirror(self, key: Key, obj: Object, mirror: Mirror | None) -> bool:
        """Writes what is for readers alone; whether it was taken."""
        if mirror is None or self._mirrored.get(key) == mirror:
            return False
        try:
            answer = await self._hub.client.apply(mirror.gvr, mirror.obj, manager=mirror.manager, force=False)
        except (Conflict, Invalid, BadRequest, Forbidden) as error:
            log.info("not mirrored: %s", error.message[:300])
            self._mirrored[key] = mirror
            return False
        if answer["metadata"]["resourceVersion"] == obj["metadata"]["resourceVersion"]:
            self._mirrored[key] = mirror  # somebody else holds what we would take out
            return False
        metrics.WRITES.labels(mirror.gvr.kind, "change").inc()
        self._observe(mirror.gvr, answer)
        return True

    def _observe(self, gvr: GVR, answer: Object) -> None:
        """Own writes are in the cache at once: the next round builds on them, and others hear of them."""
        change = self._hub.observe(gvr, answer)
        if change is not None:
            self._on_write(gvr, change)

    # --- Report -----------------------------------------------------------------------------------------------------
    async def _report(self, key: Key, world: W, finding: Finding | None, *, exactly: bool) -> bool:
        """Writes the status where it is another, on `exactly` the object that was read; whether it was written."""
        wanted = self.kind.report(world, finding)
        obj = self._hub.caches[self.kind.gvr].get(key)
        if wanted is None or obj is None:
            return False
        live = obj.get("status") or {}
        if all(live.get(name) == value for name, value in wanted.items()):
            metrics.SUPPRESSED.labels(self.kind.gvr.kind).inc()
            return False
        now = time.monotonic()
        since = now - self._reported.get(key, 0.0)
        if since < _COALESCE_SECONDS and _same(coarse(live), coarse(wanted)):
            raise Again("counters are written once a second", _COALESCE_SECONDS - since)
        patch = {
            "apiVersion": self.kind.gvr.api_version,
            "kind": self.kind.gvr.kind,
            "metadata": identity(obj, exactly=exactly),
            "status": {name: value for name, value in wanted.items() if value is not None},
        }
        try:
            answer = await self._hub.client.apply(self.kind.gvr, patch, manager=self.kind.manager, subresource="status")
        except NotFound:
            return False  # it is gone
        except Conflict as error:
            raise Again(f"the status was not taken: {error}") from error  # written meanwhile, or another has its name
        except (Invalid, BadRequest) as error:
            raise Again(f"the status is refused: {error}", 60.0) from error
        metrics.WRITES.labels(self.kind.gvr.kind, "status").inc()
        self._reported[key] = now
        self._observe(self.kind.gvr, answer)
        await self._recorder.record_transitions(self.kind.gvr, obj, live, wanted)
        return True

    def _changed_since(self, obj: Object) -> bool:
        """Whether the answer to a write of the status showed more than that: a change of somebody else, which came
        just before it. No other news of it comes."""
        now = self._hub.caches[self.kind.gvr].get(key_of(obj))
        return now is not None and not same({**obj, "status": None}, {**now, "status": None})


def _settled(finding: Finding | None) -> Finding | None:
    """What stands in the way for good, or until an event; raises `Again` for what has to be looked at again."""
    if isinstance(finding, Transient):
        raise Again(finding.message)
    if isinstance(finding, Waiting) and finding.seconds:
        raise Again("waiting", finding.seconds)
    return finding


def _ends(plan: Plan, obj: Object) -> bool:
    """Whether the object itself was deleted."""
    return any(isinstance(action, Delete) and action.uid == obj["metadata"]["uid"] for action in plan.actions)


def _same(live: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(live.get(name) == value for name, value in wanted.items())
