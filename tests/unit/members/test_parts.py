"""The parts of a cluster, and who waits for one of them."""

from __future__ import annotations

import asyncio

from drover.kube.queue import HIGH
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
