"""The secrets of a Project: what its namespaces get, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from drover.api.keys import PROJECT_SCOPED_CLUSTER, PROJECT_SCOPED_IGNORES
from drover.kinds.plan import Apply
from drover.kinds.project.world import World
from drover.kube.gvr import SECRETS as GVR
from drover.kube.gvr import Object, identity
from drover.members.desired import SECRETS, SecretSource
from drover.rules import project_secrets
from drover.rules.findings import listed
from drover.rules.objects import annotation, label, name_of, namespace_of, uid_of


def sources(world: World) -> tuple[SecretSource, ...] | None:
    """The Secrets that are copied; None while they are not known."""
    if world.secrets is None:
        return None
    copied = [secret for secret in world.secrets if not _unsupported(secret)]
    return tuple(_source(secret) for secret in sorted(copied, key=name_of))


def _source(secret: Object) -> SecretSource:
    ignores, wrong = _ignored(secret)
    return SecretSource(
        namespace_of(secret),
        name_of(secret),
        uid_of(secret),
        secret["version"],
        None if wrong else ignores,
    )


def _ignored(secret: Object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return project_secrets.ignored(annotation(secret, PROJECT_SCOPED_IGNORES))


def _unsupported(secret: Object) -> bool:
    return secret["content"].type in project_secrets.NOT_COPIED


def labels(world: World) -> tuple[Apply, ...]:
    """The label of the cluster, on the Secrets that lack it."""
    wanted = {"labels": {PROJECT_SCOPED_CLUSTER: world.cluster_name}}
    return tuple(
        Apply(
            GVR,
            {
                "apiVersion": GVR.api_version,
                "kind": GVR.kind,
                "metadata": {**identity(secret, exactly=False), **wanted},
            },
        )
        for secret in world.secrets or ()
        if not label(secret, PROJECT_SCOPED_CLUSTER)
    )


# --- What stands in the way -----------------------------------------------------------------------------------------
def problems(world: World) -> list[tuple[str, str]]:
    """Why namespaces do not have every Secret, as reasons and messages."""
    return [problem for check in _CHECKS if (problem := check(world)) is not None]


def _type(world: World) -> tuple[str, str] | None:
    found = [name_of(secret) for secret in world.secrets or () if _unsupported(secret)]
    if not found:
        return None
    return "UnsupportedType", f"{listed(found)}: tokens of a ServiceAccount are not copied; take the label off"


def _ignore_list(world: World) -> tuple[str, str] | None:
    found = [
        f"{name_of(secret)} has {listed(repr(entry)[:60] for entry in wrong)}"
        for secret in world.secrets or ()
        if (wrong := _ignored(secret)[1])
    ]
    if not found:
        return None
    return "InvalidIgnoreList", (
        f"{listed(found, separator='; ')}; an entry of {PROJECT_SCOPED_IGNORES} is the name of a namespace, with * for "
        "any letters; copies stay as they are"
    )


def _taken(world: World) -> tuple[str, str] | None:
    found = _where(world, project_secrets.NAME_TAKEN)
    if not found:
        return None
    return "NameTaken", (
        f"Secrets that somebody else made have the names {listed(found)}; delete them, or put the namespaces into "
        f"{PROJECT_SCOPED_IGNORES}"
    )


def _quota(world: World) -> tuple[str, str] | None:
    found = _where(world, project_secrets.OVER_QUOTA)
    if not found:
        return None
    return "OverQuota", f"a ResourceQuota has no room for {listed(found)}; raise it"


def _forbidden(world: World) -> tuple[str, str] | None:
    found = _where(world, project_secrets.FORBIDDEN)
    if not found:
        return None
    return "Forbidden", (
        f"Drover may not write {listed(found)} in cluster {world.cluster_name}: grant it list, watch, create, "
        "patch and delete on secrets, or look at the policies there"
    )


def _refused(world: World) -> tuple[str, str] | None:
    found = _where(world, project_secrets.REFUSED)
    if not found:
        return None
    return "CopyRefused", f"the kube-apiserver does not take {listed(found)}; look at its log"


_CHECKS: tuple[Callable[[World], tuple[str, str] | None], ...] = (
    _type,
    _ignore_list,
    _taken,
    _quota,
    _forbidden,
    _refused,
)


def _where(world: World, reason: str) -> list[str]:
    """`<namespace>/<name>` of every copy that is not made for a reason."""
    return [f"{namespace}/{name}" for namespace, name, found in _failed(world) if found == reason]


def _failed(world: World) -> Iterable[tuple[str, str, str]]:
    for seen in world.last.seen if world.last is not None else ():
        for name, reason in project_secrets.understood(seen.problems.get(SECRETS, "")).items():
            yield seen.namespace, name, reason
