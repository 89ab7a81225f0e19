"""What stands in the way of a NodePool. Nothing is made of one: its status says what to write instead."""

from __future__ import annotations

from drover.kinds.ending import finished
from drover.kinds.node_pool.world import World
from drover.kinds.plan import Plan
from drover.kinds.shared import valid
from drover.rules.conditions import is_true
from drover.rules.findings import Finding, Terminal, Waiting, first
from drover.rules.objects import deleting, name_of, paused, spec, status


def decide(world: World) -> Plan:
    """The next step."""
    if paused(world.pool):
        return Plan()
    if deleting(world.pool):
        return finished(world.pool, "")
    return Plan(finding=first(_CHECKS, world))


def _in_its_cluster(world: World) -> Finding | None:
    if spec(world.pool).get("clusterName") == world.cluster_name:
        return None
    return Terminal(
        "ClusterMismatch",
        f"spec.clusterName must be {world.cluster_name}, the namespace that the NodePool is in; "
        "make it anew in the namespace of its cluster",
    )


def _cluster_exists(world: World) -> Finding | None:
    if world.cluster is None:
        return Waiting("ClusterNotFound", f"there is no Cluster {world.cluster_name}; create it")
    return None


def _template_exists(world: World) -> Finding | None:
    if world.template is not None:
        return None
    name = spec(world.pool).get("nodeTemplateName")
    return Waiting("TemplateNotFound", f"there is no NodeTemplate {name}; create it, or correct spec.nodeTemplateName")


def _template_is_ready(world: World) -> Finding | None:
    """What stands in the template's way stands in the pool's."""
    template = world.template or {}
    if is_true(template, "Ready"):
        return None
    conditions = {entry["type"]: entry for entry in status(template).get("conditions") or []}
    ready = conditions.get("Ready", {})
    message = f"NodeTemplate {name_of(template)}: {ready.get('message') or 'in progress'}"
    if conditions.get("Stalled", {}).get("status") == "True":
        return Terminal(ready.get("reason") or "InvalidSpec", message)
    return Waiting(ready.get("reason") or "Progressing", message)


_CHECKS = (valid, _in_its_cluster, _cluster_exists, _template_exists, _template_is_ready)
