"""Each replica of the operator answers as the webhook: the leader, and the one that stands by."""

from __future__ import annotations

import asyncio
from typing import Any

from drover.dev import beside, ports
from drover.dev.stage import Stage
from drover.kinds.resources import ROLE_TEMPLATES
from drover.kube.errors import ApiError
from drover.kube.gvr import MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS, Object
from tests.cluster.scene import eventually, log_says, unique


def template(name: str, **fields: Any) -> Object:
    return {"apiVersion": "management.cattle.io/v3", "kind": "RoleTemplate", "metadata": {"name": name}, **fields}


async def refusal(stage: Stage, obj: Object) -> str:
    """Why an object is not made, dry; empty where it is."""
    try:
        await stage.hub.create(ROLE_TEMPLATES, obj, manager="test", dry_run=True)
    except ApiError as error:
        return str(error)
    return ""


async def test_the_leader_makes_the_certificate_and_a_standby_answers_with_it_too(stage: Stage) -> None:
    first, second = ports.pick(2, set())
    parent, child = unique("rt"), unique("rt")
    await asyncio.to_thread(beside.ask_webhook, stage.control_plane.hub.kubeconfig, first)
    one = stage.start("one", "--webhook-address", f"127.0.0.1:{first}")
    two = None
    try:
        await log_says(one, "leading")

        async def asked() -> bool:
            return "inherits" in await refusal(stage, template(parent, roleTemplateNames=[parent, child])) or not (
                await refusal(stage, template(parent))
            )

        await eventually(asked, "the kube-apiserver gets through to the leader")
        await stage.hub.create(ROLE_TEMPLATES, template(parent, roleTemplateNames=[child]), manager="test")

        async def circle() -> bool:
            return "circular reference" in await refusal(stage, template(child, roleTemplateNames=[parent]))

        await eventually(circle, "the leader refuses a circle")
        two = stage.start("two", "--webhook-address", f"127.0.0.1:{second}")
        await log_says(two, '"ready"')
        await asyncio.to_thread(beside.ask_webhook, stage.control_plane.hub.kubeconfig, second)
        await eventually(circle, "the standby refuses a circle")
    finally:
        for gvr in (VALIDATING_WEBHOOKS, MUTATING_WEBHOOKS):
            uid = (await stage.hub.get(gvr, "drover"))["metadata"]["uid"]
            await stage.hub.delete(gvr, "drover", uid=uid)
        await asyncio.to_thread(one.stop)
        if two is not None:
            await asyncio.to_thread(two.stop)
    found = await stage.hub.get(ROLE_TEMPLATES, parent)
    await stage.hub.delete(ROLE_TEMPLATES, parent, uid=found["metadata"]["uid"])
