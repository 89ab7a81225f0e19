"""What benchmarks put on a stage, and what they look for on it."""

from __future__ import annotations

import os
import statistics
import time
from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson

from bench.waiting import until
from drover import install
from drover.dev import audit, cluster
from drover.dev.beside import Replica
from drover.dev.stage import Stage, stage
from drover.kinds.resources import (
    CLOUD_CREDENTIALS,
    CLUSTERS,
    FEATURES,
    GLOBAL_ROLES,
    KONTAINER_DRIVERS,
    NODE_DRIVERS,
    NODE_POOLS,
    NODE_TEMPLATES,
    PROJECT_BINDINGS,
    PROJECTS,
    PROVISIONING_CLUSTERS,
    ROLE_TEMPLATES,
    SETTINGS,
    TEMPLATES,
    WORKLOADS,
    WORKSPACES,
)
from drover.kube.errors import ApiError, NotFound
from drover.kube.gvr import GVR, LEASES, NAMESPACES, Object
from drover.rules.conditions import is_true
from drover.rules.rbac import catalogue

MANAGER = "bench"
_ROLES = len(catalogue.GLOBAL_ROLES) + len(catalogue.ROLE_TEMPLATES)


def on(name: str, **options: Any) -> AbstractAsyncContextManager[Stage]:
    """A stage for a benchmark of this process."""
    return stage(f"bench-{name}-{os.getpid()}", **options)


def clear() -> None:
    """Removes stages of this process whose benchmark was ended while they came up."""
    for name in cluster.names():
        if name.startswith("bench-") and name.endswith(f"-{os.getpid()}"):
            cluster.down(name)


# --- Objects --------------------------------------------------------------------------------------------------------
def workload(number: int, namespace: str, *, image: str = "registry.example/app:1") -> Object:
    """A Workload without pods: what costs time is Drover and the kube-apiserver, not a scheduler."""
    spec = {"scale": 0, "containers": [{"name": "main", "image": image}]}
    return _object(WORKLOADS, f"w-{number:04}", namespace, spec)


def project(name: str, cluster_name: str = "local") -> Object:
    """A Project."""
    return _object(PROJECTS, name, cluster_name, {"clusterName": cluster_name, "displayName": name})


def management_cluster(name: str) -> Object:
    """A Cluster that nobody gave a kubeconfig for."""
    return _object(CLUSTERS, name, "", {"displayName": name})


def imported_cluster(name: str, namespace: str = "fleet-default") -> Object:
    """A provisioning Cluster that waits for a kubeconfig."""
    return _object(PROVISIONING_CLUSTERS, name, namespace, {})


def stalled_cluster(name: str, namespace: str = "fleet-default") -> Object:
    """A provisioning Cluster for which there is no engine."""
    return _object(PROVISIONING_CLUSTERS, name, namespace, {"kubernetesVersion": "v1.34.1+k3s1", "rkeConfig": {}})


def further(number: int) -> list[Object]:
    """One object of each further kind, in `fleet-default` and for the local cluster: a credential with its Secret, a
    driver, a template and a pool that use it, and what stands alone."""
    name, lies_in = f"x-{number:03}", "fleet-default"
    secret: Object = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": lies_in},
        "stringData": {"digitaloceancredentialConfig-accessToken": "x"},
    }
    levels = dict.fromkeys(("enforce", "audit", "warn"), "baseline")
    driver = {"displayName": name, "url": "local://", "active": True}
    template = _object(
        NODE_TEMPLATES, name, lies_in, {"driver": "digitalocean", "cloudCredentialName": f"{lies_in}:{name}"}
    )
    pool = {"clusterName": "local", "nodeTemplateName": f"{lies_in}:{name}", "worker": True, "quantity": 1}
    return [
        secret,
        _object(CLOUD_CREDENTIALS, name, lies_in, {"driver": "digitalocean"}),
        _object(NODE_DRIVERS, name, "", driver),
        _object(KONTAINER_DRIVERS, name, "", {"url": "https://drivers.example/x", "active": True}),
        template | {"digitaloceanConfig": {"region": "fra1"}},
        _object(NODE_POOLS, name, "local", pool),
        _root(WORKSPACES, f"ws-{name}"),
        _root(TEMPLATES, name, configuration={"defaults": levels}),
        _root(SETTINGS, name, value="1"),
        _object(FEATURES, name, "", {"value": True}),
    ]


def project_secret(name: str, project_name: str) -> Object:
    """A secret of a Project of the local cluster."""
    labels = {"management.cattle.io/project-scoped-secret": project_name}
    metadata = {"name": name, "namespace": f"local-{project_name}", "labels": labels}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": "x"}}


def namespace(name: str, project_id: str = "") -> Object:
    """A namespace; `project_id` is `<cluster>:<project>`."""
    annotations = {"field.cattle.io/projectId": project_id} if project_id else {}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "annotations": annotations}}


def _root(gvr: GVR, name: str, **fields: Any) -> Object:
    return {"apiVersion": gvr.api_version, "kind": gvr.kind, "metadata": {"name": name}, **fields}


def _object(gvr: GVR, name: str, namespace_: str, spec: Object) -> Object:
    metadata = {"name": name} | ({"namespace": namespace_} if namespace_ else {})
    return {"apiVersion": gvr.api_version, "kind": gvr.kind, "metadata": metadata, "spec": spec}


# --- On the stage ---------------------------------------------------------------------------------------------------
async def place(made: Stage, name: str) -> None:
    """A Project of the local cluster and a namespace in it, both of that name, in which Workloads run."""
    await made.hub.apply(PROJECTS, project(name), manager=MANAGER)
    await made.hub.apply(NAMESPACES, namespace(name, f"local:{name}"), manager=MANAGER)


async def started(made: Stage) -> None:
    """Waits until an operator has done what it does at the start: the Cluster `local` and the built-in roles."""

    async def look() -> bool:
        try:
            roles = [*await made.hub.list(GLOBAL_ROLES), *await made.hub.list(ROLE_TEMPLATES)]
            local = await made.hub.get(CLUSTERS, "local")
        except ApiError:
            return False
        return len(roles) >= _ROLES and all(is_true(obj, "Ready") for obj in (local, *roles))

    await until(look, "the local cluster and the built-in roles are Ready", pause=0.1)


async def reported(made: Stage, name: str, count: int) -> None:
    """Waits until that many Workloads of a namespace say of which native object they are, as they are now."""

    async def look() -> bool:
        found = await made.hub.list(WORKLOADS, name)
        return len(found) == count and all(_is_reported(obj) for obj in found)

    await until(look, f"{count} Workloads are reported", pause=0.2)  # a list of all is work for the server


async def reported_rights(made: Stage, name: str, namespace_: str) -> None:
    """Waits until a ProjectRoleTemplateBinding is Ready."""

    async def look() -> bool:
        return is_true(await made.hub.get(PROJECT_BINDINGS, name, namespace_), "Ready")

    await until(look, f"binding {name} is Ready", pause=0.005)


def _is_reported(obj: Object) -> bool:
    status = obj.get("status") or {}
    return bool(status.get("nativeRef")) and status.get("observedGeneration") == obj["metadata"]["generation"]


async def exists(made: Stage, gvr: GVR, name: str, namespace_: str = "") -> bool:
    """Whether an object is there now."""
    try:
        await made.hub.get(gvr, name, namespace_)
    except NotFound:
        return False
    return True


async def gone(made: Stage, gvr: GVR, name: str, namespace_: str = "") -> None:
    """Waits until an object is not there any more."""

    async def look() -> bool:
        return not await exists(made, gvr, name, namespace_)

    await until(look, f"{gvr.kind} {name} is gone", pause=0.002)


async def quiet(made: Stage, seconds: float) -> None:
    """Waits until the operator has written nothing for that long."""
    end = -1

    async def look() -> bool:
        nonlocal end
        since, end = end, audit.size(made.audit_log)
        return since >= 0 and not audit.writes(made.audit_log, since)

    await until(look, "the operator has done its work", pause=seconds)


async def said(replica: Replica, message: str) -> Object:
    """Waits until an operator logs a message; gives the whole entry."""
    found: list[Object] = []

    async def look() -> bool:
        if replica.log.exists():
            lines = replica.log.read_bytes().splitlines()
            found.extend(orjson.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}"))
            found[:] = [entry for entry in found if entry["msg"] == message]
        return bool(found)

    await until(look, f"{replica.name} says {message}")
    return found[0]


async def leader(made: Stage, replicas: dict[str, Replica]) -> str:
    """Which of the replicas holds the Lease."""
    lease = await made.hub.get(LEASES, "drover", install.NAMESPACE)
    holder = lease["spec"]["holderIdentity"]
    for name, replica in replicas.items():
        if (await said(replica, "ready"))["identity"] == holder:
            return name
    raise RuntimeError(f"{holder} leads, which is none of the replicas")


async def round_trip(made: Stage, count: int = 100) -> float:
    """The median of one server-side apply by a bare client that does nothing else, in seconds."""
    times = []
    for number in range(count):
        obj = namespace("round-trip")
        obj["metadata"]["labels"] = {"n": str(number)}
        started = time.perf_counter()
        await made.hub.apply(NAMESPACES, obj, manager="bare")
        times.append(time.perf_counter() - started)
    return statistics.median(times)
