"""workloads.project.cattle.io on a real control plane."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from drover.kinds.resources import WORKLOADS
from drover.kube.client import Client
from drover.kube.errors import ApiError, NotFound
from drover.kube.gvr import AUTOSCALERS, CRONJOBS, DAEMONSETS, DEPLOYMENTS, GVR, JOBS, NAMESPACES, STATEFULSETS, Object
from tests.cluster.scene import Scene, condition, eventually, namespace, unique, workload


async def place(scene: Scene) -> tuple[str, str]:
    """A backing namespace in the hub, and a namespace of its project in the member."""
    made = await scene.project()
    return made["status"]["backingNamespace"], await scene.namespace(made)


async def native(client: Client, gvr: GVR, name: str, namespace_: str) -> Object | None:
    try:
        return await client.get(gvr, name, namespace_)
    except NotFound:
        return None


@pytest.mark.parametrize(
    ("config", "gvr"),
    [
        ({"deploymentConfig": {}, "scale": 2}, DEPLOYMENTS),
        ({"statefulSetConfig": {"serviceName": "x"}, "scale": 1}, STATEFULSETS),
        ({"daemonSetConfig": {}}, DAEMONSETS),
        ({"cronJobConfig": {"schedule": "0 3 * * *"}}, CRONJOBS),
        ({"jobConfig": {}}, JOBS),
    ],
    ids=lambda value: value.kind if isinstance(value, GVR) else "",
)
async def test_each_kind_runs_in_the_member_and_is_ready(scene: Scene, config: dict[str, Any], gvr: GVR) -> None:
    home, target = await place(scene)
    obj = workload(unique("w"), home, target, **config)
    await scene.apply(obj)
    seen = await scene.ready(obj)
    reference = seen["status"]["nativeRef"]
    assert (reference["cluster"], reference["kind"], reference["namespace"]) == ("edge", gvr.kind, target)
    made = await scene.member.get(gvr, obj["metadata"]["name"], target)
    assert made["metadata"]["labels"]["drover.dev/owner-uid"] == seen["metadata"]["uid"]
    assert seen["status"]["state"] == "active"
    await scene.delete(obj)
    await scene.gone(obj)
    gone = await native(scene.member, gvr, obj["metadata"]["name"], target)
    assert gone is None or gone["metadata"].get("deletionTimestamp")


async def test_a_workload_of_the_local_cluster_runs_where_it_lies(scene: Scene) -> None:
    made = await scene.project("local")
    name = await scene.namespace(made, client=scene.hub)
    obj = workload(unique("w"), name)
    await scene.apply(obj)
    seen = await scene.ready(obj)
    deployment = await scene.hub.get(DEPLOYMENTS, obj["metadata"]["name"], name)
    (owner,) = deployment["metadata"]["ownerReferences"]
    assert owner["uid"] == seen["metadata"]["uid"]
    assert not owner.get("controller")
    assert not seen["metadata"].get("finalizers")
    await scene.delete(obj)
    await scene.gone(obj)

    async def collected() -> bool:
        return await native(scene.hub, DEPLOYMENTS, obj["metadata"]["name"], name) is None

    await eventually(collected, "the Deployment is collected")


async def test_a_namespace_of_another_project_stalls_it(scene: Scene) -> None:
    home, _ = await place(scene)
    _, elsewhere = await place(scene)
    obj = workload(unique("w"), home, elsewhere)
    await scene.apply(obj)
    seen = await scene.shows(obj, "Stalled", "True", "NamespaceNotInProject")
    assert "field.cattle.io/projectId" in condition(seen, "Ready")["message"]
    assert await native(scene.member, DEPLOYMENTS, obj["metadata"]["name"], elsewhere) is None


async def test_a_workload_without_a_project_stalls(scene: Scene) -> None:
    name = unique("n")
    await scene.apply(namespace(name))
    obj = workload(unique("w"), name)
    await scene.apply(obj)
    await scene.shows(obj, "Stalled", "True", "NamespaceNotInProject")
    assert await native(scene.hub, DEPLOYMENTS, obj["metadata"]["name"], name) is None


async def test_a_target_that_comes_later_is_waited_for(scene: Scene) -> None:
    made = await scene.project()
    name = unique("n")
    obj = workload(unique("w"), made["status"]["backingNamespace"], name)
    await scene.apply(obj)
    await scene.shows(obj, "Ready", "False", "NamespaceNotFound")
    await scene.apply(namespace(name, f"edge:{made['metadata']['name']}"), client=scene.member)
    await scene.ready(obj)


async def test_drift_is_corrected_and_what_others_own_is_left_alone(scene: Scene) -> None:
    home, target = await place(scene)
    obj = workload(unique("w"), home, target, scale=2)
    name = obj["metadata"]["name"]
    await scene.apply(obj)
    await scene.ready(obj)
    patch = {
        "metadata": {"name": name, "namespace": target, "annotations": {"mine": "kept"}},
        "spec": {"replicas": 5, "minReadySeconds": 3},
    }
    await scene.member.merge(DEPLOYMENTS, patch, manager="somebody")

    async def corrected() -> bool:
        found = await scene.member.get(DEPLOYMENTS, name, target)
        return bool(found["spec"]["replicas"] == 2)

    await eventually(corrected, "the replicas are corrected")
    found = await scene.member.get(DEPLOYMENTS, name, target)
    assert found["metadata"]["annotations"]["mine"] == "kept"
    assert found["spec"]["minReadySeconds"] == 3


async def test_a_deleted_native_object_comes_back(scene: Scene) -> None:
    home, target = await place(scene)
    obj = workload(unique("w"), home, target)
    await scene.apply(obj)
    await scene.ready(obj)
    old = await scene.member.get(DEPLOYMENTS, obj["metadata"]["name"], target)
    await scene.member.delete(DEPLOYMENTS, obj["metadata"]["name"], target, uid=old["metadata"]["uid"])

    async def remade() -> bool:
        found = await native(scene.member, DEPLOYMENTS, obj["metadata"]["name"], target)
        return found is not None and found["metadata"]["uid"] != old["metadata"]["uid"]

    await eventually(remade, "the Deployment is made again")


async def test_an_autoscaler_keeps_its_replicas(scene: Scene) -> None:
    home, target = await place(scene)
    obj = workload(unique("w"), home, target, scale=2)
    name = obj["metadata"]["name"]
    await scene.apply(obj)
    await scene.ready(obj)
    autoscaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": target},
        "spec": {
            "minReplicas": 4,
            "maxReplicas": 6,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        },
    }
    await scene.member.create(AUTOSCALERS, autoscaler, manager="test")

    async def scaled() -> bool:
        return bool((await scene.member.get(DEPLOYMENTS, name, target))["spec"]["replicas"] == 4)

    await eventually(scaled, "the autoscaler has scaled up", 90)
    await scene.apply({**obj, "spec": {**obj["spec"], "deploymentConfig": {"minReadySeconds": 1}}})

    async def changed() -> bool:
        return bool((await scene.member.get(DEPLOYMENTS, name, target))["spec"].get("minReadySeconds") == 1)

    await eventually(changed, "the change is applied")
    assert await scaled()


async def test_scaling_the_workload_scales_the_native_object(scene: Scene) -> None:
    home, target = await place(scene)
    obj = workload(unique("w"), home, target, scale=1)
    await scene.apply(obj)
    await scene.ready(obj)
    scale = await scene.hub.get_path(WORKLOADS.path(home, obj["metadata"]["name"], "scale"))
    assert scale["spec"]["replicas"] == 1
    assert scale["status"]["replicas"] == 1
    assert scale["status"]["selector"]
    await scene.apply({**obj, "spec": {**obj["spec"], "scale": 3}})

    async def scaled() -> bool:
        found = await scene.get(obj)
        return found is not None and found["status"].get("readyReplicas") == 3

    await eventually(scaled, "three replicas are ready")


async def test_an_object_that_somebody_made_is_not_taken(scene: Scene) -> None:
    home, target = await place(scene)
    obj = workload(unique("w"), home, target)
    name = obj["metadata"]["name"]
    foreign = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": target},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"containers": [{"name": "x", "image": "registry.example/x:1"}]},
            },
        },
    }
    before = await scene.member.create(DEPLOYMENTS, foreign, manager="somebody")
    await scene.apply(obj)
    await scene.shows(obj, "Stalled", "True", "Conflict")
    await scene.delete(obj)
    await scene.gone(obj)
    after = await scene.member.get(DEPLOYMENTS, name, target)
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert not after["metadata"].get("deletionTimestamp")


async def test_its_kind_cannot_be_changed(scene: Scene) -> None:
    home, target = await place(scene)
    obj = workload(unique("w"), home, target)
    await scene.apply(obj)
    with pytest.raises(ApiError, match="kind of a workload"):
        await scene.apply({**obj, "spec": {**obj["spec"], "daemonSetConfig": {}}})


async def test_a_complete_job_that_is_cleaned_up_does_not_run_again(scene: Scene) -> None:
    home, target = await place(scene)
    obj = workload(unique("w"), home, target, jobConfig={}, ttlSecondsAfterFinished=0)
    await scene.apply(obj)
    await scene.shows(obj, "Complete", "True")

    async def cleaned() -> bool:
        return await native(scene.member, JOBS, obj["metadata"]["name"], target) is None

    await eventually(cleaned, "the Job is cleaned up")
    await asyncio.sleep(1)
    assert await cleaned()
    await scene.ready(obj)


async def test_a_change_that_kubernetes_refuses_stalls_with_the_way_out(scene: Scene) -> None:
    home, target = await place(scene)
    obj = workload(unique("w"), home, target, statefulSetConfig={"serviceName": "one"})
    await scene.apply(obj)
    await scene.ready(obj)
    await scene.apply({**obj, "spec": {**obj["spec"], "statefulSetConfig": {"serviceName": "two"}}})
    seen = await scene.shows(obj, "Stalled", "True", "ImmutableField")
    assert "delete the StatefulSet" in condition(seen, "Ready")["message"]


async def test_two_kinds_at_once_are_refused(scene: Scene) -> None:
    home, target = await place(scene)
    with pytest.raises(ApiError):
        await scene.apply(workload(unique("w"), home, target, daemonSetConfig={}, jobConfig={}))


async def test_a_settled_workload_is_not_written_again(scene: Scene) -> None:
    home, target = await place(scene)
    obj = workload(unique("w"), home, target)
    await scene.apply(obj)
    before = await scene.ready(obj)
    await asyncio.sleep(2)
    after = await scene.get(obj)
    assert after is not None
    assert after["status"] == before["status"] or after["status"]["conditions"] == before["status"]["conditions"]
    deployment = await scene.member.get(DEPLOYMENTS, obj["metadata"]["name"], target)
    managers = [entry["manager"] for entry in deployment["metadata"]["managedFields"]]
    assert managers.count("drover-workload") == 1


async def test_deleting_the_target_namespace_does_not_block_the_workload(scene: Scene) -> None:
    home, target = await place(scene)
    obj = workload(unique("w"), home, target)
    await scene.apply(obj)
    await scene.ready(obj)
    found = await scene.member.get(NAMESPACES, target)
    await scene.member.delete(NAMESPACES, target, uid=found["metadata"]["uid"])
    await scene.shows(obj, "Ready", "False")
    await scene.delete(obj)
    await scene.gone(obj)


async def test_a_project_can_be_deleted_with_its_workloads(scene: Scene) -> None:
    made = await scene.project()
    target = await scene.namespace(made)
    obj = workload(unique("w"), made["status"]["backingNamespace"], target)
    await scene.apply(obj)
    await scene.ready(obj)
    await scene.delete(made)
    await scene.gone(made)
    assert await scene.get(obj) is None
    left = await native(scene.member, DEPLOYMENTS, obj["metadata"]["name"], target)
    assert left is None or left["metadata"].get("deletionTimestamp")


async def test_a_workload_that_is_made_again_takes_its_objects_over_when_it_says_so(scene: Scene) -> None:
    """As after a restore, where every object has a new uid."""
    home, target = await place(scene)
    obj = workload(unique("w"), home, target)
    name = obj["metadata"]["name"]
    await scene.apply(obj)
    old = await scene.ready(obj)
    before = await scene.member.get(DEPLOYMENTS, name, target)
    labels = {"drover.dev/owner-uid": "uid-of-a-life-before"}
    other = {**before, "metadata": {"name": unique("w"), "namespace": target, "labels": labels}}
    restored = workload(other["metadata"]["name"], home, target)
    other["spec"] = {**other["spec"], "selector": {"matchLabels": {"app": "x"}}}
    other["spec"]["template"] = {**before["spec"]["template"], "metadata": {"labels": {"app": "x"}}}
    other.pop("status", None)
    await scene.member.create(DEPLOYMENTS, other, manager="restore")
    restored["spec"]["selector"] = {"matchLabels": {"app": "x"}}
    restored["spec"]["labels"] = {"app": "x"}
    await scene.apply(restored)
    seen = await scene.shows(restored, "Stalled", "True", "Conflict")
    assert "drover.dev/adopt-uid: uid-of-a-life-before" in condition(seen, "Ready")["message"]
    restored["metadata"]["annotations"] = {"drover.dev/adopt-uid": "uid-of-a-life-before"}
    await scene.apply(restored)
    new = await scene.ready(restored)
    taken = await scene.member.get(DEPLOYMENTS, restored["metadata"]["name"], target)
    assert taken["metadata"]["labels"]["drover.dev/owner-uid"] == new["metadata"]["uid"]
    thief = workload(unique("w"), home, target)
    thief["spec"]["name"] = name
    thief["metadata"]["annotations"] = {"drover.dev/adopt-uid": old["metadata"]["uid"]}
    await scene.apply(thief)
    await scene.shows(thief, "Stalled", "True", "Conflict")
