"""Which namespaces the Default and the System project of a cluster get, where those belong to no project yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from drover.api.keys import ASSIGNED, DEFAULT_PROJECT, PROJECT_ID, SYSTEM_PROJECT, UPSTREAM_ASSIGNED

SYSTEM: Final = (
    "kube-system", "kube-public", "kube-node-lease", "drover-system", "cattle-system", "cattle-alerting",
    "cattle-logging",
    "cattle-monitoring-system", "cattle-prometheus", "cattle-fleet-system", "cattle-fleet-local-system",
    "cattle-impersonation-system", "cattle-istio", "cattle-elemental-system", "cattle-turtles-system",
    "cattle-capi-system", "ingress-nginx", "cert-manager", "calico-system", "calico-apiserver", "tigera-operator",
    "security-scan",
)  # fmt: skip
"""What the System project gets unless a Setting says otherwise: the namespaces of Kubernetes and of what usually runs
a cluster."""

DEFAULT: Final = ("default",)
"""What the Default project gets."""


def offered(project: Mapping[str, Any], system: Sequence[str]) -> tuple[str, ...]:
    """The names of the namespaces that a Project gets. `system` are those of the System project, which go before."""
    labels = project["metadata"].get("labels") or {}
    if labels.get(SYSTEM_PROJECT) == "true":
        return tuple(system)
    if labels.get(DEFAULT_PROJECT) == "true":
        return tuple(name for name in DEFAULT if name not in system)
    return ()


def initial(project: Mapping[str, Any]) -> bool:
    """Whether a Project is the Default or the System project of its cluster."""
    labels = project["metadata"].get("labels") or {}
    return "true" in (labels.get(DEFAULT_PROJECT), labels.get(SYSTEM_PROJECT))


def unassigned(namespace: Mapping[str, Any]) -> bool:
    """Whether a namespace was never in a project. One that was taken out of its project, or has an empty annotation, is
    to be in none."""
    annotations = namespace["metadata"].get("annotations") or {}
    return not {PROJECT_ID, ASSIGNED, UPSTREAM_ASSIGNED} & annotations.keys()
