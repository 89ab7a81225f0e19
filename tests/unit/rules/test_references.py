"""Who refers to whom."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drover.rules import references


def obj(namespace: str = "n", name: str = "o", **content: Any) -> dict[str, Any]:
    return {"metadata": {"namespace": namespace, "name": name}, **content}


def test_a_cluster_refers_to_its_credentials_and_to_the_machine_configs_of_its_pools() -> None:
    pools = [
        {"machineConfigRef": {"kind": "Amazonec2Config", "name": "a"}, "cloudCredentialSecretName": "own"},
        {"machineConfigRef": {"apiVersion": "rke-machine-config.cattle.io/v1", "kind": "AzureConfig"}},
        {
            "machineConfigRef": {
                "apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2",
                "kind": "DockerMachineTemplate",
            }
        },
    ]
    spec = {
        "cloudCredentialSecretName": "cattle-global-data:cc-1",
        "rkeConfig": {"machinePools": pools, "etcd": {"s3": {"cloudCredentialName": "bucket"}}},
    }
    assert set(references.of_provisioning_cluster(obj(spec=spec))) == {
        "credential/cattle-global-data:cc-1",
        "credential/n:bucket",
        "credential/n:own",
        "machine-config/Amazonec2Config",
        "machine-config/AzureConfig",
    }


@pytest.mark.parametrize(
    ("content", "driver"),
    [
        ({"spec": {"driver": "own"}}, "own"),
        ({"spec": {}, "amazonec2Config": {"region": "a"}}, "amazonec2"),
        ({"spec": {"azureConfig": {}}}, "azure"),
        ({"spec": {"azureConfig": {}}, "amazonec2Config": {}}, ""),
        ({"spec": {"ownConfig": {}}}, ""),
        ({"spec": {"azureConfig": "text"}}, ""),
        ({}, ""),
    ],
)
def test_a_template_names_its_driver_or_has_the_config_of_one(content: dict[str, Any], driver: str) -> None:
    assert references.template_driver(obj(**content)) == driver


def test_a_reference_finds_what_goes_by_its_name() -> None:
    credential = obj(spec={"driver": "s3", "secretName": "cc-1"})
    assert list(references.names_of_cloud_credential(credential)) == ["credential/n:cc-1"]
    assert list(references.names_of_cloud_credential(obj(spec={}))) == ["credential/n:o"]
    template = obj(spec={"cloudCredentialName": "cc-1", "driver": "s3"})
    assert list(references.of_node_template(template)) == ["driver/s3", "credential/n:cc-1"]
    assert references.template_credential(template) == ("n", "cc-1")
    pool = obj("c-1", spec={"nodeTemplateName": "n:o"})
    assert list(references.of_node_pool(pool)) == list(references.names_of_node_template(template))
    driver = obj("", "nd-1", spec={"displayName": "amazonec2"})
    assert list(references.names_of_node_driver(driver)) == ["driver/amazonec2", "machine-config/Amazonec2Config"]
    cluster = obj("", spec={"genericEngineConfig": {"driverName": "oke"}})
    assert list(references.of_cluster(cluster)) == list(references.names_of_kontainer_driver(obj("", "oke")))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["spec", "rkeConfig", "machinePools", "machineConfigRef", "etcd", "s3", "driver", "kind", "x"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@given(_JSON)
def test_any_spec_refers_to_something_or_nothing(spec: Any) -> None:
    found = obj(spec=spec)
    for names in (
        references.of_provisioning_cluster,
        references.of_cluster,
        references.of_node_template,
        references.of_node_pool,
        references.of_cloud_credential,
        references.names_of_cloud_credential,
        references.names_of_node_driver,
        references.names_of_node_template,
    ):
        assert all(isinstance(name, str) for name in names(found))
