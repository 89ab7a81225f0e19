"""The nodes that kwok plays: they exist only in the API, and their pods go Running at once."""

from __future__ import annotations

import http.client
import ipaddress
from typing import Any

from drover.dev.apiserver import Apiserver

CAPACITY = {"cpu": "32", "memory": "128Gi", "ephemeral-storage": "512Gi", "pods": "500"}
_FIRST_ADDRESS = ipaddress.IPv4Address("10.0.0.0")
# All of them are required; kwok fills in what is empty.
_NODE_INFO = (
    "architecture",
    "bootID",
    "containerRuntimeVersion",
    "kernelVersion",
    "kubeProxyVersion",
    "kubeletVersion",
    "machineID",
    "operatingSystem",
    "osImage",
    "systemUUID",
)


def manifest(number: int, kubernetes: str) -> dict[str, Any]:
    """A node without a taint, so that every pod can go there; its kubelet claims the cluster's version. It has an
    address of its own, which nothing answers at, beside the host name under which kwok does."""
    name = f"node-{number}"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": {"kwok.x-k8s.io/node": "fake", "node.alpha.kubernetes.io/ttl": "0"},
            "labels": {
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "type": "kwok",
            },
        },
        "status": {
            "addresses": [
                {"type": "Hostname", "address": "localhost"},
                {"type": "InternalIP", "address": str(_FIRST_ADDRESS + number)},
            ],
            "allocatable": CAPACITY,
            "capacity": CAPACITY,
            "nodeInfo": dict.fromkeys(_NODE_INFO, "") | {"kubeletVersion": f"v{kubernetes}"},
        },
    }


def create(apiserver: Apiserver, number: int, kubernetes: str) -> str:
    """Creates the node and returns "", also when it is there already; else what went wrong, which may pass."""
    name = f"node-{number}"
    try:
        status, body = apiserver.request("POST", "/api/v1/nodes", manifest(number, kubernetes))
    except (OSError, http.client.HTTPException) as error:
        return f"the node {name} can't be created: {error}"
    if status in {http.HTTPStatus.CREATED, http.HTTPStatus.CONFLICT}:
        return ""
    return f"the node {name} can't be created: {status} {body.decode(errors='replace')[:500]}"


def ready(apiserver: Apiserver) -> int:
    """How many nodes are Ready."""
    nodes = apiserver.get("/api/v1/nodes") or {"items": []}
    conditions = (c for node in nodes["items"] for c in node.get("status", {}).get("conditions", ()))
    return sum(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)
