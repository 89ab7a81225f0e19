"""One hub with a member for all attacks, and people who have the roles that come with Drover."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest_asyncio

from drover.dev import beside, ports
from drover.dev.stage import stage as made_stage
from drover.kube.client import Client
from drover.kube.login import default_login
from tests.cluster.admission.apiserver import Apiserver
from tests.cluster.admission.users import grant, until
from tests.cluster.attacks.ground import Ground
from tests.cluster.scene import SHORT_LEASE, Scene, import_member


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def ground() -> AsyncIterator[Ground]:
    """Drover runs with its webhook, and the member is imported as the Cluster `edge`."""
    async with made_stage(f"test-attacks-{os.getpid()}", members=1, arguments=SHORT_LEASE) as stage:
        hub, edge = (instance.kubeconfig for instance in stage.control_plane.instances)
        credential = await asyncio.to_thread(beside.member_kubeconfig, edge)
        await asyncio.to_thread(beside.put_secret, hub, "edge-kubeconfig", credential)
        (port,) = ports.pick(1, set())
        await asyncio.to_thread(beside.ask_webhook, hub, port)
        replica = stage.start("one", "--webhook-address", f"127.0.0.1:{port}")
        async with Client(default_login(str(edge))) as member:
            scene = Scene(stage.hub, member, replica)
            found = Ground(stage, scene, Apiserver(hub), Apiserver(edge), port)
            await found.judged()
            await import_member(scene, "edge", "edge-kubeconfig")
            await guarded(found)
            yield found
            scene.drover.stop()


async def guarded(ground: Ground) -> None:
    """Waits until the policies that Drover puts into the member are in force."""
    editor = "probes-policies"
    rule = {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": ["create"]}
    grant(ground.edge, editor, [rule], editor)
    labels = {"management.cattle.io/aggregates": "x"}
    kind = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
    probe = {**kind, "metadata": {"name": "probe", "labels": labels}, "rules": []}
    await asyncio.to_thread(until, lambda: ground.edge.create(probe, user=editor, dry_run=True), "may not escalate")
