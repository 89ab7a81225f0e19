"""The parts of a cluster, and who waits for one of them."""

from __future__ import annotations

import asyncio

from drover.kube.queue import HIGH
from drover.members.desired import PartState
from drover.members.parts import Parts
from tests.unit.members.cluster import SECONDS
from tests.unit.members.test_loop import project


async def test_who_waits_for_a_part_that_is_dropped_waits_no_longer() -> None:
    parts = Parts()
    parts.put(project(), HIGH)
    waiting = asyncio.create_task(parts.settled("uid-shop", 600.0))
    await asyncio.sleep(0)
    parts.drop("uid-shop")
    async with asyncio.timeout(SECONDS):
        await waiting
    assert parts.state("uid-shop") is None


async def test_nothing_is_kept_of_parts_that_were_waited_for_in_vain_and_dropped() -> None:
    parts = Parts()
    for number in range(10):
        part = project(uid=f"uid-{number}")
        parts.put(part, HIGH)
        await parts.settled(part.key, 0.001)
        parts.drop(part.key)
    assert parts._waiters == {}


def test_a_part_that_is_again_as_it_was_has_no_state_until_it_was_looked_at() -> None:
    parts = Parts()
    one, other = project(), project(ends=True)
    state = PartState(one.digest())
    parts.put(one, HIGH)
    assert parts.saw("uid-shop", state)
    assert not parts.saw("uid-shop", state)
    parts.put(other, HIGH)
    parts.put(one, HIGH)
    assert (parts.state("uid-shop"), parts.last("uid-shop")) == (None, state)
    assert parts.saw("uid-shop", state)
    assert parts.state("uid-shop") == state
