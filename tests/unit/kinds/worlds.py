"""Worlds as the decisions see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from drover.kinds.cluster.world import World as ClusterWorld
from drover.kinds.fleet_workspace.world import World as WorkspaceWorld
from drover.kinds.pod_security.world import World as TemplateWorld
from drover.kinds.project.world import World as ProjectWorld
from drover.kinds.provisioning.world import World as ProvisioningWorld
from drover.kinds.workload.gather import Renderings
from drover.kinds.workload.place import Place
from drover.kinds.workload.world import World as WorkloadWorld
from drover.kube.gvr import Object
from drover.members.desired import MemberState, PartState, Seen
from drover.rules.ownership import Owner

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
LONG_AGO = "2026-01-01T11:00:00Z"
JUST_NOW = "2026-01-01T11:59:59Z"
CONNECTED = MemberState(
    connected=True,
    reason="Connected",
    uid="member-uid",
    user="system:serviceaccount:drover-system:drover",
    server="https://member:6443",
    version={"gitVersion": "v1.33.5+k3s1"},
    nodes={
        "nodeCount": 1,
        "linuxWorkerCount": 1,
        "windowsWorkerCount": 0,
        "capacity": {"cpu": "1"},
        "allocatable": {"cpu": "1"},
        "pressure": {"DiskPressure": [], "MemoryPressure": []},
        "kubelet": "",
        "providerID": "",
    },
    synced=True,
)
AWAY = replace(CONNECTED, connected=False, reason="Disconnected", message="does not answer")
SECRET = {"importedConfig": {"kubeconfigSecretRef": {"name": "kc"}}}


def obj(kind: str, name: str, namespace: str = "", *, uid: str = "uid-1", **content: Any) -> Object:
    """An object of generation 1; `metadata` adds to its metadata."""
    metadata = {"name": name, "uid": uid, "generation": 1, "resourceVersion": "1", **content.pop("metadata", {})}
    if namespace:
        metadata["namespace"] = namespace
    return {"kind": kind, "metadata": metadata, **content}


def owned(name: str, uid: str = "uid-1", *, deleted: bool = False) -> Object:
    """A namespace that was made for the owner of that uid."""
    metadata: Object = {"labels": {"drover.dev/owner-uid": uid} if uid else {}}
    if deleted:
        metadata["deletionTimestamp"] = JUST_NOW
    return obj("Namespace", name, uid=f"ns-{name}", metadata=metadata)


def cluster_world(**changes: Any) -> ClusterWorld:
    """An imported Cluster with its finalizer, namespace, projects and connection."""
    cluster = changes.pop("cluster", None) or obj(
        "Cluster", "edge", metadata={"finalizers": ["drover.dev/cluster"]}, spec={"displayName": "edge", **SECRET}
    )
    world = ClusterWorld(
        cluster=cluster,
        owner=Owner("Cluster.management.cattle.io", "", cluster["metadata"]["name"], "uid-1"),
        namespace=owned(cluster["metadata"]["name"]),
        projects=(
            obj("Project", "p-1", "edge", metadata={"labels": {"authz.management.cattle.io/default-project": "true"}}),
            obj("Project", "p-2", "edge", metadata={"labels": {"authz.management.cattle.io/system-project": "true"}}),
        ),
        member=CONNECTED,
        state=PartState("x"),
        may_leave=False,
        reference="fleet-default/kc/value",
        errors=(),
        invalid="",
        now=NOW,
        patience=120.0,
    )
    return replace(world, **changes)


def project_world(**changes: Any) -> ProjectWorld:
    """A Project with its finalizer and backing namespace, in a connected Cluster."""
    project = changes.pop("project", None) or obj(
        "Project", "shop", "edge", metadata={"finalizers": ["drover.dev/project"]}, spec={"clusterName": "edge"}
    )
    world = ProjectWorld(
        project=project,
        owner=Owner("Project.management.cattle.io", "edge", "shop", "uid-1"),
        cluster=obj("Cluster", "edge", uid="uid-c", status={"kubeSystemUID": "member-uid"}),
        lies_in=owned("edge", "uid-c"),
        recorded=None,
        owned=(owned("edge-shop"),),
        plain=owned("edge-shop"),
        workloads=(),
        member=CONNECTED,
        state=PartState("x", namespaces=("a", "b"), seen=(Seen("a"), Seen("b"))),
        last=PartState("x", namespaces=("a", "b"), seen=(Seen("a"), Seen("b"))),
        system_namespaces=(),
        invalid="",
        now=NOW,
        patience=120.0,
        confirmed=True,
    )
    return replace(world, **changes)


def workload_world(**changes: Any) -> WorkloadWorld:
    """A Workload with its finalizer, applied in a connected member."""
    workload = changes.pop("workload", None) or obj(
        "Workload",
        "web",
        "edge-shop",
        metadata={"finalizers": ["drover.dev/workload"]},
        spec={"namespaceId": "shop", "containers": [{"name": "a", "image": "i"}]},
    )
    world = WorkloadWorld(
        workload=workload,
        owner=Owner("Workload.project.cattle.io", "edge-shop", "web", "uid-1"),
        place=Place("edge", "shop", "edge:shop", here=False),
        rendering=Renderings().of(workload, "shop"),
        home="edge",
        recorded_uid="member-uid",
        member=CONNECTED,
        state=None,
        now=NOW,
        patience=120.0,
    )
    return replace(world, **changes)


def provisioning_world(**changes: Any) -> ProvisioningWorld:
    """An imported provisioning Cluster with its finalizer and no management Cluster yet."""
    cluster = changes.pop("cluster", None) or obj(
        "Cluster", "edge", "fleet-default", metadata={"finalizers": ["drover.dev/provisioning-cluster"]}, spec=SECRET
    )
    world = ProvisioningWorld(
        cluster=cluster,
        owner=Owner("Cluster.provisioning.cattle.io", "fleet-default", "edge", "uid-1"),
        target="c-m-x",
        management=None,
        invalid="",
        now=NOW,
        patience=120.0,
    )
    return replace(world, **changes)


def template_world(**changes: Any) -> TemplateWorld:
    """A template that one Cluster names."""
    template = changes.pop("template", None) or obj("PodSecurityAdmissionConfigurationTemplate", "team")
    world = TemplateWorld(template=template, clusters=("edge",), invalid="", now=NOW)
    return replace(world, **changes)


def workspace_world(**changes: Any) -> WorkspaceWorld:
    """A workspace with its finalizer and namespace, and no Cluster in it."""
    workspace = changes.pop("workspace", None) or obj(
        "FleetWorkspace", "team", metadata={"finalizers": ["drover.dev/fleet-workspace"]}
    )
    world = WorkspaceWorld(
        workspace=workspace,
        owner=Owner("FleetWorkspace.management.cattle.io", "", workspace["metadata"]["name"], "uid-1"),
        namespace=owned(workspace["metadata"]["name"]),
        clusters=(),
        contents=None,
        invalid="",
        now=NOW,
    )
    return replace(world, **changes)


def being_deleted(found: Object, since: str = JUST_NOW, **annotations: str) -> Object:
    """The same object while it is being deleted."""
    return {**found, "metadata": {**found["metadata"], "deletionTimestamp": since, "annotations": annotations}}


def without_finalizers(found: Object) -> Object:
    return {**found, "metadata": {**found["metadata"], "finalizers": []}}
