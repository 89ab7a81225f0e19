"""The status of a workspace."""

from __future__ import annotations

from typing import Any

from drover.api.keys import CREATOR_ID
from drover.kinds.fleet_workspace.world import World
from drover.kinds.reporting import paused_status, status_of
from drover.rules.conditions import Condition, false, summary, true, unknown
from drover.rules.findings import Finding
from drover.rules.objects import annotation, paused
from drover.rules.ownership import owner_uid, ownership


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status. Which Clusters are in the workspace is not in it: with many it would change with each of them."""
    if paused(world.workspace):
        return paused_status(world.workspace, world.now)
    in_use = true("InUse", "InUse") if world.clusters else false("InUse", "NotInUse")
    conditions = [_namespace(world), in_use, _creator(world), *summary(finding)]
    return status_of(world.workspace, conditions, world.now)


def _namespace(world: World) -> Condition:
    type_ = "NamespaceCreated"
    if ownership(world.namespace, world.owner) == "ours":
        return true(type_, "Created")
    if not world.managed:
        return false(type_, "NotManaged", 'the annotation provisioning.cattle.io/managed is "false"')
    if world.namespace is None or owner_uid(world.namespace):
        return false(type_, "NotCreated")
    return true(
        type_,
        "NotOurs",
        f"namespace {world.name} was made by somebody else; it is used as it is, and stays when the workspace goes",
    )


def _creator(world: World) -> Condition:
    if not annotation(world.workspace, CREATOR_ID):
        return true("CreatorMadeOwner", "NoCreator")
    return unknown("CreatorMadeOwner", "NotSupported", "grant the creator rights with a RoleBinding")
