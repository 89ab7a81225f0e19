"""What to do about a Cluster: its namespace, its first Projects, its connection, its end."""

from __future__ import annotations

import re

from drover.api.keys import (
    AGGREGATES,
    CLUSTER_FINALIZER,
    DEFAULT_PROJECT,
    PROJECT_FINALIZER,
    SYSTEM_PROJECT,
    UNIT,
)
from drover.kinds.cluster.policies import policies
from drover.kinds.cluster.world import World
from drover.kinds.creator import given
from drover.kinds.ending import finished, skipped, with_finalizer
from drover.kinds.plan import Action, Apply, Attach, Create, Delete, Detach, Notice, Plan
from drover.kinds.resources import CLUSTER_BINDINGS, PROJECTS
from drover.kinds.shared import system_namespace, valid
from drover.kube.gvr import NAMESPACES, Object
from drover.members.desired import Part
from drover.rules import names
from drover.rules.conditions import is_true
from drover.rules.findings import Finding, Terminal, Waiting, first, listed
from drover.rules.objects import deleting, forced, label, name_of, namespace_of, overdue, paused, status, uid_of
from drover.rules.ownership import ownership

MANAGER = "drover-cluster"
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
INITIAL_PROJECTS = (
    (DEFAULT_PROJECT, "Default", "default", "DefaultProjectCreated"),
    (SYSTEM_PROJECT, "System", "system", "SystemProjectCreated"),
)
"""Label, display name, what its name is made from, and the condition that says that it was made once."""

_RIGHTS_SECONDS = 1.0
"""Between two looks at rights that take long to go, beside the event that the last of them is gone."""


def decide(world: World) -> Plan:
    """The next step."""
    if paused(world.cluster):
        held = Part(world.owner, MANAGER, held=True)
        return Plan(actions=_reconnection(world), cluster=world.name, part=None if world.local else held)
    if deleting(world.cluster):
        return _ending(world)
    if finding := first(_CHECKS, world):
        return Plan(finding=finding)
    if action := with_finalizer(world.cluster, CLUSTER_FINALIZER):
        return Plan(actions=(action,))
    for step in (_namespace, _projects, _creator, _connection):
        result = step(world)
        if isinstance(result, Terminal | Waiting):
            return Plan(finding=result)
        if result:
            return Plan(actions=result)
    return Plan(cluster=world.name, part=guards(world), finding=first(_STATE, world))


# --- Before anything is done ----------------------------------------------------------------------------------------
def _name_fits(world: World) -> Finding | None:
    if _LABEL.fullmatch(world.name):
        return None
    return Terminal(
        "InvalidName", "metadata.name must be a DNS label of at most 63 characters: it names a namespace too"
    )


_CHECKS = (valid, _name_fits)


# --- What belongs to a Cluster --------------------------------------------------------------------------------------
def _namespace(world: World) -> tuple[Action, ...] | Terminal | Waiting:
    namespace = world.namespace
    if namespace is not None and deleting(namespace):
        return Waiting("NamespaceTerminating", f"namespace {world.name} is being deleted", 5.0)
    match ownership(namespace, world.owner):
        case "ours":
            return ()
        case "foreign":
            return Terminal(
                "NamespaceConflict",
                f"namespace {world.name} exists and was not made for this Cluster; "
                "name the Cluster otherwise, or delete the namespace" + _adopt_hint(namespace),
            )
        case "absent":
            return (Create(NAMESPACES, system_namespace(world.owner, world.name)),)
        case _:
            return (Apply(NAMESPACES, _adopted(world, namespace or {})),)


def _adopted(world: World, namespace: Object) -> Object:
    obj = system_namespace(world.owner, world.name)
    return {**obj, "metadata": {**obj["metadata"], "uid": uid_of(namespace)}}


def _adopt_hint(namespace: Object | None) -> str:
    uid = label(namespace, "drover.dev/owner-uid") if namespace is not None else ""
    return (
        f"; if it was made for this Cluster before a restore, annotate it with drover.dev/adopt-uid: {uid}"
        if uid
        else ""
    )


def _projects(world: World) -> tuple[Action, ...] | Terminal | Waiting:
    """The Default and the System project are made once: who deletes one does not want it back."""
    return tuple(
        Create(PROJECTS, _project_object(world, mark, display, seed))
        for mark, display, seed, condition in INITIAL_PROJECTS
        if not is_true(world.cluster, condition)
        and not any(label(project, mark) == "true" for project in world.projects)
    )


def _creator(world: World) -> tuple[Action, ...]:
    return given(world.cluster, CLUSTER_BINDINGS, world.creator)


def _project_object(world: World, mark: str, display: str, seed: str) -> Object:
    return {
        "apiVersion": PROJECTS.api_version,
        "kind": "Project",
        "metadata": {
            "name": names.initial_project(uid_of(world.cluster), seed),
            "namespace": world.name,
            "labels": {**world.owner.labels(), mark: "true"},
            "annotations": world.owner.annotations(),
            "finalizers": [PROJECT_FINALIZER],
        },
        "spec": {
            "clusterName": world.name,
            "displayName": display,
            "description": f"{display} project created for the cluster",
        },
    }


# --- What its kube-apiserver checks ---------------------------------------------------------------------------------
def guards(world: World) -> Part | None:
    """The policies that the cluster gets; None for the one that Drover runs in, where they come with Drover, and
    while it is not known as whom Drover works in the cluster."""
    if world.local or world.member is None:
        return None
    wanted = policies(world.owner, world.member.user, may_leave=world.may_leave)
    return Part(world.owner, MANAGER, policies=wanted) if wanted else None


# --- The connection -------------------------------------------------------------------------------------------------
def attachment(world: World) -> Attach | None:
    """The connection that the spec asks for; None for `local` and without a kubeconfig."""
    reference = world.kubeconfig
    if world.local or not reference:
        return None
    expected = str(status(world.cluster).get("kubeSystemUID") or "")
    return Attach(world.name, world.workspace, str(reference["name"]), str(reference.get("key") or "value"), expected)


def _connection(world: World) -> tuple[Action, ...] | Terminal | Waiting:
    if world.local:
        return ()
    wanted = attachment(world)
    if world.reference and (wanted is None or wanted.reference != world.reference):
        return (Detach(world.name),)
    return (wanted,) if wanted is not None and not world.reference else ()


def _reconnection(world: World) -> tuple[Action, ...]:
    """The connection that a Cluster had before a restart, also where nothing else is done for it: its Projects and
    Workloads need it."""
    wanted = attachment(world)
    return (wanted,) if wanted is not None and wanted.expected_uid and not world.reference else ()


def _has_way_in(world: World) -> Finding | None:
    if world.local or world.kubeconfig:
        return None
    return Waiting(
        "AwaitingKubeconfig",
        f"put a kubeconfig into a Secret in namespace {world.workspace} "
        "and name it in spec.importedConfig.kubeconfigSecretRef",
    )


def _connected(world: World) -> Finding | None:
    member = world.member
    if member is None or member.connected is None:
        return Waiting("Connecting", "connecting to the cluster")
    if not member.connected:
        return Terminal(member.reason, member.message) if member.terminal else Waiting(member.reason, member.message)
    return None


def _synced(world: World) -> Finding | None:
    if world.member is not None and world.member.synced:
        return None
    return Waiting("Syncing", f"reading the cluster: {world.errors[0]}" if world.errors else "reading the cluster")


def _guarded(world: World) -> Finding | None:
    if guards(world) is None or world.state is not None:
        return None
    return Waiting("InstallingPolicies", "puts the policies about namespaces into the cluster")


_STATE = (_has_way_in, _connected, _synced, _guarded)


# --- The end --------------------------------------------------------------------------------------------------------
def _ending(world: World) -> Plan:
    if CLUSTER_FINALIZER not in world.cluster["metadata"].get("finalizers", []):
        return finished(world.cluster, CLUSTER_FINALIZER)
    if world.local:
        return Plan(
            finding=Terminal(
                "LocalCluster",
                "the local cluster cannot be deleted: Drover runs in it; "
                "remove the finalizer drover.dev/cluster, and it is made anew when an operator starts to lead",
            )
        )
    impatient = forced(world.cluster) or overdue(world.cluster, world.now, 2 * world.patience)
    namespace = world.namespace
    held = namespace is not None and ownership(namespace, world.owner) == "ours" and not deleting(namespace)
    if (world.projects or held) and not impatient and (reconnection := _reconnection(world)):
        return Plan(actions=reconnection)  # after a restart: there is something to clean up in it
    living = [project for project in world.projects if not deleting(project)]
    if living:
        deletes = (Delete(PROJECTS, name_of(each), namespace_of(each), uid_of(each)) for each in living)
        return Plan(actions=tuple(deletes))
    if world.projects and not impatient:
        waited = listed(name_of(project) for project in world.projects)
        return Plan(finding=Waiting("DeletingProjects", f"waits for projects {waited}", world.patience))
    if not impatient and _within_reach(world) and (plan := _unruling(world) or _unguarding(world)):
        return plan
    if namespace is not None and held:
        delete = Delete(NAMESPACES, world.name, "", uid_of(namespace))
        return Plan(actions=(delete,), notices=(*_rights_left(world), *_guards_left(world)))
    if world.reference:
        return Plan(actions=(Detach(world.name),))
    if impatient and (world.projects or namespace is not None):
        left = listed(name_of(project) for project in world.projects)
        return finished(
            world.cluster,
            CLUSTER_FINALIZER,
            skipped(f"left to end by themselves: namespace {world.name} {left}".rstrip()),
        )
    return finished(world.cluster, CLUSTER_FINALIZER)


def _within_reach(world: World) -> bool:
    """Whether anything can be taken out of the cluster. A connection that is lost is waited for as long as the Projects
    waited."""
    member, recorded = world.member, str(status(world.cluster).get("kubeSystemUID") or "")
    if not world.reference or member is None or member.never_seen(recorded):
        return False
    return member.connected is not False or not overdue(world.cluster, world.now, world.patience)


def _unruling(world: World) -> Plan | None:
    """Waits until nothing is left in the cluster by which anybody has rights: what is left when the connection ends is
    in force for good. The policies guard it and go after it, unless it takes as long as Projects may."""
    if not world.rights_left:
        return None
    away = world.member is not None and world.member.connected is False
    why = "it does not answer" if away else "in progress"
    late = overdue(world.cluster, world.now, world.patience)
    return Plan(
        cluster=world.name,
        part=Part(world.owner, MANAGER, ends=True) if late else None,
        finding=Waiting("RemovingRights", f"removes what gives rights in the member: {why}", _RIGHTS_SECONDS),
        at_work=not away,
    )


def _unguarding(world: World) -> Plan | None:
    """Takes the policies out of the cluster; not those that cannot be taken away."""
    if world.state is not None and (world.state.gone or world.state.problem is not None):
        return None
    waiting = Waiting("RemovingPolicies", "takes its policies about namespaces out of the cluster", world.patience)
    return Plan(cluster=world.name, part=Part(world.owner, MANAGER, ends=True), finding=waiting)


def _rights_left(world: World) -> tuple[Notice, ...]:
    if world.rights_left is False or not status(world.cluster).get("kubeSystemUID"):
        return ()
    return (
        skipped(
            f"roles and bindings that give rights may be left in the cluster, with the label {UNIT}, and labels "
            f"{AGGREGATES} on other ClusterRoles; remove them there"
        ),
    )


def _guards_left(world: World) -> tuple[Notice, ...]:
    gone = world.state is not None and world.state.gone
    if gone or not status(world.cluster).get("kubeSystemUID"):
        return ()
    return (skipped("policies named drover-member-... may be left in the cluster; delete them there"),)
