"""One replica writes, and stops before its Lease can be another's."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, cast

import pytest

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
