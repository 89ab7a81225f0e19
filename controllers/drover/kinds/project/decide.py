"""What to do about a Project: its backing namespace, the label on its namespaces, its end."""

from __future__ import annotations

from drover.api.keys import ADOPT_UID, PROJECT_FINALIZER
from drover.kinds.creator import given
from drover.kinds.ending import finished, skipped, with_finalizer
from drover.kinds.plan import Action, Apply, Confirm, Create, Delete, Notice, Plan
from drover.kinds.project import isolation, quota, secrets
from drover.kinds.project.world import World
from drover.kinds.resources import PROJECT_BINDINGS, WORKLOADS
from drover.kinds.shared import member_answers, system_namespace, valid
from drover.kube.gvr import NAMESPACES
from drover.members.desired import Part
from drover.rules import names
from drover.rules.findings import Finding, Terminal, Waiting, first, listed
from drover.rules.initial_namespaces import offered
from drover.rules.namespace_deletion import deletes_namespaces
from drover.rules.objects import deleting, forced, name_of, namespace_of, overdue, paused, status, uid_of
from drover.rules.ownership import owner_uid, ownership

MANAGER = "drover-project"


def decide(world: World) -> Plan:
    """The next step."""
    if paused(world.project):
        return _held(world)
    if deleting(world.project):
        return _ending(world)
    if finding := first(_CHECKS, world):
        return _held(world, finding=finding)
    if action := with_finalizer(world.project, PROJECT_FINALIZER):
        return _held(world, action)
    result = _namespace(world)
    if isinstance(result, Terminal | Waiting):
        return _held(world, finding=result)
    if actions := result or given(world.project, PROJECT_BINDINGS, world.creator):
        return _held(world, *actions)
    part = Part(
        world.owner,
        MANAGER,
        project=world.id,
        shares=quota.shares(world),
        shared=quota.shared(world),
        offers=offered(world.project, world.system_namespaces),
        admits=isolation.admits(world),
        secrets=secrets.sources(world),
        pod_security=world.pod_security,
    )
    records = world.ruling is not None and world.ruling.grants != world.granted
    labels = secrets.labels(world)  # where one cannot be set, the part goes on without it
    return Plan(labels, first(_STATE, world), world.cluster_name, part, records=records, mirror=quota.mirrored(world))


def _held(world: World, *actions: Action, finding: Finding | None = None) -> Plan:
    """The Project's namespaces keep their label as it is until more can be said."""
    part = Part(world.owner, MANAGER, project=world.id, held=True)
    return Plan(actions=actions, finding=finding, cluster=world.cluster_name, part=part)


# --- Before anything is done ----------------------------------------------------------------------------------------
def _in_its_cluster(world: World) -> Finding | None:
    if world.names_its_cluster:
        return None
    return Terminal(
        "ClusterMismatch",
        f"spec.clusterName must be {world.cluster_name}, the namespace that the Project is in; "
        "make the Project anew in the namespace of its cluster",
    )


def _cluster_exists(world: World) -> Finding | None:
    if world.cluster is None:
        return Waiting("ClusterNotFound", f"there is no Cluster {world.cluster_name}; create it")
    if deleting(world.cluster):
        return Waiting("ClusterDeleting", f"Cluster {world.cluster_name} is being deleted")
    return None


_CHECKS = (valid, _in_its_cluster, _cluster_exists)


# --- The backing namespace ------------------------------------------------------------------------------------------
def backing_namespace(world: World) -> str:
    """The name of the backing namespace.

    What the status has is kept for good, else one that was made already. The plain name `<cluster>-<project>` is
    taken only where nobody else has it.
    """
    recorded = str(status(world.project).get("backingNamespace") or "")
    if recorded:
        return recorded
    if world.owned:
        return min(name_of(namespace) for namespace in world.owned)
    if ownership(world.plain, world.owner) == "foreign":
        return names.backing_namespace_beside(world.cluster_name, world.name, world.owner.uid)
    return names.backing_namespace(world.cluster_name, world.name)


def _namespace(world: World) -> tuple[Action, ...] | Terminal | Waiting:
    name = backing_namespace(world)
    namespace = next(
        (found for found in (*world.owned, world.recorded, world.plain) if found and name_of(found) == name), None
    )
    if namespace is not None and deleting(namespace):
        return Waiting("NamespaceTerminating", f"namespace {name} is being deleted", 5.0)
    wanted = system_namespace(world.owner, name)
    match ownership(namespace, world.owner):
        case "ours":
            return ()
        case "absent":
            return (Create(NAMESPACES, wanted),)
        case "adoptable":
            uid = uid_of(namespace or {})
            return (Apply(NAMESPACES, {**wanted, "metadata": {**wanted["metadata"], "uid": uid}}),)
        case _:
            uid = owner_uid(namespace or {})
            hint = (
                f"; if it was made for this Project before a restore, annotate the Project with {ADOPT_UID}: {uid}"
                if uid
                else ""
            )
            return Terminal("NamespaceConflict", f"the backing namespace {name} belongs to somebody else{hint}")


# --- What the member says -------------------------------------------------------------------------------------------
def _member_answers(world: World) -> Finding | None:
    return member_answers(world.member, world.cluster_name)


def _member_looked(world: World) -> Finding | None:
    return None if world.state is not None else Waiting("Progressing", "looking for its namespaces")


_STATE = (_member_answers, _member_looked)


# --- The end --------------------------------------------------------------------------------------------------------
def _ending(world: World) -> Plan:
    if PROJECT_FINALIZER not in world.project["metadata"].get("finalizers", []):
        return finished(world.project, PROJECT_FINALIZER)
    impatient = forced(world.project) or overdue(world.project, world.now, world.patience)
    if deletes := _deletes(world):
        return Plan(actions=deletes)
    if world.workloads and not impatient:
        names_ = listed(name_of(workload) for workload in world.workloads)
        return Plan(finding=Waiting("DeletingWorkloads", f"waits for workloads {names_} to end", world.patience))
    empties = deletes_namespaces(world.project, world.cluster, world.lies_in)
    if empties and not world.confirmed:  # that the namespace ends may be told later than that the Project does
        return Plan(actions=(Confirm(world.owner.uid, NAMESPACES, world.cluster_name),))
    spares = tuple(world.system_namespaces) if empties else ()
    part = Part(world.owner, MANAGER, project=world.id, ends=True, deletes=empties, spares=spares)
    if world.state is not None and world.state.gone:
        return finished(world.project, PROJECT_FINALIZER, *_spared(world))
    if world.never_seen:
        return finished(world.project, PROJECT_FINALIZER)
    if impatient or (world.member is None and world.cluster is None):
        notice = skipped(f"the namespaces of {world.id} keep its mark: {_why(world)}")
        return finished(world.project, PROJECT_FINALIZER, notice, *_spared(world))
    waiting = Waiting("ReleasingNamespaces", f"takes its mark off its namespaces: {_why(world)}", world.patience)
    if empties:
        waiting = Waiting("DeletingNamespaces", f"deletes its namespaces: {_why(world)}", world.patience)
    return Plan(cluster=world.cluster_name, part=part, finding=waiting)


def _deletes(world: World) -> tuple[Action, ...]:
    """The Workloads first: their clean-up needs to know the project. The namespace is not waited for: nothing in it
    can hold it up any more."""
    workloads = [
        Delete(WORKLOADS, name_of(obj), namespace_of(obj), uid_of(obj)) for obj in world.workloads if not deleting(obj)
    ]
    namespaces = [Delete(NAMESPACES, name_of(obj), "", uid_of(obj)) for obj in world.owned if not deleting(obj)]
    return (*workloads, *namespaces)


def _why(world: World) -> str:
    if world.member is None or not world.member.connected:
        return f"Cluster {world.cluster_name} does not answer"
    if world.state is None:
        return "in progress"
    names_ = listed((*world.state.namespaces, *world.state.ending))
    return f"{names_}; {world.state.problem.message}" if world.state.problem is not None else names_


def _spared(world: World) -> tuple[Notice, ...]:
    """Tells of namespaces that were to be deleted and were released instead."""
    if world.state is None or not world.state.spared:
        return ()
    told = listed((f"{name}: {why}" for name, why in world.state.spared.items()), separator="; ")
    return (Notice("NamespacesReleased", f"not deleted with the Project, but released: {told}"),)
