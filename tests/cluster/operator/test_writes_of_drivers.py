"""Credentials, drivers, templates and pools: how much is written of them, and what a restart writes."""

from __future__ import annotations

import asyncio
from collections import Counter

from drover.dev import audit
from drover.dev.stage import Stage
from drover.kinds.resources import CLOUD_CREDENTIALS, KONTAINER_DRIVERS, NODE_DRIVERS, NODE_POOLS, NODE_TEMPLATES
from drover.kube.gvr import Object
from tests.cluster.scene import cluster, log_says, management, nothing_written, scene_of, secret

GLOBAL = "cattle-global-data"
PROTECTED = (NODE_DRIVERS, CLOUD_CREDENTIALS, NODE_TEMPLATES, KONTAINER_DRIVERS)
"""The kinds that get a finalizer."""


def objects() -> list[Object]:
    """One of each kind, each with what it refers to."""
    return [
        management("NodeDriver", "own", active=True, url="local://"),
        management("CloudCredential", "aws", GLOBAL, driver="own"),
        management("NodeTemplate", "small", GLOBAL, driver="own", cloudCredentialName="aws"),
        management("NodePool", "all", "local", clusterName="local", nodeTemplateName=f"{GLOBAL}:small", worker=True),
        management("KontainerDriver", "hosted", active=True, url="local://"),
    ]


async def test_each_is_written_once_and_a_restart_writes_nothing(stage: Stage) -> None:
    scene = scene_of(stage, stage.start())
    await scene.ready(cluster("local"))
    await asyncio.sleep(2)
    scene.drover.stop()
    await scene.apply(secret("aws", GLOBAL, **{"owncredentialConfig-token": "x"}))
    for obj in objects():
        await scene.apply(obj)

    since = audit.size(stage.audit_log)
    scene = scene_of(stage, stage.start())
    for obj in objects():
        await scene.ready(obj)
    await nothing_written(stage.audit_log)
    scene.drover.stop()
    ours = {gvr.plural for gvr in (*PROTECTED, NODE_POOLS)}
    writes = [write for write in audit.writes(stage.audit_log, since) if write.resource in ours]
    made = Counter((write.resource, write.subresource) for write in writes)
    assert {each for each in made if each[1] != "status"} == {(gvr.plural, "") for gvr in PROTECTED}
    assert all(count <= (2 if subresource else 1) for (_, subresource), count in made.items()), made

    since = audit.size(stage.audit_log)
    again = stage.start()
    await log_says(again, "leading")
    await asyncio.sleep(4)
    again.stop()
    assert audit.writes(stage.audit_log, since) == []
    for obj in reversed(objects()):
        await scene.delete(obj)
