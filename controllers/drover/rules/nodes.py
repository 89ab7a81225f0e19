"""What the nodes of a cluster add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from drover.kube.quantity import quantity, written, written_bytes
from drover.rules.node_addresses import addresses

_RESOURCES = ("cpu", "memory", "pods")
_PRESSURES = ("DiskPressure", "MemoryPressure")
_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/etcd")
_WORKER = "node-role.kubernetes.io/worker"


def pruned(node: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a Node: without heartbeats, so that a beat is no change."""
    metadata, spec, status = node["metadata"], node.get("spec") or {}, node.get("status") or {}
    labels = metadata.get("labels") or {}
    conditions = {entry["type"]: entry["status"] for entry in status.get("conditions") or []}
    return {
        "metadata": {"name": metadata["name"], "uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]},
        "os": labels.get("kubernetes.io/os", "linux"),
        "controlPlane": any(label in labels for label in _CONTROL_PLANE),
        "worker": _WORKER in labels,
        "unschedulable": bool(spec.get("unschedulable")),
        "tainted": any(
            taint.get("key") in _CONTROL_PLANE and taint.get("effect") in ("NoSchedule", "NoExecute")
            for taint in spec.get("taints") or []
        ),
        "providerID": str(spec.get("providerID") or "").split("://", 1)[0],
        "capacity": {name: (status.get("capacity") or {}).get(name, "0") for name in _RESOURCES},
        "allocatable": {name: (status.get("allocatable") or {}).get(name, "0") for name in _RESOURCES},
        "pressure": [name for name in _PRESSURES if conditions.get(name) == "True"],
        "kubelet": (status.get("nodeInfo") or {}).get("kubeletVersion", ""),
        "addresses": addresses(node),
    }


def totals(nodes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts, capacity and pressure of pruned nodes.

    Every node counts as one; capacity is that of nodes that take workloads: schedulable, and no tainted control plane
    without the worker role.
    """
    every = list(nodes)
    counted = [node for node in every if not node["unschedulable"] and (node["worker"] or not node["tainted"])]
    workers = [node for node in every if node["worker"] or not node["controlPlane"]]
    return {
        "nodeCount": len(every),
        "linuxWorkerCount": sum(node["os"] == "linux" for node in workers),
        "windowsWorkerCount": sum(node["os"] == "windows" for node in workers),
        "capacity": _sums(counted, "capacity"),
        "allocatable": _sums(counted, "allocatable"),
        "pressure": {
            name: sorted(node["metadata"]["name"] for node in every if name in node["pressure"]) for name in _PRESSURES
        },
        "kubelet": next((node["kubelet"] for node in every if node["kubelet"]), ""),
        "providerID": next((node["providerID"] for node in every if node["providerID"]), ""),
    }


def _sums(nodes: list[Mapping[str, Any]], field: str) -> dict[str, str]:
    result = {}
    for name in _RESOURCES:
        total = sum((quantity(node[field][name]) or Decimal(0) for node in nodes), Decimal(0))
        result[name] = written_bytes(total) if name == "memory" else written(total)
    return result


def provider(git_version: str, provider_id: str, kubelet: str) -> str:
    """The distribution, by the suffix of its version and by what its nodes call their cloud; empty where neither
    tells."""
    version = git_version + " " + kubelet
    for mark, name in (("+rke2", "rke2"), ("+k3s", "k3s"), ("-eks-", "eks"), ("-gke.", "gke"), ("-aliyun", "ack")):
        if mark in version:
            return name
    return {"azure": "aks", "kind": "kind", "kwok": "kwok"}.get(provider_id, "")
