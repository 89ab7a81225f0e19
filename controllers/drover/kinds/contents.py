"""What a namespace of the hub holds. Kubernetes counts the objects in it for whoever makes a ResourceQuota, so that
Drover needs no right to read them: Secrets above all."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final

from drover.kinds.hub import Hub
from drover.kinds.plan import Count
from drover.kube import metrics
from drover.kube.errors import AlreadyExists, Conflict, NotFound
from drover.kube.gvr import RESOURCE_QUOTAS, Object, identity
from drover.kube.quantity import quantity

SECRETS: Final = "secrets"
_FLEET: Final = "fleet.cattle.io"
_FLEET_VERSION: Final = "v1alpha1"
RESOURCES: Final = (
    SECRETS,
    *(f"{plural}.{_FLEET}" for plural in ("bundles", "clustergroups", "clusters", "gitrepos", "helmops")),
)
"""What is counted. Kubernetes knows Secrets; the others where their CRDs are there."""

_NAME: Final = "drover-contents"
_NO_LIMIT: Final = "999999999"  # a billion would come back as `1G`
_NO_LIMIT_EITHER: Final = "999999998"
_MANAGER: Final = "drover-fleet-workspace"
_TRIES: Final = 20
_PAUSE: Final = 0.1


async def count(hub: Hub, wanted: Count) -> None:
    """Has the objects counted and puts the numbers into `hub.counted`, none where there is no answer in two seconds.

    The ResourceQuota limits nothing. It stays as long as the namespace, so that to look again is no write where
    everything was counted.
    """
    obj: Object = {
        "apiVersion": RESOURCE_QUOTAS.api_version,
        "kind": RESOURCE_QUOTAS.kind,
        "metadata": {"name": _NAME, "namespace": wanted.namespace, "labels": dict(wanted.labels)},
        "spec": {"hard": {f"count/{resource}": _NO_LIMIT for resource in RESOURCES}},
    }
    with contextlib.suppress(AlreadyExists):
        await hub.client.create(RESOURCE_QUOTAS, obj, manager=_MANAGER)
        metrics.WRITES.labels(RESOURCE_QUOTAS.kind, "create").inc()
    hub.counted[wanted.namespace] = {}
    known, live = await _known(hub), obj
    for _ in range(_TRIES):
        live = await hub.client.get(RESOURCE_QUOTAS, _NAME, wanted.namespace)
        used = (live.get("status") or {}).get("used") or {}
        if all(f"count/{resource}" in used for resource in known):
            hub.counted[wanted.namespace] = {resource: _number(used, resource) for resource in RESOURCES}
            return
        await asyncio.sleep(_PAUSE)
    await _ask_again(hub, live)


async def _ask_again(hub: Hub, live: Object) -> None:
    """Another limit has everything counted anew; without a change that happens every five minutes."""
    now = set((live["spec"].get("hard") or {}).values())
    limit = _NO_LIMIT if now != {_NO_LIMIT} else _NO_LIMIT_EITHER
    patch = {"metadata": identity(live), "spec": {"hard": {f"count/{resource}": limit for resource in RESOURCES}}}
    with contextlib.suppress(Conflict):
        await hub.client.merge(RESOURCE_QUOTAS, patch, manager=_MANAGER)
        metrics.WRITES.labels(RESOURCE_QUOTAS.kind, "change").inc()


async def _known(hub: Hub) -> set[str]:
    """What has to be counted. Kubernetes needs half a minute until it counts objects of a new CRD, and leaves them out
    until then."""
    try:
        found = await hub.client.get_path(f"/apis/{_FLEET}/{_FLEET_VERSION}")
    except NotFound:
        return {SECRETS}
    served = {f"{resource.get('name')}.{_FLEET}" for resource in found.get("resources") or []}
    return {SECRETS} | (served & set(RESOURCES))


def _number(used: Mapping[str, object], resource: str) -> int:
    return int(quantity(used.get(f"count/{resource}")) or 0)
