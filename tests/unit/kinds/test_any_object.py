"""Any object that the schema allows goes through gather, decide and report: no step raises, and nothing outside the
object's own scope is asked for."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drover.api import crds
from drover.kinds.cloud_credential import CloudCredentialKind
from drover.kinds.cluster import ClusterKind
from drover.kinds.cluster_role_template_binding import ClusterRoleTemplateBindingKind
from drover.kinds.fleet_workspace import WorkspaceKind
from drover.kinds.global_role import GlobalRoleKind
from drover.kinds.global_role_binding import GlobalRoleBindingKind
from drover.kinds.kind import Kind
from drover.kinds.kontainer_driver import KontainerDriverKind
from drover.kinds.node_driver import NodeDriverKind
from drover.kinds.node_pool import NodePoolKind
from drover.kinds.node_template import NodeTemplateKind
from drover.kinds.plan import (
    Absent,
    Action,
    Apply,
    Attach,
    Count,
    Create,
    Delete,
    Detach,
    LookAtSecret,
    Merge,
    Plan,
    SetFinalizers,
)
from drover.kinds.pod_security import TemplateKind
from drover.kinds.project import ProjectKind
from drover.kinds.project_role_template_binding import ProjectRoleTemplateBindingKind
from drover.kinds.provisioning import ProvisioningKind
from drover.kinds.resources import (
    CLUSTERS,
    GLOBAL_ROLES,
    NODE_TEMPLATES,
    PROJECTS,
    ROLE_TEMPLATES,
    TEMPLATES,
    USERS,
    WORKLOADS,
)
from drover.kinds.role_template import RoleTemplateKind
from drover.kinds.user import UserKind
from drover.kinds.workload import WorkloadKind
from drover.kube.gvr import NAMESPACES, Object, key_of
from drover.rules.ownership import owner_uid
from tests.unit.kinds.allowed import allowed
from tests.unit.kinds.known import known_hub
from tests.unit.kinds.rights_worlds import with_rights
from tests.unit.kinds.worlds import JUST_NOW, LONG_AGO, obj

_SCHEMAS = {
    crd["metadata"]["name"]: crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"] for crd in crds()
}
_NOTES = st.dictionaries(
    st.sampled_from(
        [
            "drover.dev/paused",
            "drover.dev/force-delete",
            "drover.dev/adopt-uid",
            "field.cattle.io/creatorId",
            "provisioning.cattle.io/management-cluster-name",
            "authz.management.cattle.io/creator-role-bindings",
        ]
    ),
    st.sampled_from(["true", "", "uid-other", "local", "u-1", '{"required":["a"]}']),
    max_size=2,
)
_FINALIZERS = st.lists(
    st.sampled_from(
        [
            "drover.dev/cluster",
            "drover.dev/project",
            "drover.dev/workload",
            "drover.dev/provisioning-cluster",
            "drover.dev/cloud-credential",
            "drover.dev/node-driver",
            "drover.dev/node-template",
            "drover.dev/kontainer-driver",
            "drover.dev/fleet-workspace",
            "a/b",
        ]
    ),
    unique=True,
    max_size=2,
)


@st.composite
def objects(draw: st.DrawFn, /, crd: str, kind: str, name: str, namespace_: str = "", **usual: Any) -> Object:
    """An object of a kind, perhaps one that is being deleted, with any spec and status. Every other spec has the
    `usual` fields, without which chance would hardly ever make one that is worked on."""
    metadata: Object = {"annotations": draw(_NOTES), "finalizers": draw(_FINALIZERS)}
    if since := draw(st.sampled_from(["", JUST_NOW, LONG_AGO])):
        metadata["deletionTimestamp"] = since
    found = obj(kind, name, namespace_, uid="uid-me", metadata=metadata)
    for part in _SCHEMAS[crd].keys() - {"apiVersion", "kind", "metadata"}:
        if draw(st.booleans()):
            found[part] = draw(allowed(_SCHEMAS[crd][part]))
    if draw(st.booleans()):
        few = draw(st.lists(st.sampled_from(sorted(found.get("spec") or ["-"])), max_size=1))
        found["spec"] = {name: value for name, value in (found.get("spec") or {}).items() if name in few} | usual
    return found


def looked_at(kind_type: type[Kind[Any]], found: Object) -> None:
    """Takes an object through the three steps."""

    async def run() -> None:
        known = await known_hub()
        known.observe(NODE_TEMPLATES, obj("NodeTemplate", "nt", "edge", uid="uid-nt", spec={"driver": "azure"}))
        known.observe(WORKLOADS, obj("Workload", "web", "edge-shop", uid="uid-w", spec={"containers": []}))
        with_rights(known)
        known.observe(USERS, obj("User", "a", uid="uid-a", principalIds=["x/y"]))
        for context in ("cluster", "project"):
            role = obj("RoleTemplate", context, uid=f"uid-{context}", context=context)
            known.observe(ROLE_TEMPLATES, {"apiVersion": ROLE_TEMPLATES.api_version, **role})
        kind = kind_type(known)
        known.observe(kind.gvr, {"apiVersion": kind.gvr.api_version, **found})
        world = kind.gather(key_of(found))
        if world is None:  # nothing holds it any more
            assert found["metadata"].get("deletionTimestamp")
            assert not found["metadata"]["finalizers"]
            return
        plan = kind.decide(world)
        assert in_scope(found, plan), plan
        kind.report(world, plan.finding)

    asyncio.run(run())


def in_scope(found: Object, plan: Plan) -> bool:
    """Whether a plan touches nothing of others."""
    part = plan.part
    if part is not None and part.owner.uid != "uid-me":
        return False
    for wanted in part.objects if part is not None else ():
        target = (found.get("spec") or {}).get("namespaceId") or found["metadata"]["namespace"]
        if wanted.manifest["metadata"]["namespace"] != target or not wanted.project_id:
            return False
    return all(_own(found, action) for action in plan.actions)


def _own(found: Object, action: Action) -> bool:
    name = found["metadata"]["name"]
    match action:
        case SetFinalizers(names):
            kept = set(found["metadata"]["finalizers"])
            return all(each in kept or each.startswith("drover.dev/") for each in names)
        case Create(gvr, made) | Apply(gvr, made):
            taken = _TAKEN if gvr is NAMESPACES else {"edge"} if gvr is CLUSTERS else set()
            metadata = made["metadata"]
            inside = gvr is not PROJECTS or metadata["namespace"] == name
            return owner_uid(made) == "uid-me" and metadata["name"] not in taken and inside
        case Merge(fields):
            return bool(found.get("builtin") is True or set(fields["metadata"]) == {"annotations"})
        case Absent(gvr, wanted):
            return gvr in (USERS, GLOBAL_ROLES) and bool(wanted)
        case Delete(_, _, _, uid):
            return uid not in {"uid-c", "uid-p", "uid-t", "uid-w"} | _TAKEN
        case Attach(cluster) | Detach(cluster):
            return bool(cluster == name)
        case LookAtSecret(_, secret):
            return bool(secret)
        case Count(namespace):
            return bool(namespace == name)
    raise AssertionError(action)


_TAKEN = {"edge", "edge-shop", "tools-web", "odd"}
"""Namespaces of others; their uids are their names."""

_ONE = {"containers": [{"name": "a", "image": "registry.example/a:1"}]}
_POOL = {"nodeTemplateName": "nt", "worker": True}
_MANY = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@_MANY
@given(objects("clusters.management.cattle.io", "Cluster", "mine"))
def test_any_cluster(found: Object) -> None:
    looked_at(ClusterKind, found)


@_MANY
@given(objects("clusters.management.cattle.io", "Cluster", "tools-web"))
def test_any_cluster_whose_namespace_is_taken(found: Object) -> None:
    looked_at(ClusterKind, found)


@_MANY
@given(objects("projects.management.cattle.io", "Project", "mine", "edge", clusterName="edge"))
def test_any_project(found: Object) -> None:
    looked_at(ProjectKind, found)


@_MANY
@given(objects("fleetworkspaces.management.cattle.io", "FleetWorkspace", "mine"))
def test_any_workspace(found: Object) -> None:
    looked_at(WorkspaceKind, found)


@_MANY
@given(objects("fleetworkspaces.management.cattle.io", "FleetWorkspace", "tools-web"))
def test_any_workspace_whose_namespace_is_taken(found: Object) -> None:
    looked_at(WorkspaceKind, found)


@_MANY
@given(objects("podsecurityadmissionconfigurationtemplates.management.cattle.io", TEMPLATES.kind, "rancher-restricted"))
def test_any_template(found: Object) -> None:
    looked_at(TemplateKind, found)


@_MANY
@given(objects("clusters.provisioning.cattle.io", "Cluster", "mine", "fleet-default"))
def test_any_provisioning_cluster(found: Object) -> None:
    looked_at(ProvisioningKind, found)


@_MANY
@given(objects("workloads.project.cattle.io", "Workload", "mine", "edge-shop", namespaceId="web", **_ONE))
def test_any_workload_in_a_backing_namespace(found: Object) -> None:
    looked_at(WorkloadKind, found)


@_MANY
@given(objects("workloads.project.cattle.io", "Workload", "mine", "tools-web", **_ONE))
def test_any_workload_of_a_local_project(found: Object) -> None:
    looked_at(WorkloadKind, found)


@_MANY
@given(objects("cloudcredentials.management.cattle.io", "CloudCredential", "mine", "edge", driver="amazonec2"))
def test_any_cloud_credential(found: Object) -> None:
    looked_at(CloudCredentialKind, found)


@_MANY
@given(objects("nodedrivers.management.cattle.io", "NodeDriver", "amazonec2", active=True, url="local://"))
def test_any_node_driver(found: Object) -> None:
    looked_at(NodeDriverKind, found)


@_MANY
@given(objects("kontainerdrivers.management.cattle.io", "KontainerDriver", "oke", active=True, url="local://"))
def test_any_kontainer_driver(found: Object) -> None:
    looked_at(KontainerDriverKind, found)


@_MANY
@given(objects("nodetemplates.management.cattle.io", "NodeTemplate", "mine", "edge", driver="azure"))
def test_any_node_template(found: Object) -> None:
    looked_at(NodeTemplateKind, found)


@_MANY
@given(objects("nodepools.management.cattle.io", "NodePool", "mine", "edge", clusterName="edge", **_POOL))
def test_any_node_pool(found: Object) -> None:
    looked_at(NodePoolKind, found)


@_MANY
@given(objects("users.management.cattle.io", "User", "mine"))
def test_any_user(found: Object) -> None:
    looked_at(UserKind, found)


@_MANY
@given(objects("globalroles.management.cattle.io", "GlobalRole", "user"))
def test_any_global_role(found: Object) -> None:
    looked_at(GlobalRoleKind, found)


@_MANY
@given(objects("roletemplates.management.cattle.io", "RoleTemplate", "read-only"))
def test_any_role_template(found: Object) -> None:
    looked_at(RoleTemplateKind, found)


@_MANY
@given(objects("globalrolebindings.management.cattle.io", "GlobalRoleBinding", "mine"))
def test_any_global_binding(found: Object) -> None:
    looked_at(GlobalRoleBindingKind, found)


@_MANY
@given(objects("clusterroletemplatebindings.management.cattle.io", "ClusterRoleTemplateBinding", "mine", "edge"))
def test_any_binding_of_a_cluster(found: Object) -> None:
    looked_at(ClusterRoleTemplateBindingKind, found)


@_MANY
@given(objects("projectroletemplatebindings.management.cattle.io", "ProjectRoleTemplateBinding", "mine", "edge-shop"))
def test_any_binding_of_a_project(found: Object) -> None:
    looked_at(ProjectRoleTemplateBindingKind, found)
