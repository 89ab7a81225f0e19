"""The specs of Deployments, StatefulSets and DaemonSets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drover.rules.workload.shape import choice, given, int_or_string, integer
from drover.rules.workload.volumes import claim_templates


def deployment(
    spec: Mapping[str, Any], config: Mapping[str, Any], *, selector: Mapping[str, Any], template: Mapping[str, Any]
) -> dict[str, Any]:
    """A DeploymentSpec. The strategy Recreate leaves maxSurge and maxUnavailable out, which it cannot have."""
    native = _scaled(spec) | {"selector": selector, "template": template} | given(spec, ("paused",))
    path = "spec.deploymentConfig"
    rolling = _amounts(config, path, "maxSurge", "maxUnavailable")
    native["strategy"] = _strategy(config, path, ("RollingUpdate", "Recreate"), rolling)
    return native | given(config, ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"))


def stateful_set(
    spec: Mapping[str, Any], config: Mapping[str, Any], *, selector: Mapping[str, Any], template: Mapping[str, Any]
) -> dict[str, Any]:
    """A StatefulSetSpec."""
    native = _scaled(spec) | {"selector": selector, "template": template}
    path = "spec.statefulSetConfig"
    rolling = given(config, ("partition",)) | _amounts(spec, "spec", "maxUnavailable")
    native["updateStrategy"] = _strategy(config, path, ("RollingUpdate", "OnDelete"), rolling)
    native.update(given(config, ("serviceName", "podManagementPolicy", "revisionHistoryLimit")))
    native.update(given(spec, ("minReadySeconds", "ordinals", "persistentVolumeClaimRetentionPolicy")))
    if claims := claim_templates(config):
        native["volumeClaimTemplates"] = claims
    return native


def daemon_set(
    spec: Mapping[str, Any], config: Mapping[str, Any], *, selector: Mapping[str, Any], template: Mapping[str, Any]
) -> dict[str, Any]:
    """A DaemonSetSpec."""
    native: dict[str, Any] = {"selector": selector, "template": template}
    path = "spec.daemonSetConfig"
    rolling = _amounts(spec, "spec", "maxSurge") | _amounts(config, path, "maxUnavailable")
    native["updateStrategy"] = _strategy(config, path, ("RollingUpdate", "OnDelete"), rolling)
    return native | given(config, ("minReadySeconds", "revisionHistoryLimit"))


def _scaled(spec: Mapping[str, Any]) -> dict[str, Any]:
    scale = integer(spec.get("scale"), "spec.scale", least=0, most=2**31 - 1)
    return {} if scale is None else {"replicas": scale}


def _amounts(source: Mapping[str, Any], path: str, *fields: str) -> dict[str, Any]:
    return {
        field: int_or_string(value, f"{path}.{field}") for field in fields if (value := source.get(field)) is not None
    }


def _strategy(
    config: Mapping[str, Any], path: str, options: tuple[str, str], rolling: Mapping[str, Any]
) -> dict[str, Any]:
    """The update strategy of a kind whose `options` are RollingUpdate, the default, and another without parameters.

    RollingUpdate is written out with `rollingUpdate`, even if empty, so that the field is ours: the other strategy must
    not have it, and server-side apply takes away only what it has set.
    """
    chosen = choice(config.get("strategy"), f"{path}.strategy", options) or options[0]
    return {"type": chosen, "rollingUpdate": rolling} if chosen == options[0] else {"type": chosen}
