"""The native kinds that a member's loop writes, and what it keeps of their objects."""

from __future__ import annotations

from typing import Final

from drover.kube.cache import without_bookkeeping
from drover.kube.gvr import CRONJOBS, DAEMONSETS, DEPLOYMENTS, GVR, JOBS, NETWORK_POLICIES, STATEFULSETS, Object
from drover.rules import isolation, secret_copy
from drover.rules.pod_security import HELD, held

WORKLOADS: Final[dict[str, GVR]] = {gvr.kind: gvr for gvr in (DEPLOYMENTS, STATEFULSETS, DAEMONSETS, CRONJOBS, JOBS)}
"""The workload kinds by `kind`."""

REPLICAS_OWNED_BY: Final = "replicasOwnedBy"
"""Key in a cached object: the field managers of its `spec.replicas`."""


def pruned_workload(obj: Object) -> Object:
    """A workload without bookkeeping, but with the managers of its replicas."""
    managers = [
        entry.get("manager", "")
        for entry in obj["metadata"].get("managedFields") or []
        if "f:replicas" in ((entry.get("fieldsV1") or {}).get("f:spec") or {})
    ]
    obj = without_bookkeeping(obj)
    obj[REPLICAS_OWNED_BY] = managers
    return obj


def pruned_namespace(obj: Object) -> Object:
    """A Namespace as far as membership, ownership and pod security need it."""
    result = without_bookkeeping({"metadata": _kept(obj)})
    if labels := held(obj["metadata"].get("managedFields") or ()):
        result[HELD] = labels
    return result


def pruned_quota(obj: Object) -> Object:
    """A ResourceQuota or LimitRange without what is used of it, which changes with every pod."""
    described = {name: obj.get(name) for name in ("apiVersion", "kind")}
    return without_bookkeeping({**described, "metadata": _kept(obj), "spec": obj.get("spec") or {}})


def pruned_policy(obj: Object) -> Object:
    """A NetworkPolicy with a digest in place of its spec, which names every node of the cluster."""
    described = {"apiVersion": NETWORK_POLICIES.api_version, "kind": NETWORK_POLICIES.kind}
    stamp = isolation.stamp(obj.get("spec") or {})
    return without_bookkeeping({**described, "metadata": _kept(obj), "stamp": stamp})


def pruned_secret(obj: Object) -> Object:
    """A copy of a project's secret without what it holds."""
    return secret_copy.pruned(obj, without_bookkeeping({"metadata": _kept(obj)})["metadata"])


def _kept(obj: Object) -> Object:
    metadata = obj["metadata"]
    fields = ("name", "namespace", "uid", "resourceVersion", "labels", "annotations", "deletionTimestamp")
    return {field: metadata[field] for field in fields if metadata.get(field)}


def pruned_autoscaler(obj: Object) -> Object:
    """A HorizontalPodAutoscaler as far as its target."""
    metadata = obj["metadata"]
    kept = {name: metadata[name] for name in ("name", "namespace", "uid", "resourceVersion")}
    return {"metadata": kept, "target": scale_target(obj)}


def scale_target(obj: Object) -> str:
    """What an autoscaler scales: `<namespace>/<kind>/<name>`."""
    target = (obj.get("spec") or {}).get("scaleTargetRef") or {}
    return f"{obj['metadata']['namespace']}/{target.get('kind')}/{target.get('name')}"
