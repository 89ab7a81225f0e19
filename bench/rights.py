"""Roles and bindings about which the webhook is asked, and an author of them who has the rights that they give."""

from __future__ import annotations

from typing import Any

from bench import scene
from bench.waiting import until
from drover.dev.stage import Stage
from drover.kinds.resources import (
    CLUSTER_BINDINGS,
    GLOBAL_ROLE_BINDINGS,
    GLOBAL_ROLES,
    PROJECT_BINDINGS,
    ROLE_TEMPLATES,
)
from drover.kube.errors import ApiError
from drover.kube.gvr import CLUSTER_ROLES, GVR, NAMESPACES, Object

AUTHOR = "bench-author"
"""The ClusterRole of an author who may write all of them, and has the rights that they give, but no verb that stands
for those."""

_KINDS = (GLOBAL_ROLES, GLOBAL_ROLE_BINDINGS, ROLE_TEMPLATES, CLUSTER_BINDINGS, PROJECT_BINDINGS)
_PROJECT = "shop"
_GIVEN = {"verbs": ["get", "list", "watch"], "apiGroups": [""], "resources": ["pods"]}


async def prepare(made: Stage) -> None:
    """Makes what they name, and waits until the webhook answers."""
    groups = [group for gvr in _KINDS for group in (gvr.group, f"plain.{gvr.group}")]
    writes = {"verbs": ["create"], "apiGroups": sorted(set(groups)), "resources": [gvr.plural for gvr in _KINDS]}
    role = {
        "apiVersion": CLUSTER_ROLES.api_version,
        "kind": CLUSTER_ROLES.kind,
        "metadata": {"name": AUTHOR},
        "rules": [writes, _GIVEN],
    }
    await made.hub.apply(CLUSTER_ROLES, role, manager=scene.MANAGER)
    await scene.place(made, _PROJECT)
    namespace = f"local-{_PROJECT}"
    await until(lambda: scene.exists(made, NAMESPACES, namespace), f"namespace {namespace} is there")

    async def answers() -> bool:
        try:
            await made.hub.apply(GLOBAL_ROLES, _object(GLOBAL_ROLES, "bench", rules=[_GIVEN]), manager=scene.MANAGER)
        except ApiError:
            return False
        return True

    await until(answers, "the webhook answers", pause=0.3)
    for context in ("cluster", "project"):
        obj = _object(ROLE_TEMPLATES, f"bench-{context}", context=context, rules=[_GIVEN])
        await made.hub.apply(ROLE_TEMPLATES, obj, manager=scene.MANAGER)
    await scene.quiet(made, 2)


def objects() -> dict[GVR, Object]:
    """One of each kind, without names; bindings of a user whom there is none of, so that nothing follows from them."""
    return {
        GLOBAL_ROLES: _object(GLOBAL_ROLES, "", rules=[_GIVEN]),
        GLOBAL_ROLE_BINDINGS: _object(GLOBAL_ROLE_BINDINGS, "", globalRoleName="bench", userName="nobody"),
        ROLE_TEMPLATES: _object(ROLE_TEMPLATES, "", context="cluster", rules=[_GIVEN]),
        CLUSTER_BINDINGS: _object(
            CLUSTER_BINDINGS,
            "",
            "local",
            clusterName="local",
            roleTemplateName="bench-cluster",
            userName="nobody",
        ),
        PROJECT_BINDINGS: _object(
            PROJECT_BINDINGS,
            "",
            f"local-{_PROJECT}",
            projectName=f"local:{_PROJECT}",
            roleTemplateName="bench-project",
            userName="nobody",
        ),
    }


def _object(gvr: GVR, name: str, namespace: str = "", **fields: Any) -> Object:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": gvr.api_version, "kind": gvr.kind, "metadata": metadata, **fields}
