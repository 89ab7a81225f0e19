"""Whatever takes rights away takes them away in the hub and in the member: at once, and also when the member or the
operator is away at that moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from drover.dev.kwok import APISERVER
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS, Object
from drover.rules.rbac.model import Request
from tests.cluster.attacks.ground import ALL, MANAGEMENT, READ, Ground, asks, becomes, may, role
from tests.cluster.rights.objects import access, everywhere, in_cluster, in_project, user
from tests.cluster.scene import cluster, eventually, namespace, unique

_MARK = {"apiGroups": [""], "resources": ["endpoints"], "verbs": ["get"]}
"""What the GlobalRole gives in the hub."""
_INSIDE = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
"""What the GlobalRole gives in the namespace default of each member."""


@dataclass
class Holder:
    """Somebody with a GlobalRole, a role in the cluster edge and one in a project there, each with what only it gives.
    The last two inherit what they give."""

    ground: Ground
    place: str
    project: Object
    name: str = ""
    objects: dict[str, Object] = field(default_factory=dict)

    async def settle(self) -> None:
        """Makes it all, and waits until it is in force."""
        scene, self.name = self.ground.scene, await self.ground.somebody()
        roles = {each: unique(each) for each in ("globally", "base", "wide", "narrow")}
        nodes = {"apiGroups": [""], "resources": ["events"], "verbs": ["get"]}
        self.objects = {
            "globally": access(
                "GlobalRole",
                roles["globally"],
                rules=[_MARK],
                inheritedNamespacedRules={"default": [_INSIDE]},
                inheritedClusterRoles=[roles["wide"]],
            ),
            "base": role(roles["base"], "", READ),
            "wide": role(roles["wide"], "cluster", nodes, roleTemplateNames=[roles["base"]]),
            "narrow": role(roles["narrow"], "project", roleTemplateNames=[roles["base"]]),
            "grb": everywhere(unique("b"), roles["globally"], userName=self.name),
            "crtb": in_cluster(unique("b"), roles["wide"], userName=self.name),
            "prtb": in_project(unique("b"), roles["narrow"], self.project, userName=self.name),
            "user": user(self.name),
        }
        for obj in self.objects.values():
            await scene.apply(obj)
        await asyncio.gather(*(scene.ready(self.objects[each]) for each in ("grb", "crtb", "prtb")))
        await self.has(hub=True, member=True)

    @property
    def in_hub(self) -> list[Request]:
        """What is given in the hub: by the GlobalRole, and to see the Cluster and the Project."""
        project = self.project["metadata"]["name"]
        return [
            asks("get", "endpoints"),
            asks("get", "clusters", "", MANAGEMENT, "edge"),
            asks("get", "projects", "edge", MANAGEMENT, project),
        ]

    @property
    def in_member(self) -> list[Request]:
        """What is given in the member: in the cluster, in the project, and in one namespace by the GlobalRole."""
        return [asks("get"), asks("get", "events"), asks("get", place=self.place), asks("get", "secrets", "default")]

    async def has(self, *, hub: bool | None = None, member: bool | None = None) -> None:
        """Waits until all of it is in force, or nothing of it is; None: it is not asked."""
        scene = self.ground.scene
        for client, wanted, requests in ((scene.hub, hub, self.in_hub), (scene.member, member, self.in_member)):
            for request in requests if wanted is not None else ():
                await becomes(client, wanted is True, self.name, request, seconds=30)

    async def lose(self, *names: str) -> None:
        """Deletes objects."""
        for name in names:
            await self.ground.scene.delete(self.objects[name])

    async def rewrite(self, name: str, **fields: object) -> None:
        """Changes an object; fields that are None are left out."""
        changed = {**self.objects[name], **fields}
        await self.ground.scene.apply({key: value for key, value in changed.items() if value is not None})

    async def nothing_left(self) -> bool:
        """No binding of plain RBAC names this person."""
        return await self.left() == []

    async def left(self) -> list[str]:
        """Bindings of plain RBAC that name this person."""
        return [
            f"{gvr.kind} {obj['metadata']['name']}"
            for client in (self.ground.scene.hub, self.ground.scene.member)
            for gvr in (CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS)
            for obj in await client.list(gvr)
            if any(each.get("name") == self.name for each in obj.get("subjects") or ())
        ]


async def holders(ground: Ground, count: int) -> list[Holder]:
    """So many, in one new project."""
    home = await ground.scene.project()
    place = await ground.scene.namespace(home)
    found = [Holder(ground, place, home) for _ in range(count)]
    for each in found:
        await each.settle()
    return found


async def roles_are_emptied(holder: Holder) -> None:
    """What gives rights in the three roles is taken out of them, in the inherited one too."""
    await holder.rewrite("globally", rules=[], inheritedNamespacedRules=None, inheritedClusterRoles=[])
    await holder.rewrite("wide", rules=[], roleTemplateNames=[])
    await holder.rewrite("base", rules=[])


async def bindings_are_deleted(holder: Holder) -> None:
    await holder.lose("grb", "crtb", "prtb")


async def the_user_is_disabled(holder: Holder) -> None:
    await holder.rewrite("user", enabled=False)


async def the_user_is_deleted(holder: Holder) -> None:
    await holder.lose("user")


Way = Callable[[Holder], Awaitable[None]]
WAYS: tuple[Way, ...] = (
    bindings_are_deleted,
    the_user_is_disabled,
    the_user_is_deleted,
    roles_are_emptied,
)


async def gone(holder: Holder, way: Way, *, hub: bool = True, member: bool = True) -> None:
    """Waits until nothing of it is in force, there. Of empty roles the bindings stay, and with them who sees the
    Cluster and the Project."""
    scene = holder.ground.scene
    if way is roles_are_emptied:
        if hub:
            await becomes(scene.hub, False, holder.name, asks("get", "endpoints"))
    else:
        await holder.has(hub=False if hub else None)
    if member:
        await holder.has(member=False)
        if way is not roles_are_emptied:  # what was asked about is not all that bindings were made for
            await eventually(holder.nothing_left, f"no binding names {holder.name}")


async def test_by_every_way_all_rights_end_in_the_hub_and_the_member(ground: Ground) -> None:
    for holder, way in zip(await holders(ground, len(WAYS)), WAYS, strict=True):
        await way(holder)
        await gone(holder, way)


async def test_by_every_way_all_rights_are_gone_after_a_start_that_went_while_no_operator_ran(ground: Ground) -> None:
    found = await holders(ground, len(WAYS))
    keeper, *_ = await holders(ground, 1)
    ground.scene.drover.stop()
    for holder, way in zip(found, WAYS, strict=True):
        if way is not roles_are_emptied:  # needs the webhook: rights that change are compared
            await way(holder)
    ground.start()
    await ground.judged()
    for holder, way in zip(found, WAYS, strict=True):
        if way is not roles_are_emptied:
            await gone(holder, way)
    await keeper.has(hub=True, member=True)


async def test_check_12_by_every_way_all_rights_are_gone_in_a_member_that_was_away(ground: Ground) -> None:
    found = await holders(ground, len(WAYS))
    keeper, *_ = await holders(ground, 1)
    away = ground.control_plane.members[0]
    await asyncio.to_thread(away.kill, APISERVER)
    try:
        await ground.scene.shows(cluster("edge"), "Connected", "False")
        for holder, way in zip(found, WAYS, strict=True):
            await way(holder)
        for holder, way in zip(found, WAYS, strict=True):
            await gone(holder, way, member=False)
        await asyncio.gather(*(ground.scene.gone(found[0].objects[each]) for each in ("grb", "crtb", "prtb")))
    finally:
        await asyncio.to_thread(away.start, APISERVER)
    await ground.scene.shows(cluster("edge"), "Connected", "True", seconds=120)
    for holder, way in zip(found, WAYS, strict=True):
        await gone(holder, way)
    await keeper.has(hub=True, member=True)


async def test_of_a_global_role_of_administrators_that_is_deleted_nothing_stays(ground: Ground) -> None:
    """It makes its holders `cluster-admin` in each member."""
    scene, boss = ground.scene, await ground.somebody()
    urls = {"nonResourceURLs": ["*"], "verbs": ["*"]}
    everything = access("GlobalRole", unique("boss"), rules=[ALL, urls])
    given = everywhere(unique("b"), everything["metadata"]["name"], userName=boss)
    await scene.apply(everything)
    await scene.apply(given)
    for client in (scene.hub, scene.member):
        await becomes(client, True, boss, asks("*", "*", "", "*"))
    await scene.ready(given)
    await scene.delete(everything)
    for client in (scene.hub, scene.member):
        await becomes(client, False, boss, asks("*", "*", "", "*"))
    await scene.gone(given)


async def test_a_group_loses_what_its_binding_gave_and_nobody_of_it_keeps_anything(ground: Ground) -> None:
    scene, group, ann = ground.scene, f"github_team://{unique('t')}", unique("stranger")
    given = in_cluster(unique("b"), await ground.role("cluster"), groupPrincipalName=group)
    await scene.apply(given)
    await becomes(scene.member, True, ann, asks("get"), [group])
    assert not await may(scene.member, ann, asks("get"))
    await scene.delete(given)
    await becomes(scene.member, False, ann, asks("get"), [group])


async def test_an_identity_that_is_taken_from_a_user_has_nothing_of_it(ground: Ground) -> None:
    identity = f"github_user://{unique('i')}"
    scene, ann = ground.scene, await ground.somebody(principalIds=[identity])
    await scene.apply(in_cluster(unique("b"), await ground.role("cluster"), userName=ann))
    await becomes(scene.member, True, identity, asks("get"))
    await scene.apply(user(ann, principalIds=[f"local://{ann}"]))
    await becomes(scene.member, False, identity, asks("get"))
    assert await may(scene.member, ann, asks("get"))


async def test_a_namespace_that_leaves_its_project_takes_the_rights_in_it_away(ground: Ground) -> None:
    scene = ground.scene
    home, ann = await scene.project(), await ground.somebody()
    place = await scene.namespace(home)
    await scene.apply(in_project(unique("b"), await ground.role("project"), home, userName=ann))
    await becomes(scene.member, True, ann, asks("get", place=place))
    await scene.apply(namespace(place, ""), client=scene.member)
    await becomes(scene.member, False, ann, asks("get", place=place))


async def test_a_project_that_is_deleted_leaves_nobody_any_right(ground: Ground) -> None:
    scene = ground.scene
    home, ann = await scene.project(), await ground.somebody()
    place = await scene.namespace(home)
    given = in_project(unique("b"), "project-owner", home, userName=ann)
    await scene.apply(given)
    await becomes(scene.member, True, ann, asks("create", "pods", place))
    await scene.delete(home)
    await becomes(scene.member, False, ann, asks("create", "pods", place))
    await scene.gone(given)
    await becomes(scene.hub, False, ann, asks("get", "clusters", "", MANAGEMENT, "edge"))
