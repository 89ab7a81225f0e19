"""The pod template of a Workload, whose fields lie flat in `spec`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from drover.rules.workload import ports, volumes
from drover.rules.workload.container import container
from drover.rules.workload.native import CRON_JOB, JOB, STATEFUL_SET, NativeKind
from drover.rules.workload.scheduling import scheduling
from drover.rules.workload.shape import InvalidWorkload, choice, flag, given, integer, labels, mapping, sequence, text

_METRICS: Final = "field.cattle.io/workloadMetrics"

_SAME: Final = (
    "activeDeadlineSeconds",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostUsers",
    "hostname",
    "hostnameOverride",
    "imagePullSecrets",
    "os",
    "overhead",
    "preemptionPolicy",
    "readinessGates",
    "resourceClaims",
    "resources",
    "runtimeClassName",
    "schedulingGates",
    "schedulingGroup",
    "serviceAccountName",
    "setHostnameAsFQDN",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "topologySpreadConstraints",
)
_SECURITY_RENAMED: Final = {"uid": "runAsUser", "gids": "supplementalGroups", "fsgid": "fsGroup"}
_SECURITY_SAME: Final = (
    "appArmorProfile",
    "fsGroupChangePolicy",
    "runAsGroup",
    "runAsNonRoot",
    "seLinuxChangePolicy",
    "seccompProfile",
    "supplementalGroupsPolicy",
    "sysctls",
    "windowsOptions",
)


def template(spec: Mapping[str, Any], native: NativeKind, *, name: str, extra_labels: dict[str, str]) -> dict[str, Any]:
    """The PodTemplateSpec. `extra_labels` win over `spec.labels`: the default selector's label must not be changed."""
    pod, annotations = _containers(spec, native, name)
    if restart_policy := _restart_policy(spec, native):
        pod["restartPolicy"] = restart_policy
    if pod_volumes := volumes.volumes(spec):
        pod["volumes"] = pod_volumes
    pod.update(given(spec, _SAME))
    pod.update(scheduling(spec))
    if security := _security_context(spec):
        pod["securityContext"] = security
    own_annotations = labels(spec.get("annotations"), "spec.annotations")
    own_annotations.pop(ports.ANNOTATION, None)
    if metrics := _metrics(spec):
        own_annotations[_METRICS] = metrics
    metadata: dict[str, Any] = {}
    if pod_labels := labels(spec.get("labels"), "spec.labels") | extra_labels:
        metadata["labels"] = pod_labels
    if all_annotations := own_annotations | annotations:
        metadata["annotations"] = all_annotations
    return {"metadata": metadata, "spec": pod} if metadata else {"spec": pod}


def _containers(spec: Mapping[str, Any], native: NativeKind, name: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The pod spec's containers and initContainers, and the annotation for their ports."""
    if spec.get("ephemeralContainers"):
        raise InvalidWorkload(
            "spec.ephemeralContainers", "belong to running pods; use `kubectl debug` on a pod instead"
        )
    mountable = _mountable(spec, native)
    names: dict[str, str] = {}
    port_names: dict[str, str] = {}
    groups: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
    port_lists: tuple[list[Any], list[Any]] = ([], [])
    for index, item in enumerate(sequence(spec.get("containers"), "spec.containers")):
        path = f"spec.containers[{index}]"
        view = mapping(item, path)
        container_ports = ports.ports(view.get("ports"), f"{path}.ports", workload=name)
        rendered = container(view, path, container_ports=container_ports, volumes=mountable)
        _unique(rendered["name"], f"{path}.name", names)
        for number, port in enumerate(container_ports):
            _unique(port["name"], f"{path}.ports[{number}]", port_names)
        init = flag(view.get("initContainer"), f"{path}.initContainer")
        groups[init].append(rendered)
        port_lists[init].append(container_ports)
    regular, initial = groups
    if not regular:
        raise InvalidWorkload("spec.containers", "needs at least one container without `initContainer: true`")
    pod: dict[str, Any] = {"initContainers": initial, "containers": regular} if initial else {"containers": regular}
    return pod, {ports.ANNOTATION: ports.annotation([*port_lists[0], *port_lists[1]])} if port_names else {}


def _unique(name: str, path: str, seen: dict[str, str]) -> None:
    if name in seen:
        raise InvalidWorkload(path, f'has the name "{name}" like {seen[name]}; give it a name of its own')
    seen[name] = path


def _mountable(spec: Mapping[str, Any], native: NativeKind) -> frozenset[str]:
    names = {volume["name"] for volume in volumes.volumes(spec)}
    if native is STATEFUL_SET:
        config = mapping(spec.get(native.config), f"spec.{native.config}")
        names.update(claim["metadata"]["name"] for claim in volumes.claim_templates(config))
    return frozenset(names)


def _restart_policy(spec: Mapping[str, Any], native: NativeKind) -> str | None:
    """Jobs must say what happens when a container fails, so theirs defaults to OnFailure; the rest restart always."""
    if native in {JOB, CRON_JOB}:
        return choice(spec.get("restartPolicy"), "spec.restartPolicy", ("OnFailure", "Never")) or "OnFailure"
    return choice(spec.get("restartPolicy"), "spec.restartPolicy", ("Always",))


def _security_context(spec: Mapping[str, Any]) -> dict[str, Any]:
    security = {native: spec[field] for field, native in _SECURITY_RENAMED.items() if spec.get(field) is not None}
    return security | given(spec, _SECURITY_SAME)


def _metrics(spec: Mapping[str, Any]) -> str:
    """The annotation for `spec.workloadMetrics`: where pods serve metrics, as a JSON list."""
    metrics: list[dict[str, Any]] = []
    for index, item in enumerate(sequence(spec.get("workloadMetrics"), "spec.workloadMetrics")):
        path = f"spec.workloadMetrics[{index}]"
        view = mapping(item, path)
        metric = {
            "path": text(view.get("path"), f"{path}.path"),
            "port": integer(view.get("port"), f"{path}.port", least=1, most=65535),
            "schema": choice(view.get("schema"), f"{path}.schema", ("HTTP", "HTTPS")),
        }
        metrics.append({field: value for field, value in metric.items() if value})
    return json.dumps(metrics, sort_keys=True, separators=(",", ":")) if metrics else ""
