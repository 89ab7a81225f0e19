"""The status of a binding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drover.kinds.binding.decide import asked, at_work, blocked, local, remote, role
from drover.kinds.binding.world import World
from drover.kinds.reporting import conditions_of, paused_status, status_of
from drover.kinds.resources import CLUSTER_BINDINGS, GLOBAL_ROLE_BINDINGS, PROJECT_BINDINGS
from drover.kinds.role.decide import allows_nothing
from drover.rules.conditions import Condition, false, summary, true, unknown, word
from drover.rules.findings import Finding, Terminal, Transient
from drover.rules.objects import deleting, paused, status

_NAMES = {
    GLOBAL_ROLE_BINDINGS: ("SubjectReconciled", "GlobalRoleBindingReconciled", "ClusterPermissionsReconciled"),
    CLUSTER_BINDINGS: ("ReconcileSubject", "ReconcileBindings", "ReconcileClusterRoleBindings"),
    PROJECT_BINDINGS: ("ReconcileSubject", "ReconcileBindings", "ReconcileRoleBindings"),
}
"""What clients of Rancher's API know SubjectResolved, LocalSynced and RemoteSynced as."""

_UNSEEN = {
    "Group": "group {0.name}: for whoever logs in with a group of exactly this name; whether there is one is not known",
    "ServiceAccount": "ServiceAccount {0.namespace}/{0.name}: the rights are for it once it is there",
}
"""What is told of subjects that have no object in the hub."""


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status. None while it would say nothing that stays: the rights are being written, a restarted Drover has not
    heard from the clusters yet, or the binding is about to be gone."""
    if paused(world.binding):
        return paused_status(world.binding, world.now)
    known = bool(status(world.binding).get("conditions"))
    if deleting(world.binding) or (known and (at_work(finding) or not asked(world))):
        return None
    stopped = blocked(world)
    near, far = (stopped, stopped) if stopped is not None else (local(world), remote(world))
    here, there = _synced("LocalSynced", near, stopped), _synced("RemoteSynced", far, stopped)
    who = _subject(world)
    generation = world.binding["metadata"]["generation"]
    return status_of(
        world.binding,
        [who, _role(world), here, there, *summary(finding, ready=_empty(world))],
        world.now,
        userName=world.user.name if world.user is not None else None,
        summary=word(finding),
        summaryLocal=word(near),
        summaryRemote=word(far),
        observedGenerationLocal=generation,
        observedGenerationRemote=generation,
        localConditions=_renamed(world, "localConditions", who, here),
        remoteConditions=_renamed(world, "remoteConditions", there),
    )


def _renamed(world: World, field: str, *conditions: Condition) -> list[dict[str, Any]]:
    """Conditions under the names that clients of Rancher's API know."""
    names = dict(zip(("SubjectResolved", "LocalSynced", "RemoteSynced"), _NAMES[world.gvr], strict=True))
    renamed = [replace(condition, type=names[condition.type]) for condition in conditions]
    return conditions_of(world.binding, renamed, world.now, field=field)


def _subject(world: World) -> Condition:
    type_, found = "SubjectResolved", world.subjects
    if not isinstance(found, tuple):
        return _missing(type_, found)
    if world.user is not None:
        return true(type_, "UserFound", f"User {world.user.name}")
    if any(each.kind == "User" for each in found):
        return true(type_, "IdentityOnly", "no User has this identity yet: the rights are for whoever logs in with it")
    return true(type_, found[0].kind, _UNSEEN[found[0].kind].format(found[0]))


def _role(world: World) -> Condition:
    finding = role(world)
    if finding is not None:
        return _missing("RoleResolved", finding)
    told = _empty(world)
    return true("RoleResolved", "NoRules", told) if told else true("RoleResolved", "RoleFound")


def _empty(world: World) -> str:
    return allows_nothing(world.role_kind) if world.empty else ""


def _missing(type_: str, finding: Finding) -> Condition:
    if isinstance(finding, Transient):
        return unknown(type_, "Progressing", finding.message)
    return false(type_, finding.reason, finding.message)


def _synced(type_: str, finding: Finding | None, stopped: Finding | None) -> Condition:
    """How it stands with the rights in the hub, or in the other clusters; `stopped`: why the binding gives nothing."""
    if stopped is not None:
        return false(type_, "NothingGranted", "the binding gives nothing; the condition Ready says why")
    if finding is None:
        return true(type_, "Synced")
    if isinstance(finding, Terminal):
        return false(type_, finding.reason, finding.message)
    return unknown(type_, getattr(finding, "reason", "Progressing"), finding.message)
