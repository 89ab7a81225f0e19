"""The Default and the System project get the namespaces that a cluster begins with."""

from __future__ import annotations

from drover.kinds.resources import PROJECTS
from drover.kube.gvr import NAMESPACES, Object
from tests.cluster.scene import Scene, eventually, namespace, unique

ID = "field.cattle.io/projectId"


async def project_with(scene: Scene, mark: str) -> Object:
    """The Default or the System project of the member."""
    found = await scene.hub.list(PROJECTS, "edge")
    return next(obj for obj in found if (obj["metadata"].get("labels") or {}).get(f"authz.management.cattle.io/{mark}"))


async def test_each_gets_its_own_and_says_so(scene: Scene) -> None:
    for mark, names, type_ in (
        ("default-project", ["default"], "DefaultNamespacesAssigned"),
        ("system-project", ["kube-system", "kube-public", "kube-node-lease"], "SystemNamespacesAssigned"),
    ):
        project = await project_with(scene, mark)
        await scene.shows(project, type_, "True")
        name = project["metadata"]["name"]
        for each in names:

            async def inside(at: str = each, wanted: str = name) -> bool:
                metadata = (await scene.member.get(NAMESPACES, at))["metadata"]
                found = metadata.get("annotations", {}).get(ID), metadata.get("labels", {}).get(ID)
                return found == (f"edge:{wanted}", wanted)

            await eventually(inside, f"{each} is in {name}")


async def test_one_that_appears_later_is_put_in_once(scene: Scene) -> None:
    project = await project_with(scene, "system-project")
    await scene.apply(namespace("cert-manager"), client=scene.member)

    async def found(key: str) -> str | None:
        notes = (await scene.member.get(NAMESPACES, "cert-manager"))["metadata"].get("annotations") or {}
        value: str | None = notes.get(key)
        return value

    async def inside() -> bool:
        return await found(ID) == f"edge:{project['metadata']['name']}"

    await eventually(inside, "it is in the System project")
    out = {"metadata": {"name": "cert-manager", "annotations": {ID: None}}}
    await scene.member.merge(NAMESPACES, out, manager="test")

    async def without_label() -> bool:
        return ID not in ((await scene.member.get(NAMESPACES, "cert-manager"))["metadata"].get("labels") or {})

    await eventually(without_label, "whoever takes it out is obeyed")
    assert await found(ID) is None


async def test_other_namespaces_are_in_no_project(scene: Scene) -> None:
    name = unique("n")
    await scene.apply(namespace(name), client=scene.member)
    made = await scene.project()
    inside = await scene.namespace(made)

    async def labelled() -> bool:
        return ID in ((await scene.member.get(NAMESPACES, inside))["metadata"].get("labels") or {})

    await eventually(labelled, "the loop has come by")
    assert ID not in ((await scene.member.get(NAMESPACES, name))["metadata"].get("annotations") or {})
