"""Waiting for tasks: for all of them, and for the end of one."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from drover.kube.tasks import all_of, ended

_SECONDS = 60.0


async def _gives(value: int, gate: asyncio.Event) -> int:
    await gate.wait()
    return value


async def _fails(message: str) -> int:
    raise RuntimeError(message)


async def test_all_give_what_they_give_in_the_order_of_the_works() -> None:
    first, second = asyncio.Event(), asyncio.Event()
    waiting = asyncio.ensure_future(all_of([_gives(1, first), _gives(2, second)]))
    second.set()
    await asyncio.sleep(0)
    assert not waiting.done()
    first.set()
    assert await waiting == [1, 2]
    assert await all_of([]) == []


async def test_a_failure_is_raised_when_all_have_ended_and_not_before() -> None:
    gate = asyncio.Event()
    other = asyncio.ensure_future(_gives(2, gate))
    waiting = asyncio.ensure_future(all_of([_fails("first"), other, _fails("second")]))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    gate.set()
    with pytest.raises(RuntimeError, match="first"):
        await waiting
    assert other.result() == 2


async def test_who_is_cancelled_while_it_waits_cancels_all() -> None:
    works = [asyncio.ensure_future(_gives(number, asyncio.Event())) for number in range(3)]
    waiting = asyncio.ensure_future(all_of(works))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert all(work.cancelled() for work in works)


async def test_the_end_of_a_task_is_waited_for_and_its_failure_is_its_own() -> None:
    async def fails_at_the_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            raise RuntimeError("at the end")

    task = asyncio.create_task(fails_at_the_end())
    await asyncio.sleep(0)
    await ended(task)
    assert isinstance(task.exception(), RuntimeError)
    await ended(task)  # it has ended already


async def test_who_is_cancelled_while_it_ends_a_task_is_cancelled() -> None:
    ending, go = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ending.set()
            await go.wait()

    task = asyncio.create_task(slow())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(ended(task))
    async with asyncio.timeout(_SECONDS):
        await ending.wait()
        waiting.cancel()
        await asyncio.wait({waiting})
        assert waiting.cancelled()
        go.set()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_cancellation_in_the_turn_in_which_the_task_ends_is_not_lost() -> None:
    task = asyncio.create_task(asyncio.Event().wait())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(ended(task))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting, task})
    assert waiting.cancelled()
    assert task.cancelled()
