"""Whatever a spec holds, a decision and a status come of it, and nothing is made of one that is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from drover.kinds.cluster import ClusterKind
from drover.kinds.parsed import Parsed
from drover.kinds.plan import Plan
from drover.kinds.project import ProjectKind
from drover.kinds.provisioning import ProvisioningKind
from drover.kinds.workload import WorkloadKind
from drover.kinds.workload.gather import Renderings
from drover.kinds.workload.place import Place, place
from drover.kube.gvr import Object
from drover.rules.findings import Terminal
from tests.unit.kinds import worlds

_FIELDS = {
    "cluster": ["displayName", "importedConfig", "fleetWorkspaceName", "description", "internal", "agentEnvVars"],
    "project": ["clusterName", "displayName", "resourceQuota", "namespaceDefaultResourceQuota", "description"],
    "provisioning": ["importedConfig", "rkeConfig", "kubernetesVersion", "agentEnvVars", "enableNetworkPolicy"],
    "workload": ["containers", "namespaceId", "scale", "deploymentConfig", "jobConfig", "cronJobConfig", "volumes"],
}
_FIELDS["workload"] += ["name", "daemonSetConfig", "statefulSetConfig", "initContainers", "scheduling", "dnsConfig"]
_INNER = ["kubeconfigSecretRef", "name", "key", "image", "limit", "machinePools", "machineConfigRef", "kind", "ports"]
_INNER += ["infrastructureRef", "env", "resources", "completions", "schedule", "value", "containerPort", "usedLimit"]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "edge", "VirtualConfig", "1", "x/y"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(_INNER), inner, max_size=3),
    max_leaves=8,
)


def specs(kind: str) -> st.SearchStrategy[Any]:
    """Specs whose fields may hold anything, or that are something else."""
    return st.dictionaries(st.sampled_from([*_FIELDS[kind], "unknown"]), _JSON, max_size=5) | _JSON


def with_spec(obj: Object, spec: Any, *, deleted: bool) -> Object:
    changed = {**obj, "spec": spec}
    return worlds.being_deleted(changed) if deleted else changed


def harmless(plan: Plan, invalid: str, *, deleted: bool) -> bool:
    """Whether a plan makes nothing of an invalid spec."""
    if not invalid or deleted:
        return True
    return not plan.actions and (plan.part is None or plan.part.held) and isinstance(plan.finding, Terminal)


@given(specs("cluster"), st.booleans())
def test_any_spec_of_a_cluster(spec: Any, deleted: bool) -> None:
    cluster = with_spec(worlds.cluster_world().cluster, spec, deleted=deleted)
    invalid = Parsed(ClusterKind.model).problem(cluster)
    for made in ({}, {"namespace": None, "projects": (), "member": None, "reference": ""}):
        world = worlds.cluster_world(cluster=cluster, invalid=invalid, **made)
        plan = ClusterKind.decide(world)
        assert harmless(plan, invalid, deleted=deleted)
        ClusterKind.report(world, plan.finding)


@given(specs("project"), st.booleans())
def test_any_spec_of_a_project(spec: Any, deleted: bool) -> None:
    project = with_spec(worlds.project_world().project, spec, deleted=deleted)
    invalid = Parsed(ProjectKind.model).problem(project)
    for made in ({}, {"owned": (), "plain": None, "member": None, "state": None}):
        world = worlds.project_world(project=project, invalid=invalid, **made)
        plan = ProjectKind.decide(world)
        assert harmless(plan, invalid, deleted=deleted)
        ProjectKind.report(world, plan.finding)


@given(specs("provisioning"), st.booleans())
def test_any_spec_of_a_provisioning_cluster(spec: Any, deleted: bool) -> None:
    cluster = with_spec(worlds.provisioning_world().cluster, spec, deleted=deleted)
    invalid = Parsed(ProvisioningKind.model).problem(cluster)
    owned = worlds.obj("Cluster", "c-m-x", uid="m", metadata={"labels": {"drover.dev/owner-uid": "uid-1"}})
    for management in (None, owned, {**owned, "spec": spec, "status": {"conditions": []}}):
        world = worlds.provisioning_world(cluster=cluster, invalid=invalid, management=management)
        plan = ProvisioningKind.decide(world)
        assert harmless(plan, invalid, deleted=deleted)
        ProvisioningKind.report(world, plan.finding)


@given(specs("workload"), st.booleans())
def test_any_spec_of_a_workload(spec: Any, deleted: bool) -> None:
    workload = with_spec(worlds.workload_world().workload, spec, deleted=deleted)
    invalid = Parsed(WorkloadKind.model).problem(workload)
    project = worlds.obj("Project", "shop", "edge", status={"backingNamespace": "edge-shop"})
    where = place(workload, worlds.owned("edge-shop"), project)
    rendering = Terminal("InvalidSpec", invalid) if invalid else Renderings().of(workload, "shop")
    world = replace(worlds.workload_world(), workload=workload, place=where, rendering=rendering)
    plan = WorkloadKind.decide(world)
    assert harmless(plan, invalid, deleted=deleted)
    assert deleted or plan.part is None or plan.part.held or isinstance(where, Place)
    WorkloadKind.report(world, plan.finding)


def test_a_spec_is_looked_at_once_a_generation() -> None:
    asked: list[int] = []

    def model() -> Any:
        asked.append(1)
        return ProjectKind.model()

    parsed = Parsed(model)
    project = worlds.project_world().project
    assert parsed.problem(project) == parsed.problem({**project, "spec": {"wrong": 1}})
    assert len(asked) == 1
    later = {**project, "metadata": {**project["metadata"], "generation": 2}, "spec": {"wrong": 1}}
    assert "spec" in parsed.problem(later)
    parsed.forget(later)
    assert "spec" in parsed.problem({**project, "spec": {"wrong": 1}})
