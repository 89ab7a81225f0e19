"""The clock of the operator's machine jumps by an hour, there and back."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from drover.api.keys import PROJECT_ID
from drover.dev.beside import Replica
from drover.kube.gvr import LEASES, NAMESPACES
from tests.cluster.scene import condition, log_says
from tests.faults.conftest import Ground
from tests.faults.intercept import Answer, Asked
from tests.faults.setting import imported

HOUR = 3600


class Clock:
    """The time of day as one operator sees it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.jump(0)

    def jump(self, seconds: int) -> None:
        """From now on it is so much later than it is."""
        self._file.write_text(str(seconds))


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """Of operators that `start` starts."""
    return Clock(tmp_path / "clock")


async def start(ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Replica:
    """An operator that leads, with the moved clock."""
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent / "moved_clock"))
        patch.setenv("DROVER_TEST_CLOCK", str(tmp_path / "clock"))
        return await ground.start()


async def holder(ground: Ground) -> tuple[str, int]:
    """Who holds the Lease, and how often it changed hands."""
    spec = (await ground.stage.hub.get(LEASES, "drover", "drover-system"))["spec"]
    return str(spec["holderIdentity"]), int(spec.get("leaseTransitions") or 0)


@pytest.mark.slow
async def test_the_lease_is_neither_lost_nor_taken(
    ground: Ground, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await start(ground, tmp_path, monkeypatch)
    second = await asyncio.to_thread(ground.stage.start, "two")
    await log_says(second, '"ready"')
    setting = await imported(ground, ground.scene(first))
    before = await holder(ground)
    for jump in (HOUR, -HOUR):
        clock.jump(jump)
        await setting.running(scale=0)
        await asyncio.sleep(4)
        assert await holder(ground) == before
    assert "no longer leading" not in first.log.read_text()
    assert '"leading"' not in second.log.read_text()


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["forward", "back"])
async def test_a_deletion_still_waits_for_its_clean_up(
    ground: Ground, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    setting = await imported(ground, ground.scene(await start(ground, tmp_path, monkeypatch)))
    obj = await setting.running(scale=0)
    clock.jump(jump)

    async def slow(asked: Asked) -> Answer | None:
        if asked.write:
            await asyncio.sleep(1)
        return None

    ground.member.before = slow
    await setting.scene.delete(obj)
    await setting.scene.gone(obj)
    assert await setting.deployment(obj) is None
    await setting.scene.delete(setting.project)
    await setting.scene.gone(setting.project)
    found = await setting.home.get(NAMESPACES, setting.place)
    assert PROJECT_ID not in (found["metadata"].get("annotations") or {})


@pytest.mark.slow
async def test_a_deletion_does_not_wait_longer_for_a_member_that_is_away(
    ground: Ground, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = await imported(ground, ground.scene(await start(ground, tmp_path, monkeypatch)))
    obj = await setting.running(scale=0)

    async def away(_asked: Asked) -> Answer | None:
        return Answer(503, "ServiceUnavailable")

    ground.member.before = away
    ground.member.break_streams()
    clock.jump(-HOUR)
    await setting.scene.delete(obj)
    await setting.scene.gone(obj, 40)  # patience is 20 seconds


@pytest.mark.slow
async def test_times_in_conditions_are_those_of_the_server(
    ground: Ground, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = await imported(ground, ground.scene(await start(ground, tmp_path, monkeypatch)))
    clock.jump(HOUR)
    obj = await setting.running(scale=0)
    said = datetime.fromisoformat(condition(obj, "Ready")["lastTransitionTime"])
    made = datetime.fromisoformat(obj["metadata"]["creationTimestamp"])
    assert abs((said - made).total_seconds()) < 30
