"""A Cluster with a Project, a namespace and Workloads, as most faults find it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drover.kinds.resources import WORKLOADS
from drover.kube.client import Client
from drover.kube.errors import NotFound
from drover.kube.gvr import DEPLOYMENTS, Object
from tests.cluster.scene import Scene, cluster, eventually, unique, workload
from tests.faults.conftest import SECRET, Ground


@dataclass(frozen=True, slots=True)
class Setting:
    """A Project in a Cluster, and a namespace of it. `home` is the client of the cluster that Workloads run in."""

    scene: Scene
    home: Client
    cluster: Object
    project: Object
    place: str

    @property
    def backing(self) -> str:
        """The namespace of the hub in which Workloads of the Project lie."""
        return str(self.project["status"]["backingNamespace"])

    def workload(self, name: str = "", **spec: Any) -> Object:
        """A Workload of the Project that nobody has applied yet."""
        return workload(name or unique("w"), self.backing, self.place, **spec)

    async def running(self, **spec: Any) -> Object:
        """A new Workload that is Ready."""
        obj = self.workload(**spec)
        await self.scene.apply(obj)
        return await self.scene.ready(obj)

    async def deployment(self, obj: Object) -> Object | None:
        """The Deployment of a Workload; None where there is none, or one that is being deleted."""
        try:
            found = await self.home.get(DEPLOYMENTS, obj["metadata"]["name"], self.place)
        except NotFound:
            return None
        return None if found["metadata"].get("deletionTimestamp") else found

    async def removed(self, obj: Object, seconds: float = 60.0) -> None:
        """Waits until the Deployment of a Workload is gone."""

        async def look() -> bool:
            return await self.deployment(obj) is None

        await eventually(look, f"the Deployment of {obj['metadata']['name']} is gone", seconds)

    async def made(self, obj: Object, seconds: float = 60.0) -> Object:
        """Waits until the Deployment of a Workload is there."""
        return await eventually(
            lambda: self.deployment(obj), f"the Deployment of {obj['metadata']['name']} is there", seconds
        )

    async def without_finalizers(self, obj: Object) -> None:
        """Somebody takes the finalizers of a Workload off."""
        names = {field: obj["metadata"][field] for field in ("name", "namespace")}
        await self.scene.hub.merge(WORKLOADS, {"metadata": {**names, "finalizers": []}}, manager="somebody")


async def imported(ground: Ground, scene: Scene) -> Setting:
    """The member, imported under a new name."""
    made = cluster(unique("edge"), SECRET)
    await scene.apply(made)
    project = await scene.project((await scene.ready(made))["metadata"]["name"])
    place = await scene.namespace(project, client=ground.member_client)
    return Setting(scene, ground.member_client, made, project, place)


async def local(scene: Scene) -> Setting:
    """The hub itself."""
    made = cluster("local")
    await scene.ready(made)
    project = await scene.project("local")
    place = await scene.namespace(project, client=scene.hub)
    return Setting(scene, scene.hub, made, project, place)
