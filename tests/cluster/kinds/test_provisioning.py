"""clusters.provisioning.cattle.io on a real control plane."""

from __future__ import annotations

import pytest

from drover.kinds.resources import CLUSTERS
from drover.kube.errors import ApiError, NotFound
from tests.cluster.scene import Scene, condition, eventually, provisioning_cluster, unique


async def test_an_imported_cluster_makes_a_management_cluster_and_mirrors_it(scene: Scene, branch_secret: str) -> None:
    obj = provisioning_cluster(unique("pc"), importedConfig={"kubeconfigSecretRef": {"name": branch_secret}})
    await scene.apply(obj)
    seen = await scene.ready(obj)
    status = seen["status"]
    assert status["clusterName"].startswith("c-m-")
    assert status["ready"] is True
    assert status["clientSecretName"] == branch_secret
    assert status["fleetWorkspaceName"] == "fleet-default"
    made = await scene.hub.get(CLUSTERS, status["clusterName"])
    assert made["spec"]["displayName"] == obj["metadata"]["name"]
    assert made["metadata"]["labels"]["drover.dev/owner-uid"] == seen["metadata"]["uid"]
    assert not made["metadata"].get("ownerReferences")
    await scene.delete(obj)
    await scene.gone(obj)
    with pytest.raises(NotFound):
        await scene.hub.get(CLUSTERS, status["clusterName"])


async def test_what_the_management_cluster_lacks_is_told(scene: Scene) -> None:
    obj = provisioning_cluster(unique("pc"))
    await scene.apply(obj)
    seen = await scene.shows(obj, "Ready", "False", "AwaitingKubeconfig")
    assert condition(seen, "Created")["status"] == "True"
    await scene.delete(obj)
    await scene.gone(obj)


async def test_an_annotation_names_the_management_cluster(scene: Scene) -> None:
    obj = provisioning_cluster(unique("pc"))
    name = unique("named")
    obj["metadata"]["annotations"] = {"provisioning.cattle.io/management-cluster-name": name}
    await scene.apply(obj)

    async def named() -> bool:
        found = await scene.get(obj)
        return found is not None and (found.get("status") or {}).get("clusterName") == name

    await eventually(named, "the management Cluster has the name")
    await scene.delete(obj)
    await scene.gone(obj)


async def test_a_cluster_of_somebody_else_is_not_taken(scene: Scene) -> None:
    obj = provisioning_cluster(unique("pc"))
    obj["metadata"]["annotations"] = {"provisioning.cattle.io/management-cluster-name": "local"}
    try:
        await scene.apply(obj)
    except ApiError as error:
        assert "local" in str(error)  # noqa: PT017 - refused at once is as good
        return
    await scene.shows(obj, "Stalled", "True", "Conflict")
    await scene.delete(obj)
    await scene.gone(obj)
    assert (await scene.hub.get(CLUSTERS, "local"))["metadata"]["name"] == "local"


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({}, "EngineNotInstalled"),
        (
            {
                "machinePools": [
                    {
                        "name": "pool",
                        "quantity": 1,
                        "etcdRole": True,
                        "controlPlaneRole": True,
                        "workerRole": True,
                        "machineConfigRef": {"kind": "Amazonec2Config", "name": "small"},
                    }
                ]
            },
            "UnsupportedInfrastructure",
        ),
    ],
)
async def test_without_an_engine_it_stalls_and_nothing_is_made(
    scene: Scene, config: dict[str, object], reason: str
) -> None:
    obj = provisioning_cluster(unique("pc"), kubernetesVersion="v1.33.5+rke2r1", rkeConfig=config)
    await scene.apply(obj)
    seen = await scene.shows(obj, "Stalled", "True", reason)
    assert "clusterName" not in seen["status"]
    assert not seen["metadata"].get("finalizers")
    await scene.delete(obj)
    await scene.gone(obj)
