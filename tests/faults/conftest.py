"""A control plane whose kube-apiservers are reached through proxies that can do what a broken server does."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from drover.api.keys import LOCAL_CLUSTER, OWNER_UID, PROJECT_ID
from drover.dev import beside, binaries, companions
from drover.dev.beside import Replica
from drover.dev.instance import Instance
from drover.dev.stage import Stage, stage
from drover.kinds.resources import CLUSTERS, PROJECTS, PROVISIONING_CLUSTERS, WORKLOADS
from drover.kube.client import Client
from drover.kube.errors import Conflict, NotFound
from drover.kube.gvr import GVR, NAMESPACES, Object
from drover.kube.login import default_login
from tests.cluster.scene import Scene, log_says
from tests.faults.intercept import Intercept
from tests.faults.story import NATIVE, never_assigned

ARGUMENTS = ("--deletion-patience", "20", "--log-level", "debug")
SECRET = "member-kubeconfig"
"""In fleet-default: leads to the member through its proxy."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fetches or builds the programs now: a fixture would do it under the time limit of the first test."""
    if session.items and not session.config.option.collectonly:
        binaries.ensure()


@dataclass(frozen=True)
class Ground:
    """A hub and a member, each behind a proxy. Operators that are started here reach both through them."""

    stage: Stage
    hub: Intercept
    member: Intercept
    member_client: Client

    @property
    def member_instance(self) -> Instance:
        """The member itself."""
        return self.stage.control_plane.members[0]

    def scene(self, replica: Replica) -> Scene:
        """The usual steps, past the proxies."""
        return Scene(self.stage.hub, self.member_client, replica)

    async def start(self, name: str = "one", *arguments: str) -> Replica:
        """An operator that leads."""
        replica = self.stage.start(name, *arguments)
        await log_says(replica, '"leading"')
        return replica


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def whole_ground() -> AsyncIterator[Ground]:
    """Made once; no operator runs."""
    async with stage(f"test-faults-{os.getpid()}", members=1, arguments=ARGUMENTS) as made:
        hub, member = made.control_plane.hub, made.control_plane.members[0]
        async with (
            Intercept(hub) as before_hub,
            Intercept(member) as before_member,
            Client(default_login(str(member.kubeconfig))) as member_client,
        ):
            access = await asyncio.to_thread(beside.member_kubeconfig, member.kubeconfig, before_member.url)
            await asyncio.to_thread(beside.put_secret, hub.kubeconfig, SECRET, access)
            behind = replace(made, kubeconfig=before_hub.kubeconfig(made.kubeconfig))
            yield Ground(behind, before_hub, before_member, member_client)


@pytest_asyncio.fixture(loop_scope="session")
async def ground(whole_ground: Ground) -> AsyncIterator[Ground]:
    """The same for each test, with nothing wrong at its beginning and no operator left at its end."""
    yield whole_ground
    for proxy in (whole_ground.hub, whole_ground.member):
        proxy.reset()
        proxy.end_streams()
    await asyncio.to_thread(companions.end_all, whole_ground.stage.directory)
    await sweep(whole_ground)


async def sweep(ground: Ground) -> None:
    """Removes what a test has left: every Cluster but the local one with what belongs to it, and what carries a mark
    of ours in the member."""
    hub, member = ground.stage.hub, ground.member_client
    found = [(gvr, obj) for gvr in (CLUSTERS, PROVISIONING_CLUSTERS) for obj in await hub.list(gvr)]
    found += [(NAMESPACES, obj) for obj in await hub.list(NAMESPACES, label_selector=OWNER_UID)]
    # a System project may be deleted once its namespace is
    found += [(gvr, obj) for gvr in (WORKLOADS, PROJECTS) for obj in await hub.list(gvr)]
    for gvr, obj in found:
        if not _is_local(obj["metadata"]):
            await _remove(hub, gvr, obj["metadata"])
    for gvr in NATIVE:
        for obj in await member.list(gvr, label_selector=OWNER_UID):
            await _remove(member, gvr, obj["metadata"])
    await never_assigned(member)
    for obj in await member.list(NAMESPACES):
        if PROJECT_ID in (obj["metadata"].get("annotations") or {}):
            await _remove(member, NAMESPACES, obj["metadata"])


def _is_local(metadata: Object) -> bool:
    return str(metadata.get("namespace") or metadata["name"]).startswith(LOCAL_CLUSTER)


async def _remove(client: Client, gvr: GVR, metadata: Object) -> None:
    names = {name: metadata[name] for name in ("name", "namespace", "uid") if name in metadata}
    with contextlib.suppress(NotFound, Conflict):
        if metadata.get("finalizers"):
            await client.merge(gvr, {"metadata": {**names, "finalizers": []}}, manager="test")
        await client.delete(gvr, metadata["name"], metadata.get("namespace", ""), uid=metadata["uid"])
