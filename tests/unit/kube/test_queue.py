"""Each key once, a person's change first, retries with growing pauses."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from drover.kube.queue import HIGH, LOW, Queue


async def drain(queue: Queue[str]) -> list[str]:
    found = []
    while len(queue):
        key = await queue.get()
        found.append(key)
        queue.done(key)
    return found


async def test_a_key_waits_once() -> None:
    queue: Queue[str] = Queue("test")
    for _ in range(3):
        queue.add("a")
    queue.add("b")
    assert await drain(queue) == ["a", "b"]


async def test_the_high_priority_comes_first_and_a_key_rises_to_it() -> None:
    queue: Queue[str] = Queue("test")
    for key in ("a", "b", "c"):
        queue.add(key, LOW)
    queue.add("c", HIGH)
    queue.add("c", LOW)
    assert await drain(queue) == ["c", "a", "b"]


async def test_the_low_priority_is_not_starved() -> None:
    queue: Queue[str] = Queue("test")
    queue.add("low", LOW)
    for number in range(100):
        queue.add(f"high-{number}")
    assert (await drain(queue)).index("low") < 20


async def test_a_key_that_is_added_while_it_is_worked_on_comes_again() -> None:
    queue: Queue[str] = Queue("test")
    queue.add("a")
    key = await queue.get()
    queue.add("a")
    assert len(queue) == 0
    assert not queue.idle
    queue.done(key)
    assert await drain(queue) == ["a"]
    assert queue.idle


async def test_pauses_grow_with_failures_and_end_with_success() -> None:
    queue: Queue[str] = Queue("test")
    pauses = [queue.retry("a") for _ in range(30)]
    assert 0.004 <= pauses[0] <= 0.006
    assert all(later > earlier for earlier, later in zip(pauses[:10], pauses[2:12], strict=True))
    assert max(pauses) <= 300 * 1.2
    queue.forget("a")
    assert queue.retry("a") <= 0.006
    queue.clear()


async def test_of_two_delays_the_shorter_counts() -> None:
    queue: Queue[str] = Queue("test")
    queue.add_after("a", 3600)
    queue.add_after("a", 0.01)
    queue.add_after("a", 3600)
    async with asyncio.timeout(30):
        assert await queue.get() == "a"
    queue.done("a")
    queue.clear()


async def test_adding_now_replaces_a_delay() -> None:
    queue: Queue[str] = Queue("test")
    queue.add_after("a", 0.01)
    queue.add("a")
    assert await drain(queue) == ["a"]
    await asyncio.sleep(0.05)
    assert len(queue) == 0


async def test_get_waits_for_a_key() -> None:
    queue: Queue[str] = Queue("test")
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.add("a")
    async with asyncio.timeout(30):
        assert await waiting == "a"


async def test_a_key_wakes_one_of_those_who_wait() -> None:
    queue: Queue[str] = Queue("test")
    waiting = [asyncio.create_task(queue.get()) for _ in range(3)]
    await asyncio.sleep(0)
    queue.add("a")
    await asyncio.sleep(0.01)
    assert [task.done() for task in waiting] == [True, False, False]
    queue.add("b")
    queue.add("c")
    assert [await task for task in waiting] == ["a", "b", "c"]


async def test_who_is_cancelled_when_a_key_has_come_leaves_it_to_another() -> None:
    queue: Queue[str] = Queue("test")
    first, second = asyncio.create_task(queue.get()), asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.add("a")
    first.cancel()
    async with asyncio.timeout(1.0):
        assert await second == "a"
    assert first.cancelled()


async def test_of_two_additions_during_work_the_higher_priority_counts() -> None:
    queue: Queue[str] = Queue("test")
    queue.add("a")
    key = await queue.get()
    queue.add("b", LOW)
    queue.add("a", LOW)
    queue.add("a", HIGH)
    queue.done(key)
    assert await drain(queue) == ["a", "b"]


async def test_what_fails_keeps_its_priority_twice_and_then_has_the_low_one() -> None:
    queue: Queue[str] = Queue("test")
    queue.add("a")
    found = []
    async with asyncio.timeout(30):
        for _ in range(4):
            assert await queue.get() == "a"
            found.append(queue.priority("a"))
            queue.retry("a")
            queue.done("a")
        assert await queue.get() == "a"
    assert found == [HIGH, HIGH, HIGH, LOW]
    assert queue.failures("a") == 4


async def test_a_key_that_comes_later_keeps_the_priority_with_which_it_is_worked_on() -> None:
    queue: Queue[str] = Queue("test")
    for key, priority in (("low", LOW), ("high", HIGH)):
        queue.add(key, priority)
    async with asyncio.timeout(30):
        for _ in range(2):
            key = await queue.get()
            queue.add_after(key, 0.001)
            queue.done(key)
        await asyncio.sleep(0.05)
    assert await drain(queue) == ["high", "low"]


async def test_of_the_low_priority_only_so_many_are_worked_on_at_once() -> None:
    queue: Queue[str] = Queue("test", low_at_once=1)
    for key in ("a", "b"):
        queue.add(key, LOW)
    async with asyncio.timeout(30):
        assert await queue.get() == "a"
        waiting = asyncio.ensure_future(queue.get())
        await asyncio.sleep(0)
        queue.add("high")
        assert await waiting == "high"
        waiting = asyncio.ensure_future(queue.get())
        await asyncio.sleep(0.01)
        assert not waiting.done()
        queue.done("a")
        assert await waiting == "b"


async def test_keys_of_the_low_priority_can_be_held_back() -> None:
    queue: Queue[str] = Queue("test")
    queue.hold_low(held=True)
    for name in ("a", "b"):
        queue.add(name, LOW)
    queue.add("c")
    first, *rest = [asyncio.create_task(queue.get()) for _ in range(3)]
    assert await first == "c"
    await asyncio.sleep(0.01)
    assert not any(task.done() for task in rest)
    queue.hold_low(held=False)
    async with asyncio.timeout(1.0):
        assert [await task for task in rest] == ["a", "b"]


async def test_clearing_forgets_what_waits_what_is_due_and_what_failed() -> None:
    queue: Queue[str] = Queue("test")
    queue.add("working")
    key = await queue.get()
    queue.add("working")
    queue.add("high")
    queue.add("low", LOW)
    queue.add_after("later", 0.001)
    queue.retry("failed")
    queue.clear()
    queue.done(key)
    await asyncio.sleep(0.05)
    assert len(queue) == 0
    assert queue.idle
    assert queue.failures("failed") == 0


async def test_unfinished_work_is_measured() -> None:
    queue: Queue[str] = Queue("test")
    assert queue.oldest() == (0.0, 0.0)
    queue.add("a")
    queue.add("b")
    first, second = await queue.get(), await queue.get()
    total, oldest = queue.oldest()
    assert 0.0 < oldest <= total
    queue.done(first)
    queue.done(second)
    assert queue.oldest() == (0.0, 0.0)


@given(
    st.lists(st.tuples(st.sampled_from(["add", "get", "done"]), st.sampled_from("abc"), st.booleans())),
    st.integers(1, 3),
)
def test_no_key_is_lost_and_none_is_worked_on_twice_at_once(steps: list[tuple[str, str, bool]], low: int) -> None:
    queue: Queue[str] = Queue("test", low_at_once=low)
    working: set[str] = set()
    owed: set[str] = set()
    for step, key, high in steps:
        if step == "add":
            queue.add(key, HIGH if high else LOW)
            owed.add(key)
        elif step == "get" and (found := queue._next()) is not None:
            assert found in owed - working
            owed.discard(found)
            working.add(found)
            assert sum(queue.priority(key) == LOW for key in working) <= low
        elif step == "done" and key in working:
            working.discard(key)
            queue.done(key)
    for key in sorted(working):
        queue.done(key)
    rest = set()
    while (found := queue._next()) is not None:
        rest.add(found)
        queue.done(found)
    assert rest == owed
    assert queue.idle
