"""nodetemplates and nodepools of management.cattle.io on a real control plane."""

from __future__ import annotations

from typing import Any

from drover.kinds.resources import PROVISIONING_CLUSTERS
from drover.kube.gvr import Object
from tests.cluster.scene import Scene, condition, management, provisioning_cluster, secret, unique


def pool(template: str, **spec: Any) -> Object:
    given = {"clusterName": "edge", "nodeTemplateName": template, "worker": True, **spec}
    return management("NodePool", unique("np"), "edge", **given)


async def test_a_pool_comes_to_a_machine_pool_that_a_provisioning_cluster_takes(scene: Scene) -> None:
    name = unique("cc")
    key = "digitaloceancredentialConfig-accessToken"
    await scene.apply(secret(name, "cattle-global-data", **{key: "x"}))
    template = management(
        "NodeTemplate",
        unique("nt"),
        "fleet-default",
        driver="digitalocean",
        cloudCredentialName=f"cattle-global-data:{name}",
        nodeTaints=[{"key": "dedicated", "value": "shop", "effect": "NoSchedule"}],
        engineStorageDriver="overlay2",
    )
    template["digitaloceanConfig"] = {"region": "fra1", "size": "s-2vcpu-4gb"}
    obj = pool(f"fleet-default:{template['metadata']['name']}", etcd=True, controlPlane=True, quantity=3)
    await scene.apply(obj)
    await scene.shows(obj, "Ready", "False", "TemplateNotFound")
    await scene.apply(template)
    seen = await scene.ready(obj)
    machine_pool = seen["status"]["machinePool"]
    assert machine_pool == {
        "name": obj["metadata"]["name"],
        "quantity": 3,
        "etcdRole": True,
        "controlPlaneRole": True,
        "workerRole": True,
        "machineConfigRef": {
            "apiVersion": "rke-machine-config.cattle.io/v1",
            "kind": "DigitaloceanConfig",
            "name": template["metadata"]["name"],
        },
        "cloudCredentialSecretName": f"cattle-global-data:{name}",
        "taints": [{"key": "dedicated", "value": "shop", "effect": "NoSchedule"}],
    }
    assert seen["status"]["leftOut"] == ["NodeTemplate spec.engineStorageDriver"]
    made = provisioning_cluster(unique("pc"), rkeConfig={"machinePools": [machine_pool]})
    await scene.hub.create(PROVISIONING_CLUSTERS, made, manager="test", dry_run=True)

    await scene.shows(template, "InUse", "True")
    await scene.delete(template)
    await scene.shows(template, "Ready", "False", "InUse")
    await scene.delete(obj)
    await scene.gone(obj)
    await scene.gone(template)


async def test_a_template_waits_for_its_driver_and_its_pool_for_the_template(scene: Scene) -> None:
    name = unique("own")
    template = management("NodeTemplate", unique("nt"), "fleet-default", driver=name)
    obj = pool(f"fleet-default:{template['metadata']['name']}")
    driver = management("NodeDriver", name, active=False, url="https://drivers.example/own")
    await scene.apply(template)
    await scene.apply(obj)
    seen = await scene.shows(obj, "Ready", "False", "DriverNotFound")
    assert condition(seen, "Resolved")["status"] == "True"
    await scene.apply(driver)
    await scene.shows(obj, "Ready", "False")
    await scene.apply({**driver, "spec": {**driver["spec"], "active": True}})
    await scene.ready(template)
    await scene.ready(obj)
    for each in (obj, template, driver):
        await scene.delete(each)
        await scene.gone(each)


async def test_a_template_whose_credential_is_not_there_says_so_and_recovers(scene: Scene) -> None:
    name = unique("cc")
    template = management(
        "NodeTemplate",
        unique("nt"),
        "fleet-default",
        driver="amazonec2",
        cloudCredentialName=f"cattle-global-data:{name}",
    )
    await scene.apply(template)
    seen = await scene.shows(template, "Ready", "False", "CredentialNotFound")
    assert condition(seen, "CredentialValid")["status"] == "False"
    values = {"amazonec2credentialConfig-accessKey": "x", "amazonec2credentialConfig-secretKey": "x"}
    await scene.apply(secret(name, "cattle-global-data", **values))
    await scene.ready(template)
    await scene.delete(template)
    await scene.gone(template)
