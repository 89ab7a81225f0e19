"""kill -9 at any write, refusals and lost answers: what comes about is the same, and nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
import pytest_asyncio

from drover.dev import companions
from tests.cluster.scene import SECONDS, cluster
from tests.faults.conftest import SECRET, Ground
from tests.faults.intercept import Answer
from tests.faults.story import Picture, Story, tell
from tests.faults.writes import Killer, Writes, never


@dataclass(frozen=True)
class Tale:
    """The story as it goes when nothing goes wrong: what is there after each step, the resources of what was created,
    and how many writes it took."""

    pictures: Mapping[str, Picture]
    created: tuple[str, ...]
    writes: int


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tale(whole_ground: Ground) -> Tale:
    """Told once without a fault."""
    async with Writes(whole_ground) as writes:
        await whole_ground.scene(writes.replica).ready(cluster("local"))

        await writes.rest(3)
        writes.choose(never)
        pictures = await tell(Story(whole_ground.scene(writes.replica), SECRET))
        made = Tale(pictures, tuple(sorted(writes.created)), writes.made)
    await asyncio.to_thread(companions.end_all, whole_ground.stage.directory)
    return made


async def tell_the_same(ground: Ground, writes: Writes, tale: Tale, seconds: float = SECONDS) -> None:
    """Tells the story while faults happen; what is there after each step has to be what was there without them."""
    await tell(Story(ground.scene(writes.replica), SECRET, seconds), tale.pictures)
    assert tuple(sorted(writes.created)) == tale.created


async def test_killed_after_every_eighth_write_it_comes_to_the_same_end(ground: Ground, tale: Tale) -> None:
    async with Killer(ground, lambda number: number % 8 == 0) as killer:
        await tell_the_same(ground, killer, tale)
    assert killer.faults >= 4


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_killed_after_every_single_write_it_comes_to_the_same_end(ground: Ground, tale: Tale) -> None:
    async with Killer(ground, lambda _number: True) as killer:
        await tell_the_same(ground, killer, tale, 300)  # each step takes as many lives as writes
    assert killer.faults > tale.writes // 2


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("before", [True, False], ids=["before-it-was-done", "after-it-was-done"])
async def test_killed_at_the_nth_write_it_comes_to_the_same_end(ground: Ground, tale: Tale, *, before: bool) -> None:
    number, kills = 0, 1
    async with Killer(ground, before=before) as killer:
        while kills:
            number += 1
            killer.choose(lambda write, number=number: write == number)  # type: ignore[misc]  # mypy infers no default
            await tell_the_same(ground, killer, tale)
            kills = killer.faults
    assert number > tale.writes // 2


async def test_a_conflict_at_every_second_write_changes_nothing(ground: Ground, tale: Tale) -> None:
    conflict = Answer(409, "Conflict", "the object has been modified")
    async with Writes(ground, lambda number: number % 2 == 0, refusal=conflict) as writes:
        await tell_the_same(ground, writes, tale)
    assert writes.faults >= 15


async def test_an_answer_that_is_lost_at_every_third_write_changes_nothing(ground: Ground, tale: Tale) -> None:
    async with Writes(ground, lambda number: number % 3 == 0) as writes:
        await tell_the_same(ground, writes, tale)
    assert writes.faults >= 10


@pytest.mark.slow
async def test_a_failure_of_the_server_at_every_third_write_changes_nothing(ground: Ground, tale: Tale) -> None:
    failure = Answer(500, "InternalError", "etcdserver: leader changed")
    async with Writes(ground, lambda number: number % 3 == 0, refusal=failure) as writes:
        await tell_the_same(ground, writes, tale)
    assert writes.faults >= 10


async def test_watches_that_lag_change_nothing(ground: Ground, tale: Tale) -> None:
    ground.hub.lag = ground.member.lag = 0.5
    async with Writes(ground) as writes:
        await tell_the_same(ground, writes, tale)
