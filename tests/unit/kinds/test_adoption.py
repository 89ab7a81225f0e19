"""Objects that were restored, or made again by GitOps, take over what they had; and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drover.kinds.cluster.decide import decide as decide_cluster
from drover.kinds.plan import Apply, Plan
from drover.kinds.project.decide import decide as decide_project
from drover.kinds.provisioning.decide import decide as decide_provisioning
from drover.rules.findings import Terminal
from tests.unit.kinds.worlds import cluster_world, obj, owned, project_world, provisioning_world


def clusters(owner: str, adopts: str) -> Plan:
    world = cluster_world(namespace=owned("edge", owner))
    return decide_cluster(replace(world, owner=replace(world.owner, adopts=adopts)))


def projects(owner: str, adopts: str) -> Plan:
    project = {**project_world().project, "status": {"backingNamespace": "edge-shop"}}
    namespace = owned("edge-shop", owner)
    world = project_world(project=project, owned=(), recorded=namespace, plain=namespace)
    return decide_project(replace(world, owner=replace(world.owner, adopts=adopts)))


def provisioned(owner: str, adopts: str) -> Plan:
    labels = {"drover.dev/owner-uid": owner}
    world = provisioning_world(management=obj("Cluster", "c-m-x", uid="uid-m", metadata={"labels": labels}))
    return decide_provisioning(replace(world, owner=replace(world.owner, adopts=adopts)))


KINDS = pytest.mark.parametrize("kind", [clusters, projects, provisioned])


@KINDS
def test_what_it_had_before_is_taken_over_by_its_uid(kind: Any) -> None:
    (apply,) = kind("uid-0", "uid-0").actions
    assert isinstance(apply, Apply)
    assert apply.obj["metadata"]["labels"]["drover.dev/owner-uid"] == "uid-1"
    assert apply.obj["metadata"]["uid"]


@KINDS
@pytest.mark.parametrize("adopts", ["", "uid-9"])
def test_what_another_has_is_left_and_the_way_to_take_it_over_is_said(kind: Any, adopts: str) -> None:
    plan = kind("uid-0", adopts)
    assert plan.actions == ()
    assert isinstance(plan.finding, Terminal)
    assert "drover.dev/adopt-uid: uid-0" in plan.finding.message


@KINDS
def test_what_nobody_made_is_never_taken_over(kind: Any) -> None:
    plan = kind("", "")
    assert plan.actions == ()
    assert isinstance(plan.finding, Terminal)
    assert "adopt-uid" not in plan.finding.message
