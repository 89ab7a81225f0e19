"""NodePools that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change

GOOD: dict[str, Any] = {"clusterName": "c-table", "nodeTemplateName": "cattle-global-nt:nt-1", "worker": True}

BAD = (
    Bad("no cluster", {"nodeTemplateName": "a", "worker": True}, "spec.clusterName"),
    Bad("no template", {"clusterName": "c-table", "worker": True}, "spec.nodeTemplateName"),
    Bad("an empty template", GOOD | {"nodeTemplateName": ""}, "spec.nodeTemplateName"),
    Bad(
        "a template with two colons", GOOD | {"nodeTemplateName": "a:b:c"}, "spec.nodeTemplateName", "`namespace:name`"
    ),
    Bad("a pool without a role", GOOD | {"worker": False}, "spec", "set etcd, controlPlane or worker to true"),
    Bad("minus one machine", GOOD | {"quantity": -1}, "spec.quantity"),
    Bad("half a machine", GOOD | {"quantity": 0.5}, "spec.quantity"),
    Bad("a negative time", GOOD | {"deleteNotReadyAfterSecs": -1}, "spec.deleteNotReadyAfterSecs"),
    Bad("more than a year", GOOD | {"deleteNotReadyAfterSecs": 31540001}, "spec.deleteNotReadyAfterSecs"),
    Bad(
        "a taint with an unknown effect",
        GOOD | {"nodeTaints": [{"key": "a", "effect": "No"}]},
        "spec.nodeTaints[0].effect",
    ),
    Bad("labels as a list", GOOD | {"nodeLabels": ["a"]}, "spec.nodeLabels"),
)

CHANGES = (
    Change(
        "another cluster",
        GOOD,
        GOOD | {"clusterName": "elsewhere"},
        "spec.clusterName",
        "create a pool in the other one",
    ),
)
