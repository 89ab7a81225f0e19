"""Rights over starts of the operator: what a first one makes, and that later ones make up for what was missed. These
tests run in order on a hub of their own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest_asyncio

from drover.dev import audit
from drover.dev.stage import Stage
from drover.dev.stage import stage as made_stage
from drover.rules.rbac.catalogue import GLOBAL_ROLES, ROLE_TEMPLATES
from tests.cluster.rights.objects import access, everywhere, in_cluster, user
from tests.cluster.scene import Scene, cluster, log_says, nothing_written, scene_of

ANN, BOB = user("ann"), user("bob")
RULES = [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}]
ROLE = access("RoleTemplate", "looks", context="cluster", rules=RULES)
HERS = [in_cluster("hers", "looks", "local", userName="ann"), everywhere("hers-too", "user", userName="ann")]
HIS = in_cluster("his", "cluster-member", "local", userName="bob")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """CRDs, policies and rights are there; no operator runs."""
    async with made_stage(f"test-rights-{os.getpid()}", arguments=["--lease-seconds", "6"]) as made:
        yield made


async def started(stage: Stage) -> Scene:
    """The operator leads."""
    replica = stage.start()
    await log_says(replica, "leading")
    return scene_of(stage, replica)


async def settled(stage: Stage, scene: Scene, *objects: Mapping[str, Any]) -> None:
    for obj in objects:
        await scene.ready(dict(obj))
    await nothing_written(stage.audit_log)


async def test_a_first_start_makes_each_role_and_writes_its_status_once(stage: Stage) -> None:
    scene = await started(stage)
    try:
        await settled(stage, scene, cluster("local"), *GLOBAL_ROLES, *ROLE_TEMPLATES)
    finally:
        scene.drover.stop()
    made = [write.what for write in audit.writes(stage.audit_log)]
    for plural, shipped in (("globalroles", GLOBAL_ROLES), ("roletemplates", ROLE_TEMPLATES)):
        assert made.count(f"create {plural}") == made.count(f"patch {plural}/status") == len(shipped)
    about_rights = [what for what in made if "role" in what]
    assert len(about_rights) == 2 * (len(GLOBAL_ROLES) + len(ROLE_TEMPLATES)), about_rights


async def test_check_25_a_restart_with_rights_in_force_writes_nothing(stage: Stage) -> None:
    scene = await started(stage)
    try:
        for obj in (ANN, BOB, ROLE, *HERS, HIS):
            await scene.apply(obj)
        await settled(stage, scene, ANN, BOB, ROLE, *HERS, HIS)
    finally:
        scene.drover.stop()
    since = audit.size(stage.audit_log)
    again = await started(stage)
    await asyncio.sleep(4)
    again.drover.stop()
    assert [write.what for write in audit.writes(stage.audit_log, since)] == []


async def test_check_10_a_user_who_went_while_nobody_watched_takes_the_bindings_along(stage: Stage) -> None:
    scene = scene_of(stage, stage.start())
    scene.drover.stop()
    await scene.delete(ANN)
    late = in_cluster("late", "looks", "local", userName="carol")
    await scene.apply(late)
    scene = await started(stage)
    try:
        for obj in HERS:
            await scene.gone(obj)
        await settled(stage, scene, HIS)
        await scene.shows(late, "SubjectResolved", "False", "UserNotFound")
        await scene.apply(user("carol"))
        await scene.ready(late)
    finally:
        scene.drover.stop()
