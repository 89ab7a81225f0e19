"""Protection from deletion, and what becomes of the namespaces of a Project that is deleted."""

from __future__ import annotations

from typing import Any

import pytest

from drover.kinds.resources import PROJECTS, WORKLOADS
from drover.kube.client import Client
from drover.kube.errors import Forbidden, NotFound
from drover.kube.gvr import EVENTS, GVR, NAMESPACES, Object
from tests.cluster.scene import (
    Scene,
    cluster,
    condition,
    eventually,
    import_member,
    namespace,
    project,
    unique,
    workload,
)

_PROTECTED = {"drover.dev/deletion-protection": "true"}
_DELETE = {"drover.dev/namespace-deletion-policy": "Delete"}


def annotated(obj: Object, notes: dict[str, str]) -> Object:
    metadata = obj["metadata"]
    return {**obj, "metadata": {**metadata, "annotations": {**(metadata.get("annotations") or {}), **notes}}}


async def live(client: Client, name: str) -> Object | None:
    """A namespace; None when it is gone."""
    try:
        return await client.get(NAMESPACES, name)
    except NotFound:
        return None


async def gone(client: Client, name: str) -> None:
    async def look() -> bool:
        return await live(client, name) is None

    await eventually(look, f"namespace {name} is gone")


async def protected(client: Client, gvr: GVR, obj: Object, notes: dict[str, Any]) -> None:
    names = {field: obj["metadata"][field] for field in ("name", "namespace") if field in obj["metadata"]}
    await client.merge(gvr, {"metadata": {**names, "annotations": notes}}, manager="test")


async def ending(scene: Scene, **spec: Any) -> Object:
    """A Project that deletes its namespaces with it, and is Ready."""
    obj = annotated(project(unique("p"), **spec), _DELETE)
    await scene.apply(obj)
    return await scene.ready(obj)


async def joined(scene: Scene, made: Object) -> str:
    """A namespace of a Project, once it is counted."""
    name = await scene.namespace(made)

    async def labelled() -> bool:
        found = await live(scene.member, name)
        return bool(found and (found["metadata"].get("labels") or {}).get("field.cattle.io/projectId"))

    await eventually(labelled, "it is in the project")
    return name


# --- Protection -------------------------------------------------------------------------------------------------------
async def test_a_protected_object_is_deleted_after_the_annotation_was_removed(scene: Scene) -> None:
    made = await scene.project()
    await protected(scene.hub, PROJECTS, made, _PROTECTED)
    with pytest.raises(Forbidden, match=r"is protected from deletion; remove its annotation drover\.dev/deletion-prot"):
        await scene.delete(made)
    await protected(scene.hub, PROJECTS, made, dict.fromkeys(_PROTECTED))
    await scene.delete(made)
    await scene.gone(made)


async def test_a_namespace_with_a_protected_workload_in_it_does_not_hang(scene: Scene) -> None:
    name = unique("n")
    local = await scene.project("local")
    await scene.apply(namespace(name, f"local:{local['metadata']['name']}"))
    kept = annotated(workload("web", name), _PROTECTED)
    await scene.apply(kept)
    await scene.ready(kept)
    with pytest.raises(Forbidden, match="protected from deletion"):
        await scene.delete(kept)
    await scene.delete(namespace(name))
    await gone(scene.hub, name)


async def test_a_project_takes_its_protected_workloads_along(scene: Scene) -> None:
    made = await scene.project()
    name = await scene.namespace(made)
    kept = annotated(workload("web", made["status"]["backingNamespace"], name), _PROTECTED)
    await scene.apply(kept)
    await scene.ready(kept)
    await scene.delete(made)
    await scene.gone(made)
    with pytest.raises(NotFound):
        await scene.hub.get(WORKLOADS, "web", made["status"]["backingNamespace"])


async def test_a_protected_namespace_in_a_member_is_not_deleted(scene: Scene) -> None:
    name = await joined(scene, await scene.project())
    await protected(scene.member, NAMESPACES, namespace(name), _PROTECTED)
    found = await scene.member.get(NAMESPACES, name)
    with pytest.raises(Forbidden, match=f"namespaces {name} is protected from deletion"):
        await scene.member.delete(NAMESPACES, name, uid=found["metadata"]["uid"])


# --- The namespaces of a Project --------------------------------------------------------------------------------------
async def test_a_project_that_asks_for_it_deletes_its_namespaces_and_no_other(scene: Scene) -> None:
    made, other = await ending(scene), await scene.project()
    mine, left, theirs, nobodys = (
        await joined(scene, made),
        await joined(scene, made),
        await joined(scene, other),
        unique("n"),
    )
    await scene.apply(namespace(nobodys), client=scene.member)
    await protected(scene.member, NAMESPACES, namespace(left), {"field.cattle.io/projectId": None})
    await scene.delete(made)
    await scene.gone(made)
    assert await live(scene.member, mine) is None
    for name in (left, theirs, nobodys):
        found = await live(scene.member, name)
        assert found is not None
        assert not found["metadata"].get("deletionTimestamp")
    await gone(scene.hub, made["status"]["backingNamespace"])


async def test_a_protected_namespace_is_released_and_that_is_told(scene: Scene) -> None:
    made = await ending(scene)
    mine, kept = await joined(scene, made), await joined(scene, made)
    await protected(scene.member, NAMESPACES, namespace(kept), _PROTECTED)
    await scene.delete(made)
    await scene.gone(made)
    assert await live(scene.member, mine) is None
    found = await live(scene.member, kept)
    assert found is not None
    assert not found["metadata"].get("deletionTimestamp")
    assert "field.cattle.io/projectId" not in {
        **found["metadata"]["annotations"],
        **found["metadata"].get("labels", {}),
    }

    async def told() -> bool:
        events = await scene.hub.list(EVENTS, "edge")
        notes = [event["note"] for event in events if event["reason"] == "NamespacesReleased"]
        return any(f"{kept}: it is annotated with drover.dev/deletion-protection" in note for note in notes)

    await eventually(told, "an Event says what was released")


async def test_a_deletion_names_the_namespaces_that_it_waits_for_and_can_be_forced(scene: Scene) -> None:
    made = await ending(scene)
    name = await joined(scene, made)
    stuck = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "stuck", "namespace": name, "finalizers": ["test.example.com/wait"]},
    }
    maps = GVR("", "v1", "configmaps", "ConfigMap")
    await scene.member.create(maps, stuck, manager="test")
    try:
        await scene.delete(made)
        found = await scene.shows(made, "Ready", "False", "DeletingNamespaces")
        assert condition(found, "Ready")["message"] == f"deletes its namespaces: {name}"
        await protected(scene.hub, PROJECTS, made, {"drover.dev/force-delete": "true"})
        await scene.gone(made)
    finally:
        await scene.member.merge(
            maps, {"metadata": {"name": "stuck", "namespace": name, "finalizers": None}}, manager="test"
        )
    await gone(scene.member, name)


async def test_a_namespace_of_the_system_is_released(scene: Scene) -> None:
    made = await ending(scene)
    before = await scene.member.get(NAMESPACES, "kube-public")
    old = (before["metadata"].get("annotations") or {}).get("field.cattle.io/projectId")
    moved = {"field.cattle.io/projectId": f"edge:{made['metadata']['name']}"}
    await protected(scene.member, NAMESPACES, namespace("kube-public"), moved)

    async def counted() -> bool:
        found = await scene.get(made)
        return bool(found and found["status"].get("namespaces") == 1)

    await eventually(counted, "it is in the project")
    await scene.delete(made)
    await scene.gone(made)
    found = await scene.member.get(NAMESPACES, "kube-public")
    assert not found["metadata"].get("deletionTimestamp")
    await protected(scene.member, NAMESPACES, namespace("kube-public"), {"field.cattle.io/projectId": old})


async def test_a_cluster_that_is_deleted_releases_the_namespaces_of_all_its_projects(
    scene: Scene, branch_secret: str, branch_client: Client
) -> None:
    name = unique("c")
    await import_member(scene, name, branch_secret)
    obj = annotated(project(unique("p"), name), _DELETE)
    await scene.apply(obj)
    made = await scene.ready(obj)
    kept = await scene.namespace(made, client=branch_client)
    await scene.delete(cluster(name))
    await scene.gone(cluster(name))
    found = await live(branch_client, kept)
    assert found is not None
    assert not found["metadata"].get("deletionTimestamp")
