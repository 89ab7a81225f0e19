"""clusters.management.cattle.io on a real control plane."""

from __future__ import annotations

import pytest

from drover.kinds.resources import CLUSTERS, PROJECTS
from drover.kube.errors import ApiError, Forbidden, Invalid
from drover.kube.gvr import NAMESPACES, SECRETS, Object
from tests.cluster.scene import Scene, cluster, condition, eventually, namespace, unique

LOCAL = cluster("local")
EDGE = cluster("edge")


async def test_the_local_cluster_is_there_with_its_namespace_and_first_projects(scene: Scene) -> None:
    local = await scene.ready(LOCAL)
    assert local["spec"]["internal"] is True
    assert local["status"]["driver"] == "local"
    assert local["status"]["nodeCount"] == 1
    projects = await scene.hub.list(PROJECTS, "local")
    marks = {label for project in projects for label in project["metadata"].get("labels") or {}}
    assert {"authz.management.cattle.io/default-project", "authz.management.cattle.io/system-project"} <= marks
    backing = await scene.hub.get(NAMESPACES, "local")
    assert backing["metadata"]["labels"]["drover.dev/owner-uid"] == local["metadata"]["uid"]


async def test_the_local_cluster_cannot_be_deleted(scene: Scene) -> None:
    with pytest.raises((Forbidden, Invalid), match="local"):
        await scene.delete(LOCAL)


async def test_an_imported_cluster_shows_what_it_is(scene: Scene) -> None:
    edge = await scene.ready(EDGE)
    status = edge["status"]
    assert status["driver"] == "imported"
    assert status["version"]["gitVersion"].startswith("v1.")
    assert status["nodeCount"] == 1
    assert set(status["capacity"]) == {"cpu", "memory", "pods"}
    assert status["apiEndpoint"].startswith("https://")
    assert condition(edge, "Connected")["status"] == "True"
    assert condition(edge, "NoDiskPressure")["status"] == "True"


async def test_every_condition_is_there_at_first_sight_and_says_what_to_do(scene: Scene) -> None:
    obj = cluster(unique("c"))
    await scene.apply(obj)
    seen = await scene.shows(obj, "Ready", "False", "AwaitingKubeconfig")
    types = {entry["type"] for entry in seen["status"]["conditions"]}
    assert {"Ready", "Reconciling", "Stalled", "Paused", "Connected", "BackingNamespaceCreated", "Provisioned"} <= types
    assert "kubeconfigSecretRef" in condition(seen, "Ready")["message"]
    assert condition(seen, "Reconciling")["status"] == "True"
    await scene.delete(obj)
    await scene.gone(obj)


async def test_a_namespace_of_somebody_else_is_never_taken_over(scene: Scene) -> None:
    name = unique("c")
    await scene.apply(namespace(name))
    obj = cluster(name)
    await scene.apply(obj)
    await scene.shows(obj, "Stalled", "True", "NamespaceConflict")
    assert (
        "labels" not in (await scene.hub.get(NAMESPACES, name))["metadata"]
        or "drover.dev/owner-uid" not in (await scene.hub.get(NAMESPACES, name))["metadata"]["labels"]
    )
    await scene.delete(obj)
    await scene.gone(obj)
    assert not (await scene.hub.get(NAMESPACES, name))["metadata"].get("deletionTimestamp")


async def test_a_default_project_that_was_deleted_stays_deleted(scene: Scene) -> None:
    obj = cluster(unique("c"))
    await scene.apply(obj)
    await scene.shows(obj, "DefaultProjectCreated", "True")
    name = obj["metadata"]["name"]

    async def defaults() -> list[Object]:
        found = await scene.hub.list(PROJECTS, name)
        return [each for each in found if "authz.management.cattle.io/default-project" in each["metadata"]["labels"]]

    (default,) = await eventually(defaults, "the Default project")
    await scene.hub.delete(PROJECTS, default["metadata"]["name"], name, uid=default["metadata"]["uid"])
    await scene.gone(default)
    await scene.apply({**obj, "spec": {**obj["spec"], "description": "changed"}})
    await scene.shows(obj, "Ready", "False", "AwaitingKubeconfig")
    assert await defaults() == []
    await scene.delete(obj)
    await scene.gone(obj)


@pytest.mark.parametrize(
    ("content", "reason", "says"),
    [
        ({"other": "e30="}, "KubeconfigKeyNotFound", "other"),
        ({"value": "e30="}, "InvalidKubeconfig", "current-context"),
        ({"value": "OiA6IDo="}, "InvalidKubeconfig", "YAML"),
    ],
)
async def test_a_kubeconfig_that_is_none_stalls_with_what_is_wrong(
    scene: Scene, content: dict[str, str], reason: str, says: str
) -> None:
    name = unique("c")
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "fleet-default"},
        "data": content,
    }
    await scene.hub.apply(SECRETS, secret, manager="test")
    obj = cluster(name, name)
    await scene.apply(obj)
    seen = await scene.shows(obj, "Stalled", "True", reason)
    assert says in condition(seen, "Ready")["message"]
    await scene.delete(obj)
    await scene.gone(obj)


async def test_a_missing_secret_is_waited_for(scene: Scene, branch_secret: str) -> None:
    name = unique("c")
    obj = cluster(name, name)
    await scene.apply(obj)
    seen = await scene.shows(obj, "Connected", "False", "KubeconfigNotFound")
    assert f"fleet-default/{name}" in condition(seen, "Connected")["message"]
    copy = await scene.hub.get(SECRETS, branch_secret, "fleet-default")
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "fleet-default"},
        "data": copy["data"],
    }
    await scene.hub.apply(SECRETS, secret, manager="test")
    await scene.ready(obj)
    await scene.delete(obj)
    await scene.gone(obj)


async def test_a_cluster_that_is_imported_already_is_not_imported_again(scene: Scene, edge_secret: str) -> None:
    obj = cluster(unique("c"), edge_secret)
    await scene.apply(obj)
    seen = await scene.shows(obj, "Stalled", "True", "AlreadyImported")
    assert "Cluster edge" in condition(seen, "Ready")["message"]
    await scene.delete(obj)
    await scene.gone(obj)
    await scene.ready(EDGE)


async def test_deleting_a_cluster_takes_its_projects_and_namespaces_along(scene: Scene) -> None:
    obj = cluster(unique("c"))
    name = obj["metadata"]["name"]
    await scene.apply(obj)
    await scene.shows(obj, "SystemProjectCreated", "True")
    await scene.delete(obj)
    await scene.gone(obj)

    async def all_gone() -> bool:
        return not [each for each in await scene.hub.list(NAMESPACES) if each["metadata"]["name"].startswith(name)]

    await eventually(all_gone, "the namespaces are gone")


async def test_applying_twice_changes_nothing(scene: Scene) -> None:
    obj = cluster(unique("c"))
    await scene.apply(obj)
    await scene.shows(obj, "SystemProjectCreated", "True")
    before = await eventually(lambda: scene.get(obj), "the Cluster")
    again = await scene.apply(obj)
    assert again["metadata"]["generation"] == before["metadata"]["generation"]
    await scene.delete(obj)
    await scene.gone(obj)


async def test_a_paused_cluster_is_left_alone(scene: Scene) -> None:
    obj = cluster(unique("c"))
    obj["metadata"]["annotations"] = {"drover.dev/paused": "true"}
    await scene.apply(obj)

    async def look() -> bool:
        return condition(await scene.get(obj), "Paused").get("status") == "True"

    await eventually(look, "Paused")
    names = {each["metadata"]["name"] for each in await scene.hub.list(NAMESPACES)}
    assert obj["metadata"]["name"] not in names
    obj["metadata"]["annotations"] = {}
    await scene.apply(obj)
    await scene.shows(obj, "Paused", "False")
    await scene.delete(obj)
    await scene.gone(obj)


async def test_an_inline_kubeconfig_is_refused_with_the_way_out(scene: Scene) -> None:
    obj = cluster(unique("c"))
    obj["spec"]["importedConfig"] = {"kubeConfig": "apiVersion: v1"}
    with pytest.raises(ApiError, match="kubeconfigSecretRef"):
        await scene.apply(obj)


async def test_legacy_fields_survive_an_apply(scene: Scene) -> None:
    obj = cluster(unique("c"), rancherKubernetesEngineConfig={"clusterName": "x", "nodes": [{"address": "10.0.0.1"}]})
    await scene.apply(obj)
    found = await scene.hub.get(CLUSTERS, obj["metadata"]["name"])
    assert found["spec"]["rancherKubernetesEngineConfig"]["nodes"] == [{"address": "10.0.0.1"}]
    await scene.delete(obj)
    await scene.gone(obj)
