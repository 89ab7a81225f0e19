"""projects.management.cattle.io on a real control plane."""

from __future__ import annotations

from typing import Any

import pytest

from drover.api.keys import PROJECT_ID
from drover.kube.client import Client
from drover.kube.errors import ApiError
from drover.kube.gvr import NAMESPACES
from tests.cluster.scene import Scene, condition, eventually, namespace, project, unique


async def label(client: Client, name: str) -> str | None:
    """The project's label on a namespace."""
    found = await client.get(NAMESPACES, name)
    return (found["metadata"].get("labels") or {}).get(PROJECT_ID)


async def until_labelled(client: Client, name: str, wanted: str | None) -> None:
    async def look() -> bool:
        return await label(client, name) == wanted

    await eventually(look, f"namespace {name} is labelled {wanted}")


async def test_a_project_has_its_backing_namespace(scene: Scene) -> None:
    made = await scene.project()
    backing = made["status"]["backingNamespace"]
    assert backing == f"edge-{made['metadata']['name']}"
    found = await scene.hub.get(NAMESPACES, backing)
    assert found["metadata"]["labels"]["drover.dev/owner-uid"] == made["metadata"]["uid"]
    assert found["metadata"]["annotations"]["management.cattle.io/system-namespace"] == "true"


async def test_the_label_of_a_namespace_follows_its_annotation(scene: Scene) -> None:
    first, second = await scene.project(), await scene.project()
    name = await scene.namespace(first)
    await until_labelled(scene.member, name, first["metadata"]["name"])
    await scene.apply(namespace(name, f"edge:{second['metadata']['name']}"), client=scene.member)
    await until_labelled(scene.member, name, second["metadata"]["name"])
    await scene.apply(namespace(name), client=scene.member)
    await until_labelled(scene.member, name, None)


async def test_a_namespace_may_name_its_project_before_it_exists(scene: Scene) -> None:
    obj = project(unique("p"))
    name = unique("n")
    await scene.apply(namespace(name, f"edge:{obj['metadata']['name']}"), client=scene.member)
    await scene.apply(obj)
    await scene.ready(obj)
    await until_labelled(scene.member, name, obj["metadata"]["name"])

    async def counted() -> bool:
        found = await scene.get(obj)
        return found is not None and found["status"].get("namespaces") == 1

    await eventually(counted, "one namespace is counted")


async def test_a_forged_label_is_taken_off(scene: Scene) -> None:
    name = unique("n")
    forged = namespace(name)
    forged["metadata"]["labels"] = {PROJECT_ID: "somebody"}
    await scene.apply(forged, client=scene.member)
    await until_labelled(scene.member, name, None)


async def test_deleting_a_project_releases_its_namespaces(scene: Scene) -> None:
    made = await scene.project()
    name = await scene.namespace(made)
    await until_labelled(scene.member, name, made["metadata"]["name"])
    await scene.delete(made)
    await scene.gone(made)
    found = await scene.member.get(NAMESPACES, name)
    assert PROJECT_ID not in (found["metadata"].get("annotations") or {})
    assert PROJECT_ID not in (found["metadata"].get("labels") or {})
    assert not found["metadata"].get("deletionTimestamp")


async def test_a_taken_backing_namespace_is_left_to_its_owner(scene: Scene) -> None:
    name = unique("p")
    await scene.apply(namespace(f"edge-{name}"))
    obj = project(name)
    await scene.apply(obj)
    made = await scene.ready(obj)
    backing = made["status"]["backingNamespace"]
    assert backing.startswith(f"edge-{name}-")
    await scene.delete(made)
    await scene.gone(made)
    assert not (await scene.hub.get(NAMESPACES, f"edge-{name}"))["metadata"].get("deletionTimestamp")


async def test_a_backing_namespace_that_was_deleted_comes_back(scene: Scene) -> None:
    made = await scene.project()
    backing = made["status"]["backingNamespace"]
    old = await scene.hub.get(NAMESPACES, backing)
    await scene.hub.delete(NAMESPACES, backing, uid=old["metadata"]["uid"])

    async def remade() -> bool:
        found = await scene.hub.get(NAMESPACES, backing)
        return bool(found["metadata"]["uid"] != old["metadata"]["uid"])

    await eventually(remade, "the backing namespace is made again")
    await scene.ready(made)


async def test_a_project_outside_its_cluster_is_refused(scene: Scene) -> None:
    obj = project(unique("p"), clusterName="local")
    with pytest.raises(ApiError, match="clusterName"):
        await scene.apply(obj)


async def test_its_cluster_cannot_be_changed(scene: Scene) -> None:
    made = await scene.project()
    changed = project(made["metadata"]["name"], clusterName="elsewhere")
    with pytest.raises(ApiError, match="clusterName"):
        await scene.apply(changed)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"resourceQuota": {"limit": {"limitsCpu": "1"}}}, "namespaceDefaultResourceQuota"),
        (
            {
                "resourceQuota": {"limit": {"limitsCpu": "1"}},
                "namespaceDefaultResourceQuota": {"limit": {"limitsCpu": "2"}},
            },
            "limitsCpu",
        ),
        ({"containerDefaultResourceLimit": {"requestsCpu": "2", "limitsCpu": "1"}}, "requestsCpu|requested"),
    ],
)
async def test_a_quota_that_does_not_fit_is_refused(scene: Scene, spec: dict[str, Any], says: str) -> None:
    with pytest.raises(ApiError, match=says):
        await scene.apply(project(unique("p"), **spec))


async def test_a_creator_is_not_an_error(scene: Scene) -> None:
    made = await scene.project()
    assert condition(made, "CreatorMadeOwner")["reason"] == "NoCreator"
