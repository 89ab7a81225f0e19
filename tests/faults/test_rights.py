"""Rights of the operator that are taken away while it runs, and given back."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from drover.kube.gvr import GVR, Object
from tests.cluster.scene import condition, eventually, project, unique
from tests.faults.conftest import Ground
from tests.faults.setting import local

ROLES = GVR("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False)
BINDINGS = GVR("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False)

pytestmark = pytest.mark.slow


async def test_a_right_that_is_taken_away_shows_in_a_condition_and_heals(ground: Ground) -> None:
    scene = ground.scene(await ground.start())
    await local(scene)
    role = await scene.hub.get(ROLES, "drover")
    without = [rule for rule in role["rules"] if not ("namespaces" in rule["resources"] and "create" in rule["verbs"])]
    assert len(without) < len(role["rules"])
    made = project(unique("p"), "local")
    try:
        await set_rules(ground, without)
        await scene.apply(made)
        seen = await scene.shows(made, "Ready", "False", "Forbidden")
        assert 'cannot create resource \\"namespaces\\"' in condition(seen, "Ready")["message"].replace('"', '\\"')
    finally:
        await set_rules(ground, role["rules"])
    await scene.ready(made)


async def set_rules(ground: Ground, rules: list[dict[str, Any]]) -> None:
    """Changes what the operator may do."""
    role = await ground.stage.hub.get(ROLES, "drover")
    await ground.stage.hub.replace(ROLES, {**role, "rules": rules}, manager="somebody")


async def test_all_rights_that_are_taken_away_show_in_the_metrics_and_heal(ground: Ground) -> None:
    replica = await ground.start()
    setting = await local(ground.scene(replica))
    kept = await setting.running(scale=1)
    process = replica.process
    binding: Object = await setting.scene.hub.get(BINDINGS, "drover")
    await setting.scene.hub.delete(BINDINGS, "drover", uid=binding["metadata"]["uid"])
    made = setting.workload(scale=1)
    try:
        ground.hub.end_streams()  # rights are asked for when a watch begins
        await setting.scene.apply(made)

        async def counted() -> bool:
            async with aiohttp.ClientSession() as session, session.get(f"{replica.probes}/metrics") as answer:
                text = await answer.text()
            return any(
                line.startswith("rest_client_requests_total{") and 'code="403"' in line for line in text.splitlines()
            )

        await eventually(counted, "refused requests are counted")
    finally:
        body = {key: binding[key] for key in ("apiVersion", "kind", "roleRef", "subjects")}
        await setting.scene.hub.create(BINDINGS, {**body, "metadata": {"name": "drover"}}, manager="test")
    await setting.scene.ready(made, 90)
    await setting.scene.delete(kept)
    await setting.removed(kept)
    assert replica.process == process
