"""What has no effect any more, or a successor, gives a warning; a credential outside a Secret is refused."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from drover.dev.cluster import ControlPlane
from tests.cluster.admission.apiserver import Apiserver
from tests.cluster.admission.objects import (
    cloud_credential_object,
    cluster_object,
    kontainer_driver_object,
    node_pool_object,
    node_template_object,
    provisioning_object,
)
from tests.cluster.admission.users import EDITOR, refused
from tests.unit.api.tables import clusters, kontainer_drivers, node_pools, node_templates, provisioning_clusters

_POOL = provisioning_clusters.pool(displayName="x", dynamicSchemaSpec="{}")


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        (
            cluster_object("c-old", clusters.GOOD | {"genericEngineConfig": {"driverName": "oke"}}),
            ["spec.genericEngineConfig is deprecated and has no effect; use importedConfig"],
        ),
        (
            cluster_object("c-old", clusters.GOOD | {"dockerRootDir": "/x", "windowsPreferedCluster": True}),
            ["spec.dockerRootDir is deprecated", "spec.windowsPreferedCluster is deprecated"],
        ),
        (
            cluster_object("c-old", clusters.GOOD | {"rancherKubernetesEngineConfig": {"nodes": []}}),
            ["spec.rancherKubernetesEngineConfig is deprecated and has no effect; use spec.rkeConfig"],
        ),
        (
            provisioning_object("old", provisioning_clusters.made(_POOL)),
            ["machinePools[].displayName is deprecated", "machinePools[].dynamicSchemaSpec is deprecated"],
        ),
        (
            provisioning_object("old", {"clusterAPIConfig": {"clusterName": "x"}}),
            ["spec.clusterAPIConfig is deprecated and has no effect; use importedConfig"],
        ),
        (
            node_template_object("nt-old", node_templates.GOOD | {"engineStorageDriver": "overlay2"}),
            ["NodeTemplate is deprecated; use a machine config", "spec.engineStorageDriver is deprecated"],
        ),
        (
            node_pool_object("np-old", node_pools.GOOD | {"hostnamePrefix": "w-"}),
            ["NodePool is deprecated; use spec.rkeConfig.machinePools", "spec.hostnamePrefix is deprecated"],
        ),
        (kontainer_driver_object("kd-old", kontainer_drivers.GOOD), ["KontainerDriver is deprecated"]),
    ],
)
def test_a_deprecated_field_or_kind_is_taken_with_a_warning_that_names_the_successor(
    api: Apiserver, obj: dict[str, Any], words: list[str]
) -> None:
    answer = api.create(obj, dry_run=True)
    assert answer.ok, answer.message
    told = " ".join(answer.warnings)
    assert [each for each in words if each not in told] == [], told


@pytest.mark.parametrize(
    "obj",
    [
        cluster_object("c-new", clusters.GOOD),
        cluster_object("c-new", clusters.GOOD | {"dockerRootDir": "", "windowsPreferedCluster": False}),
        provisioning_object("new", provisioning_clusters.made(provisioning_clusters.pool())),
        provisioning_object("new", provisioning_clusters.made(provisioning_clusters.pool(displayName=""))),
        cloud_credential_object("cc-new", {"driver": "s3"}),
    ],
)
def test_nothing_is_said_of_current_fields_and_of_old_ones_that_are_empty(api: Apiserver, obj: dict[str, Any]) -> None:
    answer = api.create(obj, dry_run=True)
    assert answer.ok, answer.message
    assert answer.warnings == ()


def test_kubectl_shows_the_warning(api: Apiserver, plane: ControlPlane) -> None:
    obj = node_pool_object("np-seen", node_pools.GOOD)
    command = [str(plane.binaries.kubectl), f"--kubeconfig={plane.hub.kubeconfig}"]
    done = subprocess.run(
        [*command, "create", "--dry-run=server", "-f", "-"],
        input=json.dumps(obj),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Warning: " in done.stderr
    assert "NodePool is deprecated; use spec.rkeConfig.machinePools" in done.stderr


# --- A credential outside a Secret ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("part", "field", "path"),
    [
        ("root", {"amazonec2Config": {"secretKey": "x"}}, "amazonec2Config.secretKey"),
        ("spec", {"amazonec2Config": {"secretKey": "x"}}, "spec.amazonec2Config.secretKey"),
        ("root", {"linodeConfig": {"rootPass": "x", "token": "y"}}, "linodeConfig."),
        ("root", {"googleConfig": {"authEncodedJson": "{}"}}, "googleConfig.authEncodedJson"),
        ("root", {"ownConfig": {"apiToken": "x"}}, "ownConfig.apiToken"),
        ("root", {"amazonec2Config": {"sshKeyContents": "x"}}, "amazonec2Config.sshKeyContents"),
    ],
)
def test_a_template_holds_no_part_of_a_credential(api: Apiserver, part: str, field: dict[str, Any], path: str) -> None:
    obj = node_template_object("nt-inline", dict(node_templates.GOOD))
    (obj if part == "root" else obj["spec"]).update(field)
    answer = api.create(obj, dry_run=True)
    refused(answer, path)
    assert "put it into a Secret" in answer.message
    assert '"x"' not in answer.message


def test_other_fields_of_a_driver_and_empty_secrets_pass(api: Apiserver) -> None:
    config = {"region": "a", "secretKey": "", "privateAddressOnly": True, "tags": ["token"], "httpTokens": None}
    obj = node_template_object("nt-plain", dict(node_templates.GOOD)) | {"amazonec2Config": config}
    assert api.create(obj, dry_run=True).ok


def test_the_copy_that_kubectl_keeps_has_no_credential(api: Apiserver) -> None:
    copy = json.dumps({"spec": {"driver": "s3", "s3credentialConfig": {"secretKey": "x"}}})
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": copy}
    answer = api.create(cloud_credential_object("cc-copy", {"driver": "s3"}, annotations=annotations), dry_run=True)
    refused(answer, "put them into a Secret")


def test_an_inline_credential_is_no_field_of_a_cloud_credential(api: Apiserver) -> None:
    spec = {"driver": "s3", "s3credentialConfig": {"secretKey": "x"}}
    answer = api.create(cloud_credential_object("cc-inline", spec), dry_run=True)
    assert answer.status == 400
    assert 'unknown field "spec.s3credentialConfig"' in answer.message


# --- References -----------------------------------------------------------------------------------------------------
def test_a_credential_is_named_only_by_who_may_read_its_secret(api: Apiserver) -> None:
    assert api.create(cloud_credential_object("mine", {"driver": "s3"}), user=EDITOR, dry_run=True).ok
    for obj in (
        cloud_credential_object("yours", {"driver": "s3"}),
        cloud_credential_object("mine", {"driver": "s3", "secretName": "yours"}),
        node_template_object("nt", {"driver": "amazonec2", "cloudCredentialName": "yours"}),
    ):
        answer = api.create(obj, user=EDITOR, dry_run=True)
        refused(answer, "spec: you may not get the credential fleet-default:yours")
        assert api.create(obj, dry_run=True).ok
    elsewhere = node_template_object("nt", {"driver": "amazonec2", "cloudCredentialName": "kube-system:mine"})
    refused(api.create(elsewhere, user=EDITOR, dry_run=True), "you may not get the credential kube-system:mine")


def test_a_reference_to_a_secret_is_checked_when_it_changes(api: Apiserver, made: Any) -> None:
    credential = made(cloud_credential_object("yours", {"driver": "s3"}))
    assert api.merge(credential, {"spec": {"displayName": "x"}}, user=EDITOR).ok
    refused(api.merge(credential, {"spec": {"secretName": "other"}}, user=EDITOR), "may not get the credential")
    assert api.merge(credential, {"spec": {"secretName": "mine"}}, user=EDITOR).ok


def test_a_pool_names_a_template_that_its_author_may_read_and_lies_in_its_cluster(api: Apiserver) -> None:
    pool = node_pool_object("np", node_pools.GOOD)
    assert api.create(pool, user=EDITOR, dry_run=True).ok
    other = node_pool_object("np", node_pools.GOOD | {"clusterName": "elsewhere"})
    refused(api.create(other, dry_run=True), "create it in namespace elsewhere", 422)
