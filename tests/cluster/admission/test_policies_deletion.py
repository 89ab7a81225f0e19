"""What nobody may delete."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cluster.admission.apiserver import Apiserver, path_of
from tests.cluster.admission.objects import cluster_object, project_object, provisioning_object
from tests.cluster.admission.users import (
    DROVER,
    EDITOR,
    NAMESPACE_CONTROLLER,
    refused,
)
from tests.unit.api.tables import clusters, projects

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
        assert api.delete(project).ok
    finally:
        api.merge(project, {"metadata": {"finalizers": None}}, dry_run=False)
        api.merge(namespace, {"metadata": {"finalizers": None}}, dry_run=False)
