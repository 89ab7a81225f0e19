"""A reference gives nobody more than its author has: Secrets, credentials, workspaces."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.admission.apiserver import Apiserver
from tests.cluster.admission.objects import cluster_object, provisioning_object
from tests.cluster.admission.users import (
    DROVER,
    EDITOR,
    GROUPS,
    grant,
    refused,
    until_allowed,
)
from tests.unit.api.tables import clusters, provisioning_clusters


# --- References to Secrets --------------------------------------------------------------------------------------------
def _with_kubeconfig(name: str, **fields: Any) -> dict[str, Any]:
    return clusters.GOOD | {"importedConfig": {"kubeconfigSecretRef": {"name": name}}} | fields


def test_a_kubeconfig_secret_is_named_only_by_who_may_read_it(api: Apiserver) -> None:
    assert api.create(cluster_object("c-mine", _with_kubeconfig("mine")), user=EDITOR, dry_run=True).ok
    answer = api.create(cluster_object("c-yours", _with_kubeconfig("yours")), user=EDITOR, dry_run=True)
    refused(answer, "you may not get Secret yours in namespace fleet-default")
    assert api.create(cluster_object("c-yours", _with_kubeconfig("yours")), dry_run=True).ok
    assert api.create(cluster_object("c-yours", _with_kubeconfig("yours")), user=DROVER, dry_run=True).ok


def test_a_reference_is_checked_when_it_or_its_workspace_changes(api: Apiserver, made: Any) -> None:
    cluster = made(cluster_object("c-secret", _with_kubeconfig("yours")))
    other = {"spec": {"importedConfig": {"kubeconfigSecretRef": {"name": "another"}}}}
    refused(api.merge(cluster, other, user=EDITOR), "you may not get Secret another")
    moved = {"spec": {"fleetWorkspaceName": "elsewhere"}}
    refused(api.merge(cluster, moved, user=EDITOR), "you may not get Secret yours in namespace elsewhere")
    assert api.merge(cluster, {"spec": {"fleetWorkspaceName": "fleet-default"}}, user=EDITOR).ok
    assert api.merge(cluster, {"spec": {"description": "x"}}, user=EDITOR).ok
    assert api.merge(cluster, {"spec": {"importedConfig": None}}, user=EDITOR).ok


def test_an_object_that_is_being_deleted_keeps_its_rules_and_loses_its_finalizers(api: Apiserver, made: Any) -> None:
    cluster = cluster_object("c-ending", _with_kubeconfig("yours"), finalizers=["test.example.com/wait"])
    made(cluster)
    assert api.delete(cluster, dry_run=False).ok
    other = {"spec": {"importedConfig": {"kubeconfigSecretRef": {"name": "another"}}}}
    refused(api.merge(cluster, other, user=EDITOR), "you may not get Secret another")
    assert api.merge(cluster, {"metadata": {"finalizers": None}}, user=EDITOR, dry_run=False).ok


def test_a_provisioning_cluster_names_a_kubeconfig_that_its_author_may_read(api: Apiserver) -> None:
    mine = {"importedConfig": {"kubeconfigSecretRef": {"name": "mine"}}}
    assert api.create(provisioning_object("mine", mine), user=EDITOR, dry_run=True).ok
    yours = {"importedConfig": {"kubeconfigSecretRef": {"name": "yours"}}}
    refused(api.create(provisioning_object("yours", yours), user=EDITOR, dry_run=True), "may not get Secret yours")


def test_another_workspace_by_annotation_counts_for_the_kubeconfig(api: Apiserver, made: Any) -> None:
    elsewhere = {"annotations": {"provisioning.cattle.io/fleet-workspace-name": "elsewhere"}}
    mine = {"importedConfig": {"kubeconfigSecretRef": {"name": "mine"}}}
    answer = api.create(provisioning_object("mine", mine, **elsewhere), user=EDITOR, dry_run=True)
    refused(answer, "may not get Secret mine in namespace elsewhere")
    answer = api.create(provisioning_object("mine", {}, **elsewhere), user=EDITOR, dry_run=True)
    refused(answer, "may not fleetaddcluster")
    cluster = made(provisioning_object("mine", mine))
    refused(api.merge(cluster, {"metadata": elsewhere}, user=EDITOR), "may not get Secret mine in namespace elsewhere")


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
    refused(api.create(cluster, user=EDITOR, dry_run=True), "spec: you may not get the credential ")
    assert api.create(cluster, dry_run=True).ok


def test_a_credential_that_one_may_read_or_that_was_there_passes(api: Apiserver, made: Any) -> None:
    mine = {"cloudCredentialSecretName": "fleet-default:mine"}
    assert api.create(provisioning_object("credential", mine), user=EDITOR, dry_run=True).ok
    cluster = made(provisioning_object("credential", {"cloudCredentialSecretName": "yours"}))
    assert api.merge(cluster, {"spec": {"enableNetworkPolicy": True}}, user=EDITOR).ok


def _pools(number: int, different: int) -> dict[str, Any]:
    pools = [
        provisioning_clusters.pool(name=f"p{n}", cloudCredentialSecretName=f"mine-{n % different}")
        for n in range(number)
    ]
    return provisioning_object("pools", provisioning_clusters.made(*pools))


def test_six_different_credentials_can_be_new_in_one_step(api: Apiserver, made: Any) -> None:
    assert api.create(_pools(200, different=6), dry_run=True).ok
    refused(api.create(_pools(7, different=7), dry_run=True), "add them in several steps", 422)
    assert api.create(_pools(7, different=7), user=DROVER, dry_run=True).ok
    cluster = made(_pools(4, different=4))
    assert api.replace({**_pools(10, different=10), "metadata": cluster["metadata"]}).ok


def test_each_of_several_credentials_is_checked(api: Apiserver) -> None:
    pools = [
        provisioning_clusters.pool(name=name, cloudCredentialSecretName=name) for name in ("mine", "yours", "theirs")
    ]
    answer = api.create(provisioning_object("pools", provisioning_clusters.made(*pools)), user=EDITOR, dry_run=True)
    refused(answer, "you may not get the credential fleet-default:yours")


# --- Workspaces -------------------------------------------------------------------------------------------------------
def test_a_workspace_is_chosen_only_by_who_may_add_clusters_to_it(api: Apiserver) -> None:
    cluster = cluster_object("c-team", clusters.GOOD | {"fleetWorkspaceName": "fleet-team"})
    refused(api.create(cluster, user=EDITOR, dry_run=True), "may not fleetaddcluster")
    verb = {"apiGroups": GROUPS[:1], "resources": ["fleetworkspaces"], "resourceNames": ["fleet-team"]}
    grant(api, "team", [verb | {"verbs": ["fleetaddcluster"]}], EDITOR)
    until_allowed(api, cluster, EDITOR)
