"""What to do about a provisioning Cluster: the management Cluster of an imported one; nothing without an engine."""

from __future__ import annotations

from typing import Any

from drover.api.keys import (
    CLUSTER_FINALIZER,
    CREATOR_ID,
    DESCRIPTION,
    FLEET_WORKSPACE_NAME,
    MANAGEMENT_CLUSTER_DISPLAY_NAME,
    PROVISIONING_FINALIZER,
)
from drover.kinds.ending import finished, skipped, with_finalizer
from drover.kinds.plan import Action, Apply, Create, Delete, Plan
from drover.kinds.provisioning.world import World
from drover.kinds.resources import CLUSTERS
from drover.kinds.shared import valid
from drover.kube.apply import covers, digest, stamped
from drover.kube.gvr import Object
from drover.rules import engines
from drover.rules.conditions import is_true
from drover.rules.findings import Finding, Terminal, Waiting, first
from drover.rules.objects import (
    annotation,
    deleting,
    forced,
    name_of,
    namespace_of,
    overdue,
    paused,
    spec,
    status,
    uid_of,
)
from drover.rules.ownership import owner_uid, ownership

_COPIED = (
    "agentEnvVars",
    "clusterAgentDeploymentCustomization",
    "defaultClusterRoleForProjectMembers",
    "defaultPodSecurityAdmissionConfigurationTemplateName",
    "enableNetworkPolicy",
    "fleetAgentDeploymentCustomization",
    "webhookDeploymentCustomization",
)
"""Fields that the management Cluster has from the provisioning Cluster as they are."""


def decide(world: World) -> Plan:
    """The next step."""
    if paused(world.cluster):
        return Plan()
    if deleting(world.cluster):
        return _ending(world)
    if finding := first(_CHECKS, world):
        return Plan(finding=finding)
    if action := with_finalizer(world.cluster, PROVISIONING_FINALIZER):
        return Plan(actions=(action,))
    result = _management(world)
    if isinstance(result, Terminal | Waiting):
        return Plan(finding=result)
    if result:
        return Plan(actions=result)
    if _unseen(world):
        return Plan(finding=Waiting("Progressing", f"management Cluster {world.target} is looked at"), at_work=True)
    return Plan(finding=_mirrored(world))


# --- Before anything is done ----------------------------------------------------------------------------------------
def _engine(world: World) -> Finding | None:
    return engines.missing(spec(world.cluster))


_CHECKS = (valid, _engine)


# --- The management Cluster -----------------------------------------------------------------------------------------
def _management(world: World) -> tuple[Action, ...] | Terminal | Waiting:
    live = world.management
    wanted = _wanted(world)
    if live is None:
        obj = {**wanted, "metadata": {**wanted["metadata"], "finalizers": [CLUSTER_FINALIZER]}}
        return (Create(CLUSTERS, obj),)
    if deleting(live):
        return Waiting("ClusterDeleting", f"management Cluster {world.target} is being deleted", 5.0)
    match ownership(live, world.owner):
        case "foreign":
            return Terminal("Conflict", f"management Cluster {world.target} belongs to somebody else{_way_out(live)}")
        case "ours" if covers(live, wanted):
            return ()
        case _:
            return (Apply(CLUSTERS, {**wanted, "metadata": {**wanted["metadata"], "uid": uid_of(live)}}),)


def _way_out(live: Object) -> str:
    uid = owner_uid(live)
    if uid:
        return f"; if it was made for this one before a restore, annotate this one with drover.dev/adopt-uid: {uid}"
    return "; choose another name with the annotation provisioning.cattle.io/management-cluster-name"


def _wanted(world: World) -> Object:
    """The management Cluster as far as the provisioning Cluster has a say: what it leaves out is the management
    Cluster's own."""
    obj: Object = {
        "apiVersion": CLUSTERS.api_version,
        "kind": CLUSTERS.kind,
        "metadata": {"name": world.target, "labels": world.owner.labels(), "annotations": _annotations(world)},
        "spec": _spec(world),
    }
    return stamped(obj, digest(obj))


def _annotations(world: World) -> dict[str, str]:
    creator = annotation(world.cluster, CREATOR_ID)
    return {
        **world.owner.annotations(),
        MANAGEMENT_CLUSTER_DISPLAY_NAME: name_of(world.cluster),
        "provisioning.cattle.io/administrated": "false",
        **({CREATOR_ID: creator} if creator else {}),
    }


def _spec(world: World) -> dict[str, Any]:
    given = spec(world.cluster)
    workspace = annotation(world.cluster, FLEET_WORKSPACE_NAME) or namespace_of(world.cluster)
    description = annotation(world.cluster, DESCRIPTION)
    return {
        "displayName": name_of(world.cluster),
        **({"description": description} if description else {}),
        "fleetWorkspaceName": workspace,
        "importedConfig": given.get("importedConfig") or {},
        **{name: given[name] for name in _COPIED if given.get(name) is not None},
    }


def _unseen(world: World) -> bool:
    """Whether the status of the management Cluster is about what it was before its last change."""
    live = world.management
    return live is not None and status(live).get("observedGeneration") != live["metadata"].get("generation")


def _mirrored(world: World) -> Finding | None:
    """What stands in the management Cluster's way stands in this one's."""
    live = world.management
    if live is None or is_true(live, "Ready"):
        return None
    conditions = {entry["type"]: entry for entry in status(live).get("conditions") or []}
    ready = conditions.get("Ready", {})
    reason, message = ready.get("reason") or "Progressing", ready.get("message") or "being imported"
    if conditions.get("Stalled", {}).get("status") == "True":
        return Terminal(reason, message)
    return Waiting(reason, message)


# --- The end --------------------------------------------------------------------------------------------------------
def _ending(world: World) -> Plan:
    live = world.management
    ours = live is not None and ownership(live, world.owner) == "ours"
    if PROVISIONING_FINALIZER not in world.cluster["metadata"].get("finalizers", []) or live is None or not ours:
        return finished(world.cluster, PROVISIONING_FINALIZER)
    if not deleting(live):
        return Plan(actions=(Delete(CLUSTERS, world.target, "", uid_of(live)),))
    if forced(world.cluster) or overdue(world.cluster, world.now, 3 * world.patience):
        return finished(
            world.cluster,
            PROVISIONING_FINALIZER,
            skipped(f"management Cluster {world.target} is left to end by itself"),
        )
    return Plan(
        finding=Waiting("DeletingCluster", f"waits for management Cluster {world.target} to end", world.patience)
    )
