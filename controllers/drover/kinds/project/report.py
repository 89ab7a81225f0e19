"""The status of a Project."""

from __future__ import annotations

from typing import Any

from drover.api.keys import DEFAULT_PROJECT, SYSTEM_PROJECT
from drover.kinds.project import isolation, quota, secrets
from drover.kinds.project.decide import backing_namespace
from drover.kinds.project.world import World
from drover.kinds.reporting import paused_status, status_of
from drover.rules import creators
from drover.rules.conditions import Condition, false, is_true, summary, true, unknown
from drover.rules.findings import Finding, listed
from drover.rules.objects import deleting, label, name_of, paused, status


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status, or None while a restarted Drover has not heard from the cluster yet."""
    if paused(world.project):
        return paused_status(world.project, world.now)
    if _not_asked_yet(world):
        return None
    name = backing_namespace(world)
    made = any(name_of(namespace) == name for namespace in world.owned)
    namespaces = len(world.state.namespaces) if world.state is not None else status(world.project).get("namespaces")
    conditions = [
        true("BackingNamespaceCreated", "Created") if made else false("BackingNamespaceCreated", "NotCreated"),
        *creators.conditions(world.project),
        *_assigned(world),
        _healthy(world),
        isolation.condition(world, finding),
        _synced(world),
        *summary(finding),
    ]
    recorded = status(world.project).get("backingNamespace") or (name if made else None)
    fields = {"backingNamespace": recorded, "namespaces": namespaces, **_quota(world)}
    return status_of(world.project, conditions, world.now, **fields)


def _quota(world: World) -> dict[str, Any]:
    """What was granted; as it was, while nothing is known of the namespaces."""
    ruling = world.ruling
    if ruling is None or deleting(world.project):
        return {name: status(world.project).get(name) for name in ("usedLimit", "namespaceQuotas")}
    return {"usedLimit": quota.used(ruling), "namespaceQuotas": quota.grants(ruling) or None}


def _assigned(world: World) -> list[Condition]:
    """Of the Default and the System project: whether they got the namespaces that are theirs at first."""
    types = {DEFAULT_PROJECT: "DefaultNamespacesAssigned", SYSTEM_PROJECT: "SystemNamespacesAssigned"}
    found = [type_ for mark, type_ in types.items() if label(world.project, mark) == "true"]
    done = world.state is not None
    return [
        true(type_, "Assigned") if done or is_true(world.project, type_) else unknown(type_, "Progressing", "not yet")
        for type_ in found
    ]


def _healthy(world: World) -> Condition:
    ruling = world.ruling
    if world.limit is None:
        return true("QuotaHealthy", "NoQuota")
    if ruling is None:
        return unknown("QuotaHealthy", "Progressing", "looking for its namespaces")
    if ruling.above:
        least = " ".join(f"{key}={value}" for key, value in sorted(ruling.above.items()))
        return false(
            "QuotaHealthy", "LimitBelowUse", f"namespaces were granted more than the limit: {least}; lower their quotas"
        )
    if refused := quota.refusals(world, ruling):
        told = listed((f"{name}: {why}" for name, why in refused.items()), separator="; ")
        return false("QuotaHealthy", "QuotaRefused", told)
    return true("QuotaHealthy", "Granted")


def _synced(world: World) -> Condition:
    if world.secrets is None:
        told = "Drover may not read Secrets in the hub; see projectSecrets.enabled of the chart"
        return unknown("SecretsSynced", "NotPermitted", told)
    if not world.secrets:
        return true("SecretsSynced", "NoSecrets")
    if problems := secrets.problems(world):
        return false("SecretsSynced", problems[0][0], "; ".join(message for _, message in problems))
    if world.last is None:
        return unknown("SecretsSynced", "Progressing", "looking for its namespaces")
    return true("SecretsSynced", "Synced")


def _not_asked_yet(world: World) -> bool:
    known = bool(status(world.project).get("conditions"))
    return (
        known
        and not deleting(world.project)
        and world.cluster is not None
        and world.member is not None
        and world.member.connected is None
    )
