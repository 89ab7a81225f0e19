"""CustomResourceDefinitions that go away and come back, or come late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from drover import install
from drover.kinds.resources import WORKLOADS
from drover.kube.client import Client
from drover.kube.gvr import CRDS
from tests.cluster.scene import eventually, log_says
from tests.faults.conftest import Ground
from tests.faults.setting import imported, local

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def all_served(ground: Ground) -> AsyncIterator[None]:
    """Every definition is there again at the end."""
    yield
    await install.install(ground.stage.hub, install.crds())


async def remove(hub: Client) -> None:
    """Deletes the definition of Workloads, and waits until it is gone."""
    crd = await hub.get(CRDS, str(WORKLOADS))
    await hub.delete(CRDS, str(WORKLOADS), uid=crd["metadata"]["uid"])

    async def gone() -> bool:
        return str(WORKLOADS) not in {each["metadata"]["name"] for each in await hub.list(CRDS)}

    await eventually(gone, "the CRD is gone")


async def test_a_definition_that_is_deleted_takes_its_objects_along_and_works_when_it_is_back(ground: Ground) -> None:
    replica = await ground.start()
    setting = await imported(ground, ground.scene(replica))
    obj = await setting.running(scale=1)
    process = replica.process
    await remove(ground.stage.hub)
    await setting.removed(obj)  # its finalizer held the definition until then
    await log_says(replica, "are missing")
    project = await setting.scene.project(setting.cluster["metadata"]["name"])  # the other kinds go on
    assert project["status"]["backingNamespace"]
    await install.install(ground.stage.hub, install.crds())
    await setting.running(scale=1)
    assert replica.process == process


async def test_a_definition_that_comes_after_the_start_is_waited_for_and_named(ground: Ground) -> None:
    first = await ground.start()
    setting = await local(ground.scene(first))
    await asyncio.to_thread(first.stop)
    await remove(ground.stage.hub)
    replica = await asyncio.to_thread(ground.stage.start)
    await log_says(replica, "missing CRD: workloads.project.cattle.io")
    assert '"leading"' not in replica.log.read_text()
    await install.install(ground.stage.hub, install.crds())
    await log_says(replica, '"leading"')
    await setting.running(scale=0)
