"""What the policies refuse, to whom, and what they let through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.cluster.admission.apiserver import Answer, Apiserver, path_of
from tests.cluster.admission.conftest import (
    cluster_object,
    project_object,
    provisioning_object,
    until,
    workload_object,
)
from tests.unit.api.tables import clusters, projects, provisioning_clusters, workloads

DROVER = "system:serviceaccount:drover-system:drover"
NAMESPACE_CONTROLLER = "system:serviceaccount:kube-system:namespace-controller"
EDITOR = "editor"
"""May do everything with objects of the cattle groups, and read the Secret fleet-default/mine."""

_GROUPS = ["management.cattle.io", "provisioning.cattle.io", "project.cattle.io"]
_CATTLE = {"apiGroups": _GROUPS, "resources": ["clusters", "projects", "workloads"], "verbs": ["*"]}
_MINE = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["mine"], "verbs": ["get"]}
_SYSTEM = {"labels": {"authz.management.cattle.io/system-project": "true"}}


def _refused(answer: Answer, words: str, status: int = 403) -> None:
    assert answer.status == status, answer
    assert words in answer.message


@pytest.fixture(scope="module", autouse=True)
def rights(api: Apiserver) -> None:
    """The rights of the users of this file."""
    for name, rules, user in (
        ("editor", [_CATTLE], EDITOR),
        ("drover", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}], DROVER),
        ("namespaces", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}], NAMESPACE_CONTROLLER),
        ("creators", [{**_CATTLE, "verbs": ["create", "update", "patch"]}], "creator"),
    ):
        _grant(api, name, rules, user)
    _grant(api, "mine", [_MINE], EDITOR, namespace="fleet-default")
    probe = cluster_object("rights", clusters.GOOD)
    until(lambda: Answer(200, {}, (str(api.create(probe, user=EDITOR, dry_run=True).status),)), "201")


def _grant(api: Apiserver, name: str, rules: list[dict[str, Any]], user: str, namespace: str = "") -> None:
    kind = "Role" if namespace else "ClusterRole"
    metadata = {"name": f"test-{name}", **({"namespace": namespace} if namespace else {})}
    group = "rbac.authorization.k8s.io"
    base = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": metadata}
    reference = {"apiGroup": group, "kind": kind, "name": metadata["name"]}
    subjects = [{"apiGroup": group, "kind": "User", "name": user}]
    assert api.apply({**base, "rules": rules}).ok
    assert api.apply({**base, "kind": f"{kind}Binding", "roleRef": reference, "subjects": subjects}).ok


@pytest.fixture
def made(api: Apiserver) -> Iterator[Any]:
    """Makes objects as the administrator, and removes them as Drover, which may."""
    objects: list[dict[str, Any]] = []

    def make(obj: dict[str, Any]) -> dict[str, Any]:
        answer = api.create(obj)
        assert answer.ok, answer.message
        objects.append(obj)
        return obj

    yield make
    for obj in objects:
        api.delete(obj, user=DROVER, dry_run=False)


# --- Deletions ------------------------------------------------------------------------------------------------------
def test_the_local_cluster_is_not_deleted_by_anybody_but_drover(api: Apiserver, made: Any) -> None:
    local = made(cluster_object("local", clusters.GOOD | {"internal": True}))
    _refused(api.delete(local), "uninstall Drover instead")
    _refused(api.delete(local, user=EDITOR), "uninstall Drover instead")
    assert api.delete(local, user=DROVER).ok


def test_a_deletion_of_all_clusters_spares_the_local_one(api: Apiserver, made: Any) -> None:
    local = made(cluster_object("local", clusters.GOOD))
    other = made(cluster_object("c-other", clusters.GOOD))
    _refused(api.request("DELETE", path_of(local, collection=True), dry_run=True), "uninstall Drover instead")
    assert api.get(other).ok


def test_the_provisioning_cluster_of_local_is_not_deleted(api: Apiserver, made: Any) -> None:
    local = made(provisioning_object("local", {}, namespace="fleet-local"))
    _refused(api.delete(local), "uninstall Drover instead")


@pytest.mark.parametrize("name", ["local", "fleet-local"])
def test_a_namespace_of_the_local_cluster_is_not_deleted(api: Apiserver, name: str) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    _refused(api.delete(namespace), f"namespace {name} belongs to the local cluster")


def test_other_namespaces_and_clusters_are_deleted(api: Apiserver, made: Any) -> None:
    assert api.delete({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "c-table"}}).ok
    assert api.delete(made(cluster_object("c-abcde", clusters.GOOD)), user=EDITOR).ok


def test_a_system_project_goes_with_its_cluster_only(api: Apiserver, made: Any) -> None:
    project = made(project_object("p-system", projects.GOOD, **_SYSTEM))
    _refused(api.delete(project), "it goes with its cluster")
    assert api.delete(project, user=DROVER).ok
    assert api.delete(project, user=NAMESPACE_CONTROLLER).ok


def test_a_system_project_may_be_deleted_when_its_namespace_is(api: Apiserver) -> None:
    metadata = {"name": "c-ending", "finalizers": ["test.example.com/wait"]}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    assert api.create(namespace).ok
    project = project_object("p-system", projects.GOOD | {"clusterName": "c-ending"}, namespace="c-ending", **_SYSTEM)
    project["metadata"]["finalizers"] = ["test.example.com/wait"]
    assert api.create(project).ok
    try:
        _refused(api.delete(project), "it goes with its cluster")
        assert api.delete(namespace, dry_run=False).ok
        assert api.delete(project).ok
    finally:
        api.merge(project, {"metadata": {"finalizers": None}}, dry_run=False)
        api.merge(namespace, {"metadata": {"finalizers": None}}, dry_run=False)


# --- References to Secrets ------------------------------------------------------------------------------------------
def _with_kubeconfig(name: str, **fields: Any) -> dict[str, Any]:
    return clusters.GOOD | {"importedConfig": {"kubeconfigSecretRef": {"name": name}}} | fields


def test_a_kubeconfig_secret_is_named_only_by_who_may_read_it(api: Apiserver) -> None:
    assert api.create(cluster_object("c-mine", _with_kubeconfig("mine")), user=EDITOR, dry_run=True).ok
    answer = api.create(cluster_object("c-yours", _with_kubeconfig("yours")), user=EDITOR, dry_run=True)
    _refused(answer, "you may not get Secret yours in namespace fleet-default")
    assert api.create(cluster_object("c-yours", _with_kubeconfig("yours")), dry_run=True).ok
    assert api.create(cluster_object("c-yours", _with_kubeconfig("yours")), user=DROVER, dry_run=True).ok


def test_a_reference_is_checked_when_it_or_its_workspace_changes(api: Apiserver, made: Any) -> None:
    cluster = made(cluster_object("c-secret", _with_kubeconfig("yours")))
    other = {"spec": {"importedConfig": {"kubeconfigSecretRef": {"name": "another"}}}}
    _refused(api.merge(cluster, other, user=EDITOR), "you may not get Secret another")
    moved = {"spec": {"fleetWorkspaceName": "elsewhere"}}
    _refused(api.merge(cluster, moved, user=EDITOR), "you may not get Secret yours in namespace elsewhere")
    assert api.merge(cluster, {"spec": {"fleetWorkspaceName": "fleet-default"}}, user=EDITOR).ok
    assert api.merge(cluster, {"spec": {"description": "x"}}, user=EDITOR).ok
    assert api.merge(cluster, {"spec": {"importedConfig": None}}, user=EDITOR).ok


def test_an_object_that_is_being_deleted_keeps_its_rules_and_loses_its_finalizers(api: Apiserver, made: Any) -> None:
    cluster = cluster_object("c-ending", _with_kubeconfig("yours"), finalizers=["test.example.com/wait"])
    made(cluster)
    assert api.delete(cluster, dry_run=False).ok
    other = {"spec": {"importedConfig": {"kubeconfigSecretRef": {"name": "another"}}}}
    _refused(api.merge(cluster, other, user=EDITOR), "you may not get Secret another")
    assert api.merge(cluster, {"metadata": {"finalizers": None}}, user=EDITOR, dry_run=False).ok


def test_a_provisioning_cluster_names_a_kubeconfig_that_its_author_may_read(api: Apiserver) -> None:
    mine = {"importedConfig": {"kubeconfigSecretRef": {"name": "mine"}}}
    assert api.create(provisioning_object("mine", mine), user=EDITOR, dry_run=True).ok
    yours = {"importedConfig": {"kubeconfigSecretRef": {"name": "yours"}}}
    _refused(api.create(provisioning_object("yours", yours), user=EDITOR, dry_run=True), "may not get Secret yours")


def test_another_workspace_by_annotation_counts_for_the_kubeconfig(api: Apiserver, made: Any) -> None:
    elsewhere = {"annotations": {"provisioning.cattle.io/fleet-workspace-name": "elsewhere"}}
    mine = {"importedConfig": {"kubeconfigSecretRef": {"name": "mine"}}}
    answer = api.create(provisioning_object("mine", mine, **elsewhere), user=EDITOR, dry_run=True)
    _refused(answer, "may not get Secret mine in namespace elsewhere")
    answer = api.create(provisioning_object("mine", {}, **elsewhere), user=EDITOR, dry_run=True)
    _refused(answer, "may not fleetaddcluster")
    cluster = made(provisioning_object("mine", mine))
    _refused(api.merge(cluster, {"metadata": elsewhere}, user=EDITOR), "may not get Secret mine in namespace elsewhere")


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"cloudCredentialSecretName": "yours"}, id="of the cluster"),
        pytest.param({"cloudCredentialSecretName": "fleet-default:yours"}, id="with its namespace"),
        pytest.param({"cloudCredentialSecretName": "kube-system:mine"}, id="in another namespace"),
        pytest.param(
            provisioning_clusters.made(provisioning_clusters.pool(cloudCredentialSecretName="yours")), id="of a pool"
        ),
        pytest.param(provisioning_clusters.made(etcd={"s3": {"cloudCredentialName": "yours"}}), id="of a bucket"),
    ],
)
def test_a_cloud_credential_is_named_only_by_who_may_read_it(api: Apiserver, spec: dict[str, Any]) -> None:
    cluster = provisioning_object("credential", spec)
    _refused(api.create(cluster, user=EDITOR, dry_run=True), "spec: you may not get every credential that is named (")
    assert api.create(cluster, dry_run=True).ok


def test_a_credential_that_one_may_read_or_that_was_there_passes(api: Apiserver, made: Any) -> None:
    mine = {"cloudCredentialSecretName": "fleet-default:mine"}
    assert api.create(provisioning_object("credential", mine), user=EDITOR, dry_run=True).ok
    cluster = made(provisioning_object("credential", {"cloudCredentialSecretName": "yours"}))
    assert api.merge(cluster, {"spec": {"enableNetworkPolicy": True}}, user=EDITOR).ok


def test_thirty_pools_with_one_credential_are_cheap_enough(api: Apiserver) -> None:
    pools = [provisioning_clusters.pool(name=f"p{n}", cloudCredentialSecretName="mine") for n in range(30)]
    spec = provisioning_clusters.made(*pools) | {"cloudCredentialSecretName": "mine"}
    answer = api.create(provisioning_object("pools", spec), user=EDITOR, dry_run=True)
    assert answer.ok, answer.message


# --- Workspaces -----------------------------------------------------------------------------------------------------
def test_a_workspace_is_chosen_only_by_who_may_add_clusters_to_it(api: Apiserver) -> None:
    cluster = cluster_object("c-team", clusters.GOOD | {"fleetWorkspaceName": "fleet-team"})
    _refused(api.create(cluster, user=EDITOR, dry_run=True), "may not fleetaddcluster")
    verb = {"apiGroups": _GROUPS[:1], "resources": ["fleetworkspaces"], "resourceNames": ["fleet-team"]}
    _grant(api, "team", [verb | {"verbs": ["fleetaddcluster"]}], EDITOR)
    until(lambda: Answer(200, {}, (str(api.create(cluster, user=EDITOR, dry_run=True).status),)), "201")


# --- Creators -------------------------------------------------------------------------------------------------------
def _creator(**annotations: str) -> dict[str, Any]:
    return {"annotations": {f"field.cattle.io/{key.replace('_', '-')}": value for key, value in annotations.items()}}


@pytest.mark.parametrize(
    ("build", "spec"),
    [
        pytest.param(cluster_object, clusters.GOOD, id="Cluster"),
        pytest.param(project_object, projects.GOOD, id="Project"),
        pytest.param(provisioning_object, {}, id="provisioning Cluster"),
    ],
)
def test_annotations_of_the_creator(api: Apiserver, made: Any, build: Any, spec: dict[str, Any]) -> None:
    both = _creator(creatorId="u-abc", no_creator_rbac="true")
    _refused(api.create(build("both", spec, **both), dry_run=True), "exclude each other; remove one", 422)
    alone = _creator(creator_principal_name="github://1")
    _refused(api.create(build("alone", spec, **alone), dry_run=True), "set both or none", 422)
    plain = made(build("plain", spec))
    _refused(api.merge(plain, {"metadata": _creator(creatorId="u-abc")}), "cannot be added or changed later")
    owned = made(build("owned", spec, **_creator(creatorId="u-abc", creator_principal_name="github://1")))
    _refused(api.merge(owned, {"metadata": _creator(creatorId="u-xyz")}), "cannot be added or changed later")
    principal = {"metadata": _creator(creator_principal_name="github://2")}
    _refused(api.merge(owned, principal), "cannot be added or changed later")
    gone = dict.fromkeys(owned["metadata"]["annotations"])
    assert api.merge(owned, {"metadata": {"annotations": gone}}).ok
    assert api.merge(plain, {"metadata": _creator(creatorId="u-abc")}, user=DROVER).ok


def test_the_creator_of_a_provisioning_cluster_is_who_makes_it(api: Apiserver, made: Any) -> None:
    assert api.create(provisioning_object("a1", {}, **_creator(creatorId=EDITOR)), user=EDITOR, dry_run=True).ok
    other = provisioning_object("a1", {}, **_creator(creatorId="u-abc"))
    _refused(api.create(other, user=EDITOR, dry_run=True), "must be editor, who makes this request")
    assert api.create(other, dry_run=True).ok, "who may impersonate the creator can restore the object"


def test_no_creator_rights_of_a_provisioning_cluster_stay_as_they_are(api: Apiserver, made: Any) -> None:
    cluster = made(provisioning_object("plain", {}))
    _refused(api.merge(cluster, {"metadata": _creator(no_creator_rbac="true")}), "cannot be added or removed later")


# --- Projects -------------------------------------------------------------------------------------------------------
def test_a_project_lies_in_the_namespace_of_its_cluster(api: Apiserver) -> None:
    project = project_object("p-away", projects.GOOD | {"clusterName": "elsewhere"})
    _refused(api.create(project, dry_run=True), "spec.clusterName: elsewhere is not the namespace", 422)


def test_the_system_project_keeps_its_label(api: Apiserver, made: Any) -> None:
    project = made(project_object("p-system", projects.GOOD, **_SYSTEM))
    unmarked = {"metadata": {"labels": dict.fromkeys(_SYSTEM["labels"])}}
    _refused(api.merge(project, unmarked), 'set it back to "true"')


@pytest.mark.parametrize("which", ["default", "system"])
def test_who_may_not_change_the_cluster_does_not_choose_its_first_projects(
    api: Apiserver, made: Any, which: str
) -> None:
    marked = {"labels": {f"authz.management.cattle.io/{which}-project": "true"}}
    _grant(api, "member", [{**_CATTLE, "resources": ["projects"]}], "member", namespace="c-table")
    plain = made(project_object("p-plain", projects.GOOD))
    until(lambda: api.merge(plain, {"metadata": marked}, user="member"), "only who may update the Cluster c-table")
    answer = api.create(project_object("p-mine", projects.GOOD, **marked), user="member", dry_run=True)
    _refused(answer, "only who may update the Cluster c-table")
    assert api.create(project_object("p-mine", projects.GOOD), user="member", dry_run=True).ok
    assert api.create(project_object("p-mine", projects.GOOD, **marked), user=EDITOR, dry_run=True).ok


# --- Ownership ------------------------------------------------------------------------------------------------------
_OBJECTS = [
    pytest.param(cluster_object, clusters.GOOD, id="Cluster"),
    pytest.param(project_object, projects.GOOD, id="Project"),
    pytest.param(provisioning_object, {}, id="provisioning Cluster"),
    pytest.param(workload_object, workloads.of(), id="Workload"),
]


@pytest.mark.parametrize(("build", "spec"), _OBJECTS)
def test_the_mark_of_ownership_is_not_forged(api: Apiserver, made: Any, build: Any, spec: dict[str, Any]) -> None:
    marked = {"labels": {"drover.dev/owner-uid": "6c1f"}}
    _refused(api.create(build("forged", spec, **marked), user="creator", dry_run=True), "leave it as it is")
    live = made(build("marked", spec, **marked))
    _refused(api.merge(live, {"metadata": {"labels": None}}, user="creator"), "leave it as it is")
    assert api.merge(live, {"metadata": {"labels": {"team": "a"}}}, user="creator").ok
    assert api.create(build("restored", spec, **marked), user=EDITOR, dry_run=True).ok, "a restore brings it along"


@pytest.mark.parametrize(("build", "spec"), _OBJECTS)
def test_adoption_needs_the_right_to_delete(api: Apiserver, made: Any, build: Any, spec: dict[str, Any]) -> None:
    adopting = {"annotations": {"drover.dev/adopt-uid": "6c1f"}}
    _refused(api.create(build("adopting", spec, **adopting), user="creator", dry_run=True), "ask an administrator")
    live = made(build("plain", spec))
    _refused(api.merge(live, {"metadata": adopting}, user="creator"), "ask an administrator")
    assert api.merge(live, {"metadata": adopting}).ok
    adopted = made(build("adopted", spec, **adopting))
    assert api.merge(adopted, {"metadata": {"labels": {"team": "a"}}}, user="creator").ok
    assert api.merge(adopted, {"metadata": {"annotations": None}}, user="creator").ok


# --- Provisioning Clusters ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a", "must have 2 to 63"),
        ("x" * 64, "may not be more than 63"),
        ("a.b", "must have 2 to 63"),
        ("c-abcde", "choose another name"),
        ("local", "choose another name"),
    ],
)
def test_names_that_a_provisioning_cluster_cannot_have(api: Apiserver, name: str, words: str) -> None:
    _refused(api.create(provisioning_object(name, {}), dry_run=True), words if len(name) < 64 else name, 422)


@pytest.mark.parametrize("name", ["ab", "prod-eu", "x" * 63, "c-abc", "c-m-abcdefgh"])
def test_names_that_a_provisioning_cluster_can_have(api: Apiserver, name: str) -> None:
    answer = api.create(provisioning_object(name, {}), dry_run=True)
    assert answer.ok, answer.message


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("v1.33.5+rke2r1", "v1.32.9+rke2r1", "cannot go back from v1.33.5+rke2r1 to v1.32.9+rke2r1"),
        ("v1.33.5+rke2r1", "v1.33.4+rke2r1", "cannot go back"),
        ("v2.1.0+rke2r1", "v1.40.0+rke2r1", "cannot go back"),
        ("v1.33.5+rke2r1", "v1.35.0+rke2r1", "go through v1.34"),
        ("v1.9.0+k3s1", "v1.33.0+k3s1", "go through v1.10"),
        ("v1.33.5+rke2r1", "v1.34.0-rc1+rke2r1", ""),
        ("v1.33.5+rke2r1", "v1.33.10+rke2r1", ""),
        ("v1.33.5+rke2r2", "v1.33.5+rke2r1", ""),
        ("v1.33.5+rke2r1", "", ""),
    ],
)
def test_steps_of_the_kubernetes_version(api: Apiserver, made: Any, before: str, after: str, words: str) -> None:
    cluster = made(provisioning_object("versions", provisioning_clusters.made(version=before)))
    change: dict[str, Any] = {"spec": {"kubernetesVersion": after or None}}
    answer = api.merge(cluster, change)
    assert answer.ok == (not words), answer.message
    assert words in answer.message
    annotations = {"drover.dev/allow-unsupported-version-change": "true"}
    assert api.merge(cluster, {**change, "metadata": {"annotations": annotations}}).ok


# --- Workloads ------------------------------------------------------------------------------------------------------
@pytest.fixture
def plain_namespace(api: Apiserver) -> str:
    """A namespace that backs no project."""
    assert api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "plain"}}).ok
    return "plain"


def test_a_workload_in_a_backing_namespace_names_its_target(api: Apiserver) -> None:
    lost = workload_object("lost", workloads.of(namespaceId=""))
    _refused(api.create(lost, dry_run=True), "name the namespace of the project", 422)


def test_a_workload_elsewhere_runs_right_there(api: Apiserver, plain_namespace: str) -> None:
    away = workload_object("away", workloads.of(namespaceId="web"), namespace=plain_namespace)
    _refused(api.create(away, dry_run=True), "runs right there; remove the field", 422)
    for target in ("", plain_namespace):
        here = workload_object("here", workloads.of(namespaceId=target), namespace=plain_namespace)
        assert api.create(here, dry_run=True).ok


def test_a_workload_gives_nobody_pods_that_they_could_not_make(api: Apiserver, made: Any, plain_namespace: str) -> None:
    here = workload_object("here", workloads.of(namespaceId=""), namespace=plain_namespace)
    _refused(api.create(here, user="creator", dry_run=True), "you may not create deployments in namespace plain")
    daily = workloads.of(namespaceId="", cronJobConfig={"schedule": "@daily"})
    cron = workload_object("cron", daily, namespace=plain_namespace)
    _refused(api.create(cron, user="creator", dry_run=True), "you may not create cronjobs in namespace plain")
    live = made(here)
    _refused(api.merge(live, {"spec": {"scale": 2}}, user="creator"), "you may not update deployments")
    assert api.merge(live, {"metadata": {"labels": {"team": "a"}}}, user="creator").ok
    deployments = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create", "update"]}
    _grant(api, "deployer", [deployments], "creator", namespace=plain_namespace)
    until(
        lambda: Answer(
            200,
            {},
            (
                str(
                    api.create(
                        here | {"metadata": here["metadata"] | {"name": "more"}}, user="creator", dry_run=True
                    ).status
                ),
            ),
        ),
        "201",
    )


# --- Warnings -------------------------------------------------------------------------------------------------------
def test_unknown_fields_of_a_cluster_are_named_and_kept(api: Apiserver) -> None:
    legacy = {"rancherKubernetesEngineConfig": {"services": {}}, "enableClusterMonitoring": True}
    answer = api.create(cluster_object("c-typo", clusters.GOOD | legacy | {"displayNme": "x"}), dry_run=True)
    assert answer.ok
    assert len(answer.warnings) == 1
    assert "spec.displayNme: not a known field" in answer.warnings[0]
    assert answer.body["spec"]["displayNme"] == "x"
    assert answer.body["spec"]["rancherKubernetesEngineConfig"] == {"services": {}}


def test_a_cluster_with_known_and_legacy_fields_gives_no_warning(api: Apiserver) -> None:
    spec = clusters.GOOD | {"rancherKubernetesEngineConfig": {}, "dockerRootDir": "/var/lib/docker"}
    assert api.create(cluster_object("c-quiet", spec), dry_run=True).warnings == ()
