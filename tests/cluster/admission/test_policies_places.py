"""Names and versions of provisioning Clusters, places of Workloads, unknown fields of Clusters."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.admission.apiserver import Apiserver
from tests.cluster.admission.objects import cluster_object, provisioning_object, workload_object
from tests.cluster.admission.users import (
    CREATOR,
    grant,
    refused,
    until_allowed,
)
from tests.unit.api.tables import clusters, provisioning_clusters, workloads


# --- Provisioning Clusters --------------------------------------------------------------------------------------------
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
    refused(api.create(provisioning_object(name, {}), dry_run=True), words if len(name) < 64 else name, 422)


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


# --- Workloads --------------------------------------------------------------------------------------------------------
@pytest.fixture
def plain_namespace(api: Apiserver) -> str:
    """A namespace that backs no project."""
    assert api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "plain"}}).ok
    return "plain"


def test_a_workload_in_a_backing_namespace_names_its_target(api: Apiserver) -> None:
    lost = workload_object("lost", workloads.of(namespaceId=""))
    refused(api.create(lost, dry_run=True), "name the namespace of the project", 422)


def test_a_workload_elsewhere_runs_right_there(api: Apiserver, plain_namespace: str) -> None:
    away = workload_object("away", workloads.of(namespaceId="web"), namespace=plain_namespace)
    refused(api.create(away, dry_run=True), "runs right there; remove the field", 422)
    for target in ("", plain_namespace):
        here = workload_object("here", workloads.of(namespaceId=target), namespace=plain_namespace)
        assert api.create(here, dry_run=True).ok


def test_a_workload_gives_nobody_pods_that_they_could_not_make(api: Apiserver, made: Any, plain_namespace: str) -> None:
    here = workload_object("here", workloads.of(namespaceId=""), namespace=plain_namespace)
    refused(api.create(here, user=CREATOR, dry_run=True), "you may not create deployments in namespace plain")
    daily = workloads.of(namespaceId="", cronJobConfig={"schedule": "@daily"})
    cron = workload_object("cron", daily, namespace=plain_namespace)
    refused(api.create(cron, user=CREATOR, dry_run=True), "you may not create cronjobs in namespace plain")
    live = made(here)
    refused(api.merge(live, {"spec": {"scale": 2}}, user=CREATOR), "you may not update deployments")
    assert api.merge(live, {"metadata": {"labels": {"team": "a"}}}, user=CREATOR).ok
    deployments = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create", "update"]}
    grant(api, "deployer", [deployments], CREATOR, namespace=plain_namespace)
    another = {**here, "metadata": {**here["metadata"], "name": "another"}}
    until_allowed(api, another, CREATOR)


# --- Warnings ---------------------------------------------------------------------------------------------------------
def test_unknown_fields_of_a_cluster_are_named_and_kept(api: Apiserver) -> None:
    legacy = {"rancherKubernetesEngineConfig": {"services": {}}, "enableClusterMonitoring": True}
    answer = api.create(cluster_object("c-typo", clusters.GOOD | legacy | {"displayNme": "x"}), dry_run=True)
    assert answer.ok
    (unknown,) = (warning for warning in answer.warnings if "drover-unknown-fields" in warning)
    assert "spec.displayNme: not a known field" in unknown
    assert "enableClusterMonitoring" not in unknown
    assert answer.body["spec"]["displayNme"] == "x"
    assert answer.body["spec"]["rancherKubernetesEngineConfig"] == {"services": {}}


def test_a_cluster_with_known_fields_gives_no_warning(api: Apiserver) -> None:
    assert api.create(cluster_object("c-quiet", clusters.GOOD), dry_run=True).warnings == ()


def test_legacy_fields_of_a_cluster_are_deprecated_and_not_unknown(api: Apiserver) -> None:
    spec = clusters.GOOD | {"rancherKubernetesEngineConfig": {}, "dockerRootDir": "/var/lib/docker"}
    (warning,) = api.create(cluster_object("c-quiet", spec), dry_run=True).warnings
    assert "drover-deprecated-fields" in warning
    assert "spec.dockerRootDir is deprecated" in warning
