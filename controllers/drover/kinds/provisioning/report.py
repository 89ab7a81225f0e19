"""The status of a provisioning Cluster."""

from __future__ import annotations

from typing import Any

from drover.kinds.provisioning.world import World
from drover.kinds.reporting import paused_status, status_of
from drover.rules.conditions import Condition, false, is_true, summary, true, unknown
from drover.rules.findings import Finding, Terminal
from drover.rules.objects import deleting, paused, spec, status
from drover.rules.ownership import ownership
from drover.rules.pod_security import named, pod_security


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status; without a management Cluster, only conditions."""
    if paused(world.cluster):
        return paused_status(world.cluster, world.now)
    live = world.management if ownership(world.management, world.owner) == "ours" else None
    if live is not None and not status(live).get("conditions") and not deleting(world.cluster):
        return None  # its first status is on its way and brings this one with it
    before = status(world.cluster)
    connected = live is not None and is_true(live, "Connected")
    reference = spec(live, "importedConfig", "kubeconfigSecretRef") if live is not None else {}
    fields: dict[str, Any] = {
        "clusterName": world.target if live is not None else before.get("clusterName"),
        "ready": bool(before.get("ready")) or connected,
        "agentDeployed": False,
        "clientSecretName": reference.get("name") or before.get("clientSecretName"),
        "fleetWorkspaceName": spec(live).get("fleetWorkspaceName")
        if live is not None
        else before.get("fleetWorkspaceName"),
    }
    return status_of(
        world.cluster, _conditions(world, finding, made=live is not None, connected=connected), world.now, **fields
    )


def _conditions(world: World, finding: Finding | None, *, made: bool, connected: bool) -> list[Condition]:
    once = is_true(world.cluster, "Provisioned") or connected
    reason = finding.reason if isinstance(finding, Terminal) else "NotCreated"
    message = finding.message if isinstance(finding, Terminal) else ""
    return [
        true("Created", "Created") if made else false("Created", reason, message),
        true("Provisioned", "Imported")
        if once
        else unknown("Provisioned", "Pending", "waits for the first connection"),
        true("Updated", "Applied") if made and connected else unknown("Updated", "NotConnected"),
        true("Connected", "Connected") if connected else false("Connected", "Disconnected"),
        *_template(world),
        *summary(finding),
    ]


def _template(world: World) -> list[Condition]:
    """Whether the template that the Cluster names can be used; nothing where it names none."""
    name, type_ = named(world.cluster), "PodSecurityTemplateFound"
    if not name:
        return []
    what = f"PodSecurityAdmissionConfigurationTemplate {name}"
    if world.template is None:
        return [false(type_, "TemplateNotFound", f"there is no {what}; create it, or name another one")]
    if not pod_security(world.template, ()).labels:
        return [false(type_, "InvalidTemplate", f"{what} has a level or version that Kubernetes does not know")]
    return [true(type_, "TemplateFound")]
