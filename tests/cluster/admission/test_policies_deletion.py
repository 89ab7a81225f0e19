"""What nobody may delete."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.admission.apiserver import Answer, Apiserver, path_of
from tests.cluster.admission.objects import cluster_object, project_object, provisioning_object, workload_object
from tests.cluster.admission.users import (
    CATTLE,
    DROVER,
    EDITOR,
    NAMESPACE_CONTROLLER,
    OWNED,
    grant,
    refused,
    until,
)
from tests.unit.api.tables import clusters, projects, workloads

_SYSTEM = {"labels": {"authz.management.cattle.io/system-project": "true"}}


def test_the_local_cluster_is_not_deleted_by_anybody_but_drover(api: Apiserver, made: Any) -> None:
    local = made(cluster_object("local", clusters.GOOD | {"internal": True}))
    refused(api.delete(local), "uninstall Drover instead")
    refused(api.delete(local, user=EDITOR), "uninstall Drover instead")
    assert api.delete(local, user=DROVER).ok


def test_a_deletion_of_all_clusters_spares_the_local_one(api: Apiserver, made: Any) -> None:
    local = made(cluster_object("local", clusters.GOOD))
    other = made(cluster_object("c-other", clusters.GOOD))
    refused(api.request("DELETE", path_of(local, collection=True), dry_run=True), "uninstall Drover instead")
    assert api.get(other).ok


def test_the_provisioning_cluster_of_local_is_not_deleted(api: Apiserver, made: Any) -> None:
    local = made(provisioning_object("local", {}, namespace="fleet-local"))
    refused(api.delete(local), "uninstall Drover instead")


@pytest.mark.parametrize("name", ["local", "fleet-local"])
def test_a_namespace_of_the_local_cluster_is_not_deleted(api: Apiserver, name: str) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    refused(api.delete(namespace), f"namespace {name} belongs to the local cluster")


def test_other_namespaces_and_clusters_are_deleted(api: Apiserver, made: Any) -> None:
    assert api.delete({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "c-table"}}).ok
    assert api.delete(made(cluster_object("c-abcde", clusters.GOOD)), user=EDITOR).ok


def test_a_system_project_goes_with_its_cluster_only(api: Apiserver, made: Any) -> None:
    project = made(project_object("p-system", projects.GOOD, **_SYSTEM))
    refused(api.delete(project), "it goes with its cluster")
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
        refused(api.delete(project), "it goes with its cluster")
        assert api.delete(namespace, dry_run=False).ok
        until(lambda: Answer(200, {}, (str(api.delete(project).status),)), "200")  # when policies see that it ends
    finally:
        api.merge(project, {"metadata": {"finalizers": None}}, dry_run=False)
        api.merge(namespace, {"metadata": {"finalizers": None}}, dry_run=False)


# --- Owners -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("user", ["", EDITOR])
def test_the_local_cluster_and_a_system_project_get_no_owner_to_be_deleted_with(
    api: Apiserver, made: Any, user: str
) -> None:
    told = "would be deleted with the object that is named"
    refused(
        api.merge(made(cluster_object("local", clusters.GOOD)), OWNED, user=user),
        f"clusters.management.cattle.io local {told}",
    )
    project = made(project_object("p-system", projects.GOOD, **_SYSTEM))
    refused(api.merge(project, OWNED, user=user), f"projects.management.cattle.io p-system {told}")
    refused(
        api.create(project_object("p-other", projects.GOOD, **_SYSTEM, **OWNED["metadata"]), user=user, dry_run=True),
        told,
    )
    provisioning = made(provisioning_object("local", {}, namespace="fleet-local"))
    refused(api.merge(provisioning, OWNED, user=user), f"clusters.provisioning.cattle.io local {told}")


@pytest.mark.parametrize("path", ["", "/status", "/finalize"])
@pytest.mark.parametrize("name", ["local", "fleet-local"])
def test_nor_does_a_namespace_of_the_local_cluster(api: Apiserver, name: str, path: str) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    live = api.get(namespace).body
    live["metadata"] |= OWNED["metadata"]
    answer = api.request("PUT", f"{path_of(namespace)}{path}", live, dry_run=True)
    refused(answer, f"namespaces {name} would be deleted with the object that is named")


def test_others_have_owners_and_drover_and_the_garbage_collector_write_them(api: Apiserver, made: Any) -> None:
    grant(api, "collector", [CATTLE], _COLLECTOR)
    local = made(cluster_object("local", clusters.GOOD))
    until(lambda: Answer(200, {}, (str(api.merge(local, OWNED, user=_COLLECTOR).status),)), "200")
    assert api.merge(local, OWNED, user=DROVER).ok
    assert api.merge(made(cluster_object("c-owned", clusters.GOOD)), OWNED, user=EDITOR).ok
    assert api.merge(made(project_object("p-owned", projects.GOOD)), OWNED, user=EDITOR).ok


def test_an_owner_that_was_there_stays_or_goes(api: Apiserver, made: Any) -> None:
    """It is another Cluster here, or else the garbage collector would delete the object."""
    owner = api.get(made(cluster_object("c-owner", clusters.GOOD))).body
    reference = {
        **{key: owner[key] for key in ("apiVersion", "kind")},
        **{key: owner["metadata"][key] for key in ("name", "uid")},
    }
    local = made(cluster_object("local", clusters.GOOD))
    assert api.merge(local, {"metadata": {"ownerReferences": [reference]}}, user=DROVER, dry_run=False).ok
    assert api.merge(local, {"metadata": {"labels": {"team": "a"}}}, user=EDITOR).ok
    assert api.merge(local, {"metadata": {"ownerReferences": None}}, user=EDITOR, dry_run=False).ok


# --- Protection -------------------------------------------------------------------------------------------------------
_PROTECTED = {"annotations": {"drover.dev/deletion-protection": "true"}}
_COLLECTOR = "system:serviceaccount:kube-system:generic-garbage-collector"


@pytest.mark.parametrize(
    ("build", "spec", "called"),
    [
        pytest.param(cluster_object, clusters.GOOD, "clusters.management.cattle.io kept is", id="Cluster"),
        pytest.param(
            project_object, projects.GOOD, "projects.management.cattle.io kept in namespace c-table is", id="Project"
        ),
        pytest.param(
            provisioning_object,
            {},
            "clusters.provisioning.cattle.io kept in namespace fleet-default is",
            id="provisioning Cluster",
        ),
        pytest.param(
            workload_object, workloads.of(), "workloads.project.cattle.io kept in namespace c-table is", id="Workload"
        ),
    ],
)
def test_what_is_protected_is_deleted_by_drover_and_who_finishes_a_deletion_only(
    api: Apiserver, made: Any, build: Any, spec: dict[str, Any], called: str
) -> None:
    kept = made(build("kept", spec, **_PROTECTED))
    for user in ("", EDITOR):
        refused(api.delete(kept, user=user), f"{called} protected from deletion; remove its annotation")
    collection = api.request("DELETE", path_of(kept, collection=True), user=EDITOR, dry_run=True)
    refused(collection, "protected from deletion")
    for user in (DROVER, NAMESPACE_CONTROLLER):
        assert api.delete(kept, user=user).ok
    assert api.merge(kept, {"metadata": {"annotations": None}}, user=EDITOR, dry_run=False).ok
    assert api.delete(kept, user=EDITOR).ok


def test_the_garbage_collector_deletes_what_is_protected(api: Apiserver, made: Any) -> None:
    kept = made(workload_object("kept", workloads.of(), **_PROTECTED))
    grant(api, "collector", [CATTLE], _COLLECTOR)
    seen = {"metadata": {"labels": {"seen": "x"}}}
    until(lambda: Answer(200, {}, (str(api.merge(kept, seen, user=_COLLECTOR).status),)), "200")
    assert api.delete(kept, user=_COLLECTOR).ok


def test_a_protected_namespace_is_not_deleted_and_others_are(api: Apiserver) -> None:
    def namespace(name: str, **metadata: Any) -> dict[str, Any]:
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, **metadata}}

    kept, other = (
        namespace("kept", **_PROTECTED),
        namespace("other", annotations={next(iter(_PROTECTED["annotations"])): ""}),
    )
    assert api.create(kept).ok
    assert api.create(other).ok
    refused(api.delete(kept), "namespaces kept is protected from deletion; remove its annotation")
    assert api.delete(other).ok


# --- The namespaces of a Project --------------------------------------------------------------------------------------
def test_who_may_manage_the_namespaces_of_a_project_lets_them_be_deleted_with_it(api: Apiserver, made: Any) -> None:
    def policy(value: str) -> dict[str, Any]:
        return {"annotations": {"drover.dev/namespace-deletion-policy": value}}

    project = made(project_object("p-ends", projects.GOOD))
    refused(api.merge(project, {"metadata": policy("delete")}), "is neither Release nor Delete; write one of them", 422)
    assert api.merge(project, {"metadata": policy("Delete")}).ok
    assert api.merge(project, {"metadata": policy("Release")}, user="nobody").status == 403, "no rights at all"
    grant(api, "ender", [{**CATTLE, "verbs": ["create", "patch"]}], "ender", namespace="c-table")
    told = "user ender may not manage-namespaces on projects.management.cattle.io p-ends in namespace c-table"
    until(lambda: api.merge(project, {"metadata": policy("Delete")}, user="ender"), told)
    refused(
        api.create(project_object("p-new", projects.GOOD, **policy("Delete")), user="ender", dry_run=True), "manage-"
    )
    assert api.merge(project, {"metadata": policy("Release")}, user="ender").ok
    rule = {"apiGroups": ["management.cattle.io"], "resources": ["projects"], "verbs": ["manage-namespaces"]}
    grant(api, "ends", [{**rule, "resourceNames": ["p-ends"]}], "ender", namespace="c-table")
    until(lambda: _allowed(api, project, policy("Delete")), "allowed")


def _allowed(api: Apiserver, project: dict[str, Any], metadata: dict[str, Any]) -> Answer:
    answer = api.merge(project, {"metadata": metadata}, user="ender")
    return Answer(answer.status, answer.body, ("allowed",) if answer.ok else ())
