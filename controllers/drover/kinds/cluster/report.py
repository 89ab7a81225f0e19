"""The status of a Cluster."""

from __future__ import annotations

from typing import Any

from drover.api.keys import LOCAL_CLUSTER
from drover.kinds.cluster import isolation, pod_security
from drover.kinds.cluster.decide import INITIAL_PROJECTS, guards
from drover.kinds.cluster.world import World
from drover.kinds.reporting import paused_status, status_of
from drover.members.desired import MemberState
from drover.rules import creators, nodes
from drover.rules.conditions import Condition, false, is_true, summary, true, unknown
from drover.rules.conditions import status_of as condition_status
from drover.rules.findings import Finding, Terminal, listed
from drover.rules.objects import deleting, label, paused, status
from drover.rules.ownership import ownership

_KEPT = (
    "driver",
    "provider",
    "version",
    "apiEndpoint",
    "caCert",
    "kubeSystemUID",
    "nodeCount",
    "linuxWorkerCount",
    "windowsWorkerCount",
    "capacity",
    "allocatable",
)
"""Fields that say what a cluster was like when it answered last."""


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status, or None while a restarted Drover has not heard from the cluster yet."""
    if paused(world.cluster):
        return paused_status(world.cluster, world.now)
    if _not_asked_yet(world, finding):
        return None
    fields = {name: status(world.cluster).get(name) for name in _KEPT}
    member = world.member
    if member is not None and member.connected:
        fields |= _seen(world, member)
    elif world.kubeconfig and not fields["driver"]:
        fields["driver"] = "imported"
    fields["appliedEnableNetworkPolicy"] = isolation.applied(world)
    return status_of(world.cluster, _conditions(world, finding), world.now, **fields)


def _not_asked_yet(world: World, finding: Finding | None) -> bool:
    member = world.member
    if isinstance(finding, Terminal) or (deleting(world.cluster) and member is None):
        return False
    attaching = world.local or bool(world.kubeconfig)
    known = condition_status(status(world.cluster).get("conditions") or [], "Connected") is not None
    return (
        attaching
        and known
        and (
            member is None
            or member.connected is None
            or (bool(member.connected) and not member.synced and not world.errors)
        )
    )


def _seen(world: World, member: MemberState) -> dict[str, Any]:
    seen: dict[str, Any] = {
        "driver": LOCAL_CLUSTER if world.local else "imported",
        "version": dict(member.version),
        "apiEndpoint": member.server,
        "caCert": member.ca or None,
        "kubeSystemUID": member.uid,
    }
    if member.nodes:
        totals = member.nodes
        seen["provider"] = nodes.provider(member.version.get("gitVersion", ""), totals["providerID"], totals["kubelet"])
        seen |= {
            name: totals[name]
            for name in ("nodeCount", "linuxWorkerCount", "windowsWorkerCount", "capacity", "allocatable")
        }
    return seen


def _conditions(world: World, finding: Finding | None) -> list[Condition]:
    return [
        *_made(world),
        *creators.conditions(world.cluster),
        *_connection(world),
        *_pressure(world),
        isolation.condition(world),
        *_guarded(world),
        *pod_security.conditions(world.pod_security, world.member, world.cluster),
        *summary(finding),
    ]


def _made(world: World) -> list[Condition]:
    """What was made for the Cluster. A Project that was made once and deleted since stays made."""
    backing = ownership(world.namespace, world.owner) == "ours"
    result = [true("BackingNamespaceCreated", "Created") if backing else false("BackingNamespaceCreated", "NotCreated")]
    for mark, _, _, type_ in INITIAL_PROJECTS:
        made = is_true(world.cluster, type_) or any(label(project, mark) == "true" for project in world.projects)
        result.append(true(type_, "Created") if made else false(type_, "NotCreated"))
    return result


def _connection(world: World) -> list[Condition]:
    """Rancher's own conditions: `Pending` and `Waiting` are True once nothing is pending or waited for."""
    member = world.member
    once = is_true(world.cluster, "Provisioned") or bool(member and member.connected)
    steps = [
        true(type_, "Imported") if once else unknown(type_, "Pending", "waits for the first connection")
        for type_ in ("Pending", "Provisioned", "Waiting")
    ]
    if member is None or member.connected is None:
        connected = unknown("Connected", "NeverConnected", "not connected yet")
    elif member.connected:
        connected = true("Connected", "Connected")
    else:
        connected = false("Connected", member.reason, member.message)
    updated = true("Updated", "Applied") if member and member.connected else unknown("Updated", "NotConnected")
    return [*steps, connected, updated]


def _pressure(world: World) -> list[Condition]:
    member = world.member
    if member is None or not member.connected or not member.nodes:
        return [unknown(f"No{name}", "NotConnected") for name in ("DiskPressure", "MemoryPressure")]
    result = []
    for name, suffering in member.nodes["pressure"].items():
        if suffering:
            result.append(false(f"No{name}", "NodesUnderPressure", f"nodes {listed(suffering)} report {name}"))
        else:
            result.append(true(f"No{name}", "NoPressure"))
    return result


def _guarded(world: World) -> list[Condition]:
    """Whether the policies about namespaces are there. Those of the hub come with Drover, which does not see them."""
    type_, member, state = "NamespacePoliciesInstalled", world.member, world.state
    if world.local:
        return []
    if member is None or not member.connected:
        return [unknown(type_, "NotConnected")]
    if guards(world) is None:
        return [false(type_, "UserUnknown", "the cluster does not say which user the kubeconfig is of")]
    if state is None or deleting(world.cluster):
        return [unknown(type_, "Progressing", "not yet")]
    if state.problem is not None:
        return [false(type_, state.problem.reason, state.problem.message)]
    return [true(type_, "Installed")]
