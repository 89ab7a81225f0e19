"""The native object of a Workload."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from drover.rules.workload import jobs, replicated
from drover.rules.workload.kind_fields import require_fitting
from drover.rules.workload.native import CRON_JOB, DAEMON_SET, DEPLOYMENT, JOB, STATEFUL_SET, NativeKind, kind
from drover.rules.workload.pod import template
from drover.rules.workload.selector import LABEL, default_value, own_selector, require_match
from drover.rules.workload.shape import labels, mapping

_SPECS: Final[Mapping[NativeKind, Callable[..., dict[str, Any]]]] = {
    DEPLOYMENT: replicated.deployment,
    STATEFUL_SET: replicated.stateful_set,
    DAEMON_SET: replicated.daemon_set,
    JOB: jobs.job,
    CRON_JOB: jobs.cron_job,
}
_KUBERNETES_OWN: Final = (
    "deployment.kubernetes.io/",
    "deprecated.daemonset.template.generation",
    "kubectl.kubernetes.io/",
)
"""Prefixes of annotations that Kubernetes keeps on workloads. Copied into a Workload, they would be fought over."""


def render(spec: Mapping[str, Any], *, name: str, namespace: str) -> dict[str, Any]:
    """The native object for a Workload's spec: the same for the same input, and without what the apiserver fills in.

    The result shares the parts that need no change with `spec`: treat both as frozen. `spec.replicas` is there only if
    `spec.scale` is, so that it can be left to an autoscaler.

    Raises InvalidWorkload for everything that a person must change first.
    """
    native = kind(spec)
    require_fitting(spec, native)
    config = mapping(spec.get(native.config), f"spec.{native.config}")
    selector = own_selector(spec)
    extra_labels: dict[str, str] = {}
    if not selector and native not in {JOB, CRON_JOB}:
        extra_labels = {LABEL: default_value(native, namespace, name)}
        selector = {"matchLabels": extra_labels}
    pods = template(spec, native, name=name, extra_labels=extra_labels)
    require_match(selector, pods.get("metadata", {}).get("labels", {}))
    metadata: dict[str, Any] = {"name": name, "namespace": namespace}
    if own_labels := labels(spec.get("workloadLabels"), "spec.workloadLabels") | extra_labels:
        metadata["labels"] = own_labels
    if annotations := _annotations(spec):
        metadata["annotations"] = annotations
    return {
        "apiVersion": native.api_version,
        "kind": native.kind,
        "metadata": metadata,
        "spec": _SPECS[native](spec, config, selector=selector, template=pods),
    }


def _annotations(spec: Mapping[str, Any]) -> dict[str, str]:
    own = labels(spec.get("workloadAnnotations"), "spec.workloadAnnotations")
    return {key: value for key, value in own.items() if not key.startswith(_KUBERNETES_OWN)}
