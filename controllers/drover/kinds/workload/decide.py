"""What to do about a Workload: its native object in its place, its end."""

from __future__ import annotations

from dataclasses import replace

from drover.api.keys import WORKLOAD_FINALIZER
from drover.kinds.ending import finished, skipped, with_finalizer
from drover.kinds.plan import Plan
from drover.kinds.resources import WORKLOADS
from drover.kinds.shared import member_answers
from drover.kinds.workload.place import Place
from drover.kinds.workload.world import Rendering, World
from drover.kube.gvr import Object
from drover.members.desired import Part, Wanted
from drover.rules import workload as rules
from drover.rules.findings import Finding, Terminal, Waiting, first
from drover.rules.objects import deleting, forced, name_of, overdue, paused, status, uid_of

MANAGER = "drover-workload"
COMPLETE = "Complete"


def decide(world: World) -> Plan:
    """The next step."""
    if paused(world.workload):
        return _held(world)
    if deleting(world.workload):
        return _ending(world)
    place, rendering = world.place, world.rendering
    if not isinstance(place, Place):
        return _held(world, place)
    if not isinstance(rendering, Rendering):
        return _held(world, rendering)
    if not place.here and (action := with_finalizer(world.workload, WORKLOAD_FINALIZER)):
        return Plan(actions=(action,))
    part = Part(world.owner, MANAGER, objects=_wanted(world))
    return Plan(cluster=place.cluster, part=part, finding=first(_STATE, world))


def _wanted(world: World) -> tuple[Wanted, ...]:
    """The native object; none where it has no place or cannot be rendered."""
    place, rendering = world.place, world.rendering
    if not isinstance(place, Place) or not isinstance(rendering, Rendering):
        return ()
    manifest = _owned(world.workload, rendering.manifest) if place.here else rendering.manifest
    return (Wanted(manifest, place.project_id, done=completed(world)),)


def _held(world: World, finding: Finding | None = None) -> Plan:
    """What runs is left as it is."""
    part = Part(world.owner, MANAGER, objects=_wanted(world), held=True)
    return Plan(finding=finding, cluster=world.home, part=part)


def _owned(workload: Object, manifest: Object) -> Object:
    """With an owner reference: in the Workload's own namespace the garbage collector cleans up, and no finalizer has
    to.

    It is not the controller: clients of Rancher's API take an object with a controller for one that somebody else
    shows.
    """
    reference = {
        "apiVersion": WORKLOADS.api_version,
        "kind": WORKLOADS.kind,
        "name": name_of(workload),
        "uid": uid_of(workload),
    }
    return {**manifest, "metadata": {**manifest["metadata"], "ownerReferences": [reference]}}


# --- What the member says -------------------------------------------------------------------------------------------
def _member_answers(world: World) -> Finding | None:
    return member_answers(world.member, world.home)


def _applied(world: World) -> Finding | None:
    if world.state is None or not world.state.problems:
        return Waiting("Progressing", "being applied")
    problem = world.state.problems[0]
    if problem is None:
        return None
    if problem.terminal:
        return Terminal(problem.reason, problem.message)
    return Waiting(problem.reason, problem.message)


def _healthy(world: World) -> Finding | None:
    seen = native_status(world)
    if seen is None or seen.is_ready:
        return None
    if seen.is_failed:
        return Terminal(seen.reason, seen.message)
    return Waiting(seen.reason, seen.message)


_STATE = (_member_answers, _applied, _healthy)


def completed(world: World) -> bool:
    """Whether the Job of this generation was complete once.

    Kubernetes deletes a complete Job after `ttlSecondsAfterFinished`, and people do; making it again would run it
    again.
    """
    if not isinstance(world.rendering, Rendering) or world.rendering.kind is not rules.JOB:
        return False
    for condition in status(world.workload).get("conditions") or []:
        if condition["type"] == COMPLETE and condition["status"] == "True":
            return bool(condition.get("observedGeneration") == world.workload["metadata"]["generation"])
    return False


def native_status(world: World) -> rules.WorkloadStatus | None:
    """How the native object is; None where it does not exist or nothing is known of it."""
    if world.state is None or not world.state.objects or world.state.objects[0] is None:
        return None
    if not isinstance(world.rendering, Rendering):
        return None
    return rules.status(world.state.objects[0], world.rendering.kind)


# --- The end --------------------------------------------------------------------------------------------------------
def _ending(world: World) -> Plan:
    if WORKLOAD_FINALIZER not in world.workload["metadata"].get("finalizers", []):
        # The garbage collector ends what it owns, or (--cascade=orphan) takes it out of our hands: so hands off.
        return replace(_held(world), actions=finished(world.workload, WORKLOAD_FINALIZER).actions)
    if world.state is not None and world.state.gone:
        return finished(world.workload, WORKLOAD_FINALIZER)
    impatient = forced(world.workload) or overdue(world.workload, world.now, world.patience)
    if world.never_seen:
        return finished(world.workload, WORKLOAD_FINALIZER)
    if impatient:
        notice = skipped(f"could not delete what runs in cluster {world.home}: it does not answer, or does not end")
        return finished(world.workload, WORKLOAD_FINALIZER, notice)
    waiting = Waiting("DeletingWorkload", f"waits for what runs in cluster {world.home} to be deleted", world.patience)
    return Plan(cluster=world.home, part=Part(world.owner, MANAGER, ends=True), finding=waiting)
