"""Every `tests/golden/isolation/*.in.yaml`, a Cluster with its Projects, nodes and namespaces, leads to the policies in
the `*.out.yaml` beside it; UPDATE_GOLDEN=1 writes those."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from drover.api.keys import SYSTEM_PROJECT
from drover.kinds.project.isolation import admits
from drover.kube.gvr import NAMESPACES, NODES, Object
from drover.members.desired import Desired, Part
from drover.members.loop import MemberLoop
from drover.rules.objects import label
from drover.rules.ownership import owner_of
from tests.unit.kinds.worlds import project_world
from tests.unit.members.cluster import SECONDS, ended
from tests.unit.members.policies import PolicyCluster

GOLDEN = Path(__file__).parents[2] / "golden" / "isolation"
CASES = sorted(path.name.removesuffix(".in.yaml") for path in GOLDEN.glob("*.in.yaml"))


def parts(found: dict[str, list[Object]]) -> Iterator[Part]:
    (cluster,) = found["Cluster"]
    systems = tuple(each for each in found["Project"] if label(each, SYSTEM_PROJECT) == "true")
    for project in found["Project"]:
        owner = owner_of(project, "Project.management.cattle.io")
        world = project_world(project=project, cluster=cluster, systems=systems, owner=owner)
        yield Part(owner, "drover-project", project=world.id, admits=admits(world))


async def policies(found: dict[str, list[Object]]) -> list[Object]:
    """What a member's loop has written in the end."""
    member = PolicyCluster()
    for gvr in (NODES, NAMESPACES):
        for obj in found[gvr.kind]:
            member.put(gvr, obj)
    may_write = asyncio.Event()
    may_write.set()
    loop = MemberLoop("edge", member.client, may_write=may_write, on_part=lambda _: None, on_cluster=lambda: None)
    task = asyncio.create_task(loop.run())
    loop.desire(Desired("edge", {part.owner.uid: part for part in parts(found)}))
    for uid in loop.parts:
        await loop.parts.settled(uid, SECONDS)
    await ended(task)
    return [_told(member.policies[namespace]) for namespace in sorted(member.policies)]


def _told(policy: Object) -> Object:
    metadata = {name: value for name, value in policy["metadata"].items() if name not in ("uid", "resourceVersion")}
    return {**policy, "metadata": metadata}


@pytest.mark.parametrize("case", CASES)
async def test_a_cluster_gets_the_policies_that_the_golden_file_has(case: str) -> None:
    found: dict[str, list[Any]] = {}
    for obj in yaml.safe_load_all((GOLDEN / f"{case}.in.yaml").read_text()):
        found.setdefault(obj["kind"], []).append(obj)
    out = yaml.safe_dump_all(await policies(found), sort_keys=False, width=120)
    expected = GOLDEN / f"{case}.out.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(out)
    assert out == expected.read_text()


def test_every_golden_output_has_an_input() -> None:
    assert sorted(path.name.removesuffix(".out.yaml") for path in GOLDEN.glob("*.out.yaml")) == CASES
