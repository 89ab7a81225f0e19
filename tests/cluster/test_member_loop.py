"""The loop of a member on a value that went through JSON, as an agent would be given it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import orjson
import pytest_asyncio

from drover.api.keys import PROJECT_ID
from drover.kube.client import Client
from drover.kube.gvr import DEPLOYMENTS, NAMESPACES, Object
from drover.members.desired import Desired, MemberState, Observed, Part, Wanted
from drover.members.loop import MemberLoop
from drover.rules import workload as rules
from drover.rules.ownership import Owner
from tests.cluster.scene import eventually, namespace, unique

CLUSTER = "alone"


@pytest_asyncio.fixture(loop_scope="session")
async def loop(hub: Client) -> AsyncIterator[MemberLoop]:
    """A loop on the hub, which here is any cluster. No operator takes part."""
    may_write = asyncio.Event()
    may_write.set()
    loop = MemberLoop(CLUSTER, hub, may_write=may_write, on_part=lambda _uid: None, on_cluster=lambda: None)
    task = asyncio.create_task(loop.run())
    await loop.caches.wait_synced()
    yield loop
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def through_json(desired: Desired) -> Desired:
    return Desired.from_json(orjson.loads(orjson.dumps(desired.to_json())))


def desired(uid: str, name: str, project: str, *, ends: bool = False) -> Desired:
    """A project with one namespace, and a Deployment in it."""
    spec = {"containers": [{"name": "main", "image": "registry.example/app:1"}], "scale": 0}
    manifest: Object = rules.render(spec, name=name, namespace=name)
    parts = {
        f"{uid}-w": Part(
            Owner("Workload.project.cattle.io", "x", name, f"{uid}-w"),
            "drover-workload",
            objects=() if ends else (Wanted(manifest, f"{CLUSTER}:{project}"),),
            ends=ends,
        ),
        f"{uid}-p": Part(
            Owner("Project.management.cattle.io", CLUSTER, project, f"{uid}-p"),
            "drover-project",
            project=f"{CLUSTER}:{project}",
            ends=ends,
        ),
    }
    return Desired(CLUSTER, parts)


async def test_what_is_desired_through_json_comes_about_and_ends(loop: MemberLoop, hub: Client) -> None:
    name, project = unique("alone"), unique("p")
    await hub.apply(NAMESPACES, namespace(name, f"{CLUSTER}:{project}"), manager="test")
    wanted = through_json(desired(name, name, project))
    loop.desire(wanted)

    async def there() -> bool:
        states = [loop.parts.state(uid) for uid in wanted.parts]
        return all(state is not None and not any(state.problems) for state in states)

    await eventually(there, "both parts are as they should be")
    made = await hub.get(DEPLOYMENTS, name, name)
    assert made["metadata"]["labels"]["drover.dev/owner-uid"] == f"{name}-w"

    async def labelled() -> bool:
        found = await hub.get(NAMESPACES, name)
        return bool((found["metadata"].get("labels") or {}).get(PROJECT_ID) == project)

    await eventually(labelled, "the namespace is labelled")
    observed = Observed(
        CLUSTER, MemberState(connected=True), {uid: state for uid in wanted.parts if (state := loop.parts.state(uid))}
    )
    assert orjson.loads(orjson.dumps(observed.to_json()))["parts"][f"{name}-p"]["namespaces"] == [name]

    loop.desire(through_json(desired(name, name, project, ends=True)))

    async def gone() -> bool:
        states = [loop.parts.state(uid) for uid in wanted.parts]
        return all(state is not None and state.gone for state in states)

    await eventually(gone, "nothing is left")
    found = await hub.get(NAMESPACES, name)
    assert PROJECT_ID not in (found["metadata"].get("annotations") or {})
