"""Objects that end and come again under their names, while the operator lives on."""

from __future__ import annotations

from drover.api.keys import PROJECT_ID
from drover.kube.gvr import DEPLOYMENTS, NAMESPACES, Object
from tests.cluster.scene import cluster, eventually, namespace, project, unique, workload
from tests.faults.conftest import SECRET, Ground


async def test_a_project_that_is_made_again_keeps_the_namespaces_that_name_it(ground: Ground) -> None:
    scene = ground.scene(await ground.start())
    edge = unique("again")
    await scene.apply(cluster(edge, SECRET))
    await scene.ready(cluster(edge))
    shop, place = project("shop", edge), namespace(unique("again-place"), f"{edge}:shop")

    async def mark() -> str:
        found = await ground.member_client.get(NAMESPACES, place["metadata"]["name"])
        return str((found["metadata"].get("labels") or {}).get(PROJECT_ID))

    for _ in range(2):
        await eventually(lambda: scene.apply(shop), "the Project is taken")
        backing = (await scene.ready(shop))["status"]["backingNamespace"]
        await scene.apply(place, client=ground.member_client)

        async def labelled() -> bool:
            return await mark() == "shop"

        await eventually(labelled, "the namespace has its label", 20)
        made = workload("web", backing, place["metadata"]["name"])
        await scene.apply(made)
        await scene.ready(made)
        await scene.delete(shop)
        await scene.gone(shop)

        async def released() -> bool:
            found: Object = await ground.member_client.get(NAMESPACES, place["metadata"]["name"])
            return PROJECT_ID not in (found["metadata"].get("annotations") or {})

        await eventually(released, "the namespace is nobody's")
        assert not [
            each
            for each in await ground.member_client.list(DEPLOYMENTS, place["metadata"]["name"])
            if not each["metadata"].get("deletionTimestamp")
        ]
