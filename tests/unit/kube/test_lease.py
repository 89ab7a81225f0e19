"""One replica writes, and stops before its Lease can be another's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from drover.kube import lease as leasing
from drover.kube.client import Client
from drover.kube.errors import AlreadyExists, Conflict, NotFound, NotLeading, Unreachable
from drover.kube.gvr import GVR, Object
from drover.kube.lease import Elector, LeaseSettings


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Leases:
    """A kube-apiserver with one Lease."""

    def __init__(self) -> None:
        self.lease: Object | None = None
        self.away = False
        self.version = 0

    async def get(self, _gvr: GVR, _name: str, _namespace: str) -> Object:
        self._answer()
        if self.lease is None:
            raise NotFound(404, "NotFound", "no lease")
        return {**self.lease, "spec": dict(self.lease["spec"])}

    async def create(self, _gvr: GVR, obj: Object, *, manager: str) -> Object:
        self._answer()
        if self.lease is not None:
            raise AlreadyExists(409, "AlreadyExists", "there is one")
        return self._store(obj)

    async def replace(self, _gvr: GVR, obj: Object, *, manager: str) -> Object:
        self._answer()
        if self.lease is None or obj["metadata"]["resourceVersion"] != self.lease["metadata"]["resourceVersion"]:
            raise Conflict(409, "Conflict", "changed")
        return self._store(obj)

    def _answer(self) -> None:
        if self.away:
            raise Unreachable("away")

    def _store(self, obj: Object) -> Object:
        self.version += 1
        self.lease = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.version)}}
        return self.lease


def leads(one: Elector) -> bool:
    """As a call, so that the type checker does not take the answer for a constant."""
    return one.leading


def elector(leases: Leases, clock: Clock, name: str) -> Elector:
    return Elector(cast("Client", cast("Any", leases)), name, LeaseSettings("ns", duration=15, margin=3), clock=clock)


async def test_a_free_lease_is_taken_and_allows_writes_for_a_while() -> None:
    leases, clock = Leases(), Clock()
    one = elector(leases, clock, "one")
    with pytest.raises(NotLeading):
        one.fence()
    await one._try()
    assert leads(one)
    assert one.fence() == 12
    clock.now += 12
    assert not leads(one)
    with pytest.raises(NotLeading):
        one.fence()


async def test_a_held_lease_is_waited_for_by_our_own_clock() -> None:
    leases, clock = Leases(), Clock()
    one, two = elector(leases, clock, "one"), elector(leases, clock, "two")
    await one._try()
    await two._try()
    assert not leads(two)
    clock.now += 14
    await two._try()
    assert not leads(two)
    clock.now += 2
    await two._try()
    assert leads(two)
    assert leases.lease is not None
    assert leases.lease["spec"]["leaseTransitions"] == 1


async def test_a_renewed_lease_is_not_taken() -> None:
    leases, clock = Leases(), Clock()
    one, two = elector(leases, clock, "one"), elector(leases, clock, "two")
    await one._try()
    for _ in range(20):
        clock.now += 2
        await asyncio.sleep(0.002)  # renewTime is told apart by the wall clock
        await one._try()
        await two._try()
    assert leads(one)
    assert not leads(two)


async def test_a_leader_that_cannot_renew_stops_writing_before_its_lease_ends() -> None:
    leases, clock = Leases(), Clock()
    one = elector(leases, clock, "one")
    await one._try()
    leases.away = True
    clock.now += 11.9
    await one._try()
    assert leads(one)
    clock.now += 0.2
    assert not leads(one)


async def test_who_lost_the_lease_does_not_write_again() -> None:
    leases, clock = Leases(), Clock()
    one, two = elector(leases, clock, "one"), elector(leases, clock, "two")
    await one._try()
    await two._try()
    clock.now += 16
    await two._try()
    await one._try()
    assert leads(two)
    assert not leads(one)


async def test_leading_is_cancelled_and_the_lease_given_back_at_the_end() -> None:
    leases, clock = Leases(), Clock()
    one = elector(leases, clock, "one")
    led, ended = asyncio.Event(), asyncio.Event()

    async def lead() -> None:
        led.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(one.run(lead))
    async with asyncio.timeout(30):
        await led.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert ended.is_set()
    assert leases.lease is not None
    assert leases.lease["spec"]["holderIdentity"] == ""


class Leading:
    """What an elector lets do, as it is told."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0
        self.fails = False
        self._told = asyncio.Event()

    async def __call__(self) -> None:
        self.begun += 1
        self._told.set()
        if self.fails:
            raise RuntimeError("as told")
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1
            self._told.set()

    async def until(self, *, begun: int = 0, ended: int = 0) -> None:
        async with asyncio.timeout(60):
            while self.begun < begun or self.ended < ended:
                self._told.clear()
                await self._told.wait()


@contextlib.asynccontextmanager
async def taking_part(leases: Leases, clock: Clock, lead: Leading) -> AsyncIterator[Elector]:
    client = cast("Client", cast("Any", leases))
    settings = LeaseSettings("ns", duration=15, margin=3, retry=0.01)
    one = Elector(client, "one", settings, clock=clock)
    task = asyncio.create_task(one.run(lead))
    try:
        yield one
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_leader_that_cannot_renew_is_stopped_and_leads_again_when_it_can() -> None:
    leases, clock, lead = Leases(), Clock(), Leading()
    async with taking_part(leases, clock, lead):
        await lead.until(begun=1)
        leases.away = True
        clock.now += 13
        await lead.until(ended=1)
        leases.away = False
        await lead.until(begun=2)
    assert lead.ended == 2


async def test_work_that_fails_begins_again() -> None:
    leases, clock, lead = Leases(), Clock(), Leading()
    lead.fails = True
    async with taking_part(leases, clock, lead):
        await lead.until(begun=2)


async def test_a_lease_that_another_has_taken_is_not_given_back() -> None:
    leases, clock, lead = Leases(), Clock(), Leading()
    async with taking_part(leases, clock, lead):
        await lead.until(begun=1)
        assert leases.lease is not None
        leases.away = True
        leases.lease["spec"]["holderIdentity"] = "two"
        leases.away = False
    assert leases.lease["spec"]["holderIdentity"] == "two"


async def test_an_election_that_is_cancelled_while_a_leader_ends_ends_too() -> None:
    leases, clock = Leases(), Clock()
    led, ending, closed = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def lead() -> None:
        led.set()
        try:
            await asyncio.Event().wait()
        finally:
            ending.set()
            await closed.wait()

    settings = LeaseSettings("ns", duration=15, margin=3, retry=0.01)
    one = Elector(cast("Client", cast("Any", leases)), "one", settings, clock=clock)
    task = asyncio.create_task(one.run(lead))
    async with asyncio.timeout(30):
        await led.wait()
        leases.away = True
        clock.now += 13
        await ending.wait()
    task.cancel()
    await asyncio.sleep(0)
    closed.set()
    await asyncio.wait({task}, timeout=5)
    done = task.done()
    task.cancel()
    await asyncio.wait({task})
    assert done


async def test_the_lease_is_given_back_once_all_that_may_write_has_ended() -> None:
    leases, clock, lead = Leases(), Clock(), Leading()
    seen: list[tuple[int, str]] = []

    def holder() -> str:
        assert leases.lease is not None
        return str(leases.lease["spec"]["holderIdentity"])

    async def at_end() -> None:
        await asyncio.sleep(0)
        seen.append((lead.ended, holder()))

    one = elector(leases, clock, "one")
    task = asyncio.create_task(one.run(lead, at_end))
    await lead.until(begun=1)
    assert seen == []
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert seen == [(1, "one")]
    assert holder() == ""


async def test_what_does_not_end_in_time_does_not_keep_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leasing, "_END_SECONDS", 0.05)
    leases, clock, lead = Leases(), Clock(), Leading()

    async def at_end() -> None:
        await asyncio.Event().wait()

    task = asyncio.create_task(elector(leases, clock, "one").run(lead, at_end))
    await lead.until(begun=1)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert leases.lease is not None
    assert leases.lease["spec"]["holderIdentity"] == ""


async def test_who_could_not_renew_in_time_gives_back_what_is_still_recorded() -> None:
    leases, clock = Leases(), Clock()
    one = elector(leases, clock, "one")
    await one._try()
    clock.now += 13
    assert not leads(one)
    await one._release()
    assert leases.lease is not None
    assert leases.lease["spec"]["holderIdentity"] == ""


async def test_a_lease_that_somebody_deletes_is_not_taken_before_it_would_have_ended() -> None:
    leases, clock = Leases(), Clock()
    one, two = elector(leases, clock, "one"), elector(leases, clock, "two")
    await one._try()
    await two._try()
    leases.lease = None
    clock.now += 1
    await two._try()
    assert leads(one)
    assert not leads(two)
    clock.now += 15
    await two._try()
    assert leads(two)
    assert not leads(one)


async def test_a_lease_that_somebody_deletes_is_made_again_by_the_one_that_holds_it() -> None:
    leases, clock = Leases(), Clock()
    one, two = elector(leases, clock, "one"), elector(leases, clock, "two")
    await one._try()
    await two._try()
    await one._release()
    await two._try()
    leases.lease = None
    clock.now += 1
    await two._try()
    assert leads(two)
    assert leases.lease is not None


async def test_a_lease_that_was_given_back_is_taken_at_once() -> None:
    leases, clock = Leases(), Clock()
    one, two = elector(leases, clock, "one"), elector(leases, clock, "two")
    await one._try()
    await two._try()
    await one._release()
    assert not leads(one)
    await two._try()
    assert leads(two)


async def test_of_two_that_take_a_free_lease_one_leads() -> None:
    leases, clock = Leases(), Clock()
    one, two = elector(leases, clock, "one"), elector(leases, clock, "two")
    seen = asyncio.Event()

    class Slow(Leases):
        async def get(self, gvr: GVR, name: str, namespace: str) -> Object:
            try:
                return await leases.get(gvr, name, namespace)
            finally:
                await seen.wait()

        async def create(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
            return await leases.create(gvr, obj, manager=manager)

    slow = elector(Slow(), clock, "one")
    trying = asyncio.create_task(slow._try())
    await asyncio.sleep(0)
    await two._try()
    seen.set()
    await trying
    assert leads(two)
    assert not leads(slow)
    assert not leads(one)
