"""A member that is slow, answers garbage, or is another cluster all at once."""

from __future__ import annotations

import asyncio
import time

import orjson
import pytest

from drover.kube.gvr import NAMESPACES
from tests.cluster.scene import cluster, condition, nothing_written, unique
from tests.faults.conftest import SECRET, Ground
from tests.faults.intercept import Answer, Asked, Intercept
from tests.faults.setting import Setting, imported, local

HTML = Answer(200, content=b"<html><body>Welcome to the router</body></html>", content_type="text/html")
NOT_A_LIST = Answer(200, content=b'{"kind": "Welcome", "items": 7, "metadata": []}')


@pytest.mark.slow
async def test_a_slow_member_holds_up_nobody_else(ground: Ground) -> None:
    setting = await imported(ground, ground.scene(await ground.start()))
    here = await local(setting.scene)

    async def slow(asked: Asked) -> Answer | None:
        if not asked.watch:
            await asyncio.sleep(2)
        return None

    ground.member.before = slow
    there = [setting.workload(scale=0) for _ in range(100)]
    for obj in there:
        await setting.scene.apply(obj)
    started = time.monotonic()
    for _ in range(5):
        await here.running(scale=0)
    assert time.monotonic() - started < 5
    for obj in there:
        await setting.scene.ready(obj)
    assert condition(await setting.scene.get(setting.cluster), "Connected")["status"] == "True"


async def turned_into(answer: Answer, member: Intercept) -> None:
    """Every new request gets this answer, and the connections there are break."""

    async def instead(_asked: Asked) -> Answer | None:
        return answer

    member.before = instead
    member.break_streams()


async def heals(setting: Setting, member: Intercept) -> None:
    """What the server answered before works again, and so does all else."""
    member.reset()
    await setting.scene.shows(setting.cluster, "Connected", "True")
    await setting.scene.ready(setting.cluster)
    await setting.running(scale=0)


async def test_a_member_that_answers_html_is_told_and_comes_back(ground: Ground) -> None:
    setting = await imported(ground, ground.scene(await ground.start()))
    await turned_into(HTML, ground.member)
    seen = await setting.scene.shows(setting.cluster, "Connected", "False")
    assert "not JSON" in condition(seen, "Connected")["message"]
    await setting.scene.shows(setting.project, "Ready", "False", "ClusterUnreachable")
    await heals(setting, ground.member)


@pytest.mark.slow
async def test_a_member_that_answers_other_json_is_told_and_comes_back(ground: Ground) -> None:
    setting = await imported(ground, ground.scene(await ground.start()))
    await turned_into(NOT_A_LIST, ground.member)
    seen = await setting.scene.shows(setting.cluster, "Connected", "False")
    assert condition(seen, "Connected")["message"]
    await heals(setting, ground.member)


@pytest.mark.slow
async def test_garbage_at_the_first_connection_is_told_and_heals(ground: Ground) -> None:
    scene = ground.scene(await ground.start())
    await turned_into(HTML, ground.member)
    made = cluster(unique("edge"), SECRET)
    await scene.apply(made)
    await scene.shows(made, "Connected", "False")
    ground.member.reset()
    await scene.ready(made)


async def test_a_member_that_is_another_cluster_now_is_not_written_to(ground: Ground) -> None:
    setting = await imported(ground, ground.scene(await ground.start()))
    obj = await setting.running(scale=0)
    await nothing_written(ground.member_instance.audit_log, seconds=1.0)
    system = await ground.member_client.get(NAMESPACES, "kube-system")
    other = {**system, "metadata": {**system["metadata"], "uid": "0d7be9a5-0000-4000-8000-000000000000"}}
    written: list[Asked] = []

    async def other_uid(asked: Asked) -> Answer | None:
        if asked.write:
            written.append(asked)
        if asked.path.endswith("/namespaces/kube-system"):
            return Answer(200, content=orjson.dumps(other))
        return None

    ground.member.before = other_uid
    ground.member.break_streams()
    seen = await setting.scene.shows(setting.cluster, "Connected", "False", "ClusterReplaced")
    assert condition(seen, "Stalled")["status"] == "True"
    changed = setting.workload(obj["metadata"]["name"], scale=2)
    await setting.scene.apply(changed)
    await setting.scene.shows(changed, "Ready", "False")
    await asyncio.sleep(2)
    assert written == []
    await heals(setting, ground.member)
    assert (await setting.made(obj))["spec"]["replicas"] == 2
