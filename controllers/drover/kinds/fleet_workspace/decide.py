"""What to do about a workspace: its namespace, and its end."""

from __future__ import annotations

from drover.api.keys import FORCE_DELETE, WORKSPACE_FINALIZER
from drover.kinds.contents import SECRETS
from drover.kinds.ending import finished, with_finalizer
from drover.kinds.fleet_workspace.world import World
from drover.kinds.plan import Action, Apply, Count, Create, Delete, Plan
from drover.kube.apply import APPLIED, covers, digest, stamped
from drover.kube.gvr import NAMESPACES, Object
from drover.rules.findings import Finding, Terminal, Waiting, listed
from drover.rules.objects import annotation, deleting, finalizers, forced, paused, uid_of
from drover.rules.ownership import owner_uid, ownership
from drover.rules.workspaces import copied

_LOOK_AGAIN_SECONDS = 5.0


def decide(world: World) -> Plan:
    """The next step."""
    if paused(world.workspace):
        return Plan()
    if deleting(world.workspace):
        return _ending(world)
    if world.invalid:
        return Plan(finding=Terminal("InvalidSpec", world.invalid))
    if not world.managed:
        return Plan()
    result = _namespace(world)
    if isinstance(result, Terminal | Waiting):
        return Plan(finding=result)
    ours = ownership(world.namespace, world.owner) == "ours"
    if (result or ours) and (action := with_finalizer(world.workspace, WORKSPACE_FINALIZER)):
        return Plan(actions=(action,))
    return Plan(actions=result)


# --- The namespace --------------------------------------------------------------------------------------------------
def _namespace(world: World) -> tuple[Action, ...] | Terminal | Waiting:
    namespace = world.namespace
    if namespace is not None and deleting(namespace):
        return Waiting("NamespaceTerminating", f"namespace {world.name} is being deleted", 5.0)
    match ownership(namespace, world.owner):
        case "absent":
            return (Create(NAMESPACES, _bare(world)),)
        case "ours" if namespace is not None:
            return _marks(world, namespace)
        case "adoptable" if namespace is not None:
            return (Apply(NAMESPACES, _marked(world, namespace)),)
        case _ if namespace is not None and (uid := owner_uid(namespace)):
            return Terminal(
                "NamespaceConflict",
                f"namespace {world.name} was made for something else; name the workspace otherwise, or, if it was made "
                f"for this one before a restore, annotate this one with drover.dev/adopt-uid: {uid}",
            )
        case _:
            return ()  # somebody else's: it is used, and never changed or deleted


def _marks(world: World, namespace: Object) -> tuple[Action, ...]:
    """Labels and annotations of the workspace on its namespace. A namespace that never had any needs no second
    write."""
    wanted = _marked(world, namespace)
    plain = not _copied(world, "labels") and not _copied(world, "annotations")
    if (plain and not annotation(namespace, APPLIED)) or covers(namespace["metadata"], wanted["metadata"]):
        return ()
    return (Apply(NAMESPACES, wanted),)


def _bare(world: World) -> Object:
    """As it is made: without what is copied, which an apply could not take away again."""
    return {
        "apiVersion": NAMESPACES.api_version,
        "kind": NAMESPACES.kind,
        "metadata": {"name": world.name, "labels": world.owner.labels(), "annotations": world.owner.annotations()},
    }


def _marked(world: World, namespace: Object) -> Object:
    bare = _bare(world)
    metadata = {
        "name": world.name,
        "labels": {**_copied(world, "labels"), **bare["metadata"]["labels"]},
        "annotations": {**_copied(world, "annotations"), **bare["metadata"]["annotations"]},
    }
    obj = {**bare, "metadata": metadata}
    stamp = digest(obj)
    return stamped({**obj, "metadata": {**metadata, "uid": uid_of(namespace)}}, stamp)


def _copied(world: World, field: str) -> dict[str, str]:
    return copied(world.workspace["metadata"].get(field))


# --- The end --------------------------------------------------------------------------------------------------------
def _ending(world: World) -> Plan:
    """There is no deadline: what is waited for is somebody's, and would be lost."""
    if WORKSPACE_FINALIZER not in finalizers(world.workspace):
        return finished(world.workspace, WORKSPACE_FINALIZER)
    force = forced(world.workspace)
    if world.clusters and not force:
        return Plan(finding=Waiting("WorkspaceInUse", f"Clusters {listed(world.clusters)} are in it; {_WAY_OUT}"))
    namespace = world.namespace
    if namespace is None or deleting(namespace) or ownership(namespace, world.owner) != "ours":
        return finished(world.workspace, WORKSPACE_FINALIZER)
    if world.contents is None and not force:
        return Plan(actions=(Count(world.name, world.owner.labels()),))
    if not force and (finding := _holds(world)):
        return Plan(finding=finding)
    return Plan(actions=(Delete(NAMESPACES, world.name, "", uid_of(namespace)),))


_WAY_OUT = f'delete them, or annotate the workspace with {FORCE_DELETE}: "true" to lose them'


def _holds(world: World) -> Finding | None:
    """What would be lost with the namespace."""
    contents = world.contents or {}
    if SECRETS not in contents:
        return Waiting(
            "ContentsUnknown",
            f"waits for Kubernetes to count what namespace {world.name} holds; {_WAY_OUT}",
            _LOOK_AGAIN_SECONDS,
        )
    found = [f"{number} {resource}" for resource, number in contents.items() if number]
    if not found:
        return None
    return Waiting(
        "WorkspaceNotEmpty", f"namespace {world.name} holds {', '.join(found)}; {_WAY_OUT}", _LOOK_AGAIN_SECONDS
    )
