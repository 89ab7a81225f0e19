"""A short notation for policy rules, in which the roles that come with Drover are written.

A line is a rule: group, resources with names in brackets, verbs. Words that stand for more are below.

    core pods,pods/log glw
    mgmt clusters[local] get
    url * *
"""

from __future__ import annotations

from typing import Any, Final

from drover.api.keys import MANAGEMENT, PROVISIONING

_GROUPS: Final = {
    "core": "",
    "mgmt": MANAGEMENT,
    "prov": PROVISIONING,
    "ext": "ext.cattle.io",
    "catalog": "catalog.cattle.io",
    "ui": "ui.cattle.io",
    "rke": "rke.cattle.io",
    "operation": "operation.cattle.io",
    "machine-config": "rke-machine-config.cattle.io",
    "machine": "rke-machine.cattle.io",
    "capi": "cluster.x-k8s.io",
    "capi-infra": "infrastructure.cluster.x-k8s.io",
    "storage": "storage.k8s.io",
    "registration": "apiregistration.k8s.io",
    "metrics": "metrics.k8s.io",
    "networking": "networking.k8s.io",
    "gateway": "gateway.networking.k8s.io",
}
"""Names of API groups; any other stands for itself."""

_VERBS: Final = {
    "glw": ("get", "list", "watch"),
    "crud": ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"),
}


def rules(text: str) -> list[dict[str, Any]]:
    """The lines as PolicyRules."""
    return [_rule(*line.split()) for line in text.splitlines() if line.strip()]


def _rule(group: str, what: str, verbs: str) -> dict[str, Any]:
    listed = list(_VERBS.get(verbs, verbs.split(",")))
    if group == "url":
        return {"nonResourceURLs": what.split(","), "verbs": listed}
    resources, _, names = what.removesuffix("]").partition("[")
    rule: dict[str, Any] = {
        "apiGroups": [_GROUPS.get(group, group)],
        "resources": resources.split(","),
        "verbs": listed,
    }
    return rule | ({"resourceNames": names.split(",")} if names else {})
