"""The Setting `rbac-binding-per-subject`: each subject has bindings of its own, as upstream makes them, or shares them.
Nobody notices when it is switched while bindings are in force."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from drover.api.keys import UNIT
from drover.kube.client import Client
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS, Object
from drover.rules.rbac.model import Request
from tests.cluster.attacks.ground import becomes, may
from tests.cluster.rights.objects import access, everywhere, in_cluster, in_project, user
from tests.cluster.scene import Scene, eventually, setting, unique

_NAME = "rbac-binding-per-subject"
_OWN = re.compile(r"(rb|crb)-[a-z2-7]{10}")
_TEAM = "github_team://per-subject"
_OWNER = "authz.cluster.cattle.io/"


@dataclass
class Watched:
    """What somebody may do the whole time: `refused` are the times when they might not."""

    what: list[tuple[Client, str, tuple[str, ...], Request]]
    asked: int = 0
    refused: list[str] = field(default_factory=list)

    async def poll(self, number: int) -> None:
        """Asks again and again, until cancelled."""
        client, who, groups, request = self.what[number]
        while True:
            if not await may(client, who, request, groups):
                self.refused.append(f"{who} {request}")
            self.asked += 1
            await asyncio.sleep(0.003)


@asynccontextmanager
async def watched(*what: tuple[Client, str, tuple[str, ...], Request]) -> AsyncIterator[Watched]:
    """Polls until the end of the context."""
    found = Watched(list(what))
    tasks = [asyncio.create_task(found.poll(number)) for number in range(len(what))]
    try:
        yield found
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def name_of_upstream(binding: Object) -> str:
    """The name that upstream gives to a binding of one subject."""
    (subject,), reference = binding["subjects"], binding["roleRef"]
    place = binding["metadata"].get("namespace", "")
    text = f"{place}{reference['kind']}{reference['name']}{subject['kind']}{subject['name']}"
    letters = base64.b32encode(hashlib.sha256(text.encode()).digest()).decode().lower()[:10]
    return f"{'rb' if binding['kind'] == 'RoleBinding' else 'crb'}-{letters}"


async def bindings(client: Client, *, own: bool) -> list[Object]:
    """Drover's bindings of one subject each (`own`), or all others of RoleTemplates, Clusters and Projects."""
    found: list[Object] = []
    for gvr in (ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS):
        listed = [{**each, "kind": gvr.kind} for each in await client.list(gvr, label_selector=UNIT)]
        found += [each for each in listed if not _of_global_role(each)]
    return [each for each in found if bool(_OWN.fullmatch(each["metadata"]["name"])) is own]


def _of_global_role(binding: Object) -> bool:
    return "authz.management.cattle.io/gr-owner" in binding["metadata"]["labels"]


async def switched(scene: Scene, *, own: bool) -> None:
    """Switches, and waits until nothing is left of the other form."""
    await scene.apply(setting(_NAME, "true" if own else "false"))

    async def look() -> bool:
        clients = (scene.hub, scene.member)
        left = [await bindings(client, own=not own) for client in clients]
        there = [await bindings(client, own=own) for client in clients]
        return not any(left) and all(there)

    await eventually(look, f"all bindings are in the form per subject: {own}")


async def test_it_is_switched_on_and_off_and_nobody_loses_a_right_in_between(scene: Scene) -> None:
    ann, bob, shop = unique("u"), unique("u"), await scene.project()
    places = [await scene.namespace(shop) for _ in range(2)]
    read = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
    nodes = {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}
    wide, narrow, given = unique("r"), unique("r"), unique("g")
    here, there, team = unique("b"), unique("b"), unique("b")
    for obj in (
        user(ann),
        user(bob),
        access("RoleTemplate", wide, context="cluster", rules=[nodes]),
        access("RoleTemplate", narrow, context="project", rules=[read, nodes]),
        access("GlobalRole", given, inheritedClusterRoles=[wide]),
        in_cluster(here, wide, userName=ann),
        in_project(there, narrow, shop, userName=ann),
        in_project(unique("b"), "project-owner", shop, userName=bob),
        in_project(team, narrow, shop, groupPrincipalName=_TEAM),
        everywhere(unique("b"), given, userName=bob),
    ):
        await scene.apply(obj)
    backing = shop["status"]["backingNamespace"]
    looks, rights = Request("get", "", "nodes"), [Request("get", "", "configmaps", "", "", place) for place in places]
    writes = Request("create", "management.cattle.io", "projectroletemplatebindings", "", "", backing)
    sees = Request("get", "management.cattle.io", "clusters", "", "edge")
    what = [
        (scene.member, ann, (), looks),
        (scene.member, bob, (), looks),
        *((scene.member, ann, (), each) for each in rights),
        *((scene.member, "somebody", (_TEAM,), each) for each in rights),
        (scene.member, "somebody", (_TEAM,), looks),
        (scene.hub, ann, (), sees),
        (scene.hub, bob, (), writes),
    ]
    for client, who, groups, request in what:
        await becomes(client, True, who, request, groups)
    try:
        async with watched(*what) as seen:
            for _ in range(2):
                await switched(scene, own=True)
                await named(scene, wide, narrow, here, there, team)
                await switched(scene, own=False)
    finally:
        await scene.apply(setting(_NAME))
    assert seen.refused == []
    assert seen.asked > 30 * len(what)


async def named(scene: Scene, wide: str, narrow: str, here: str, there: str, team: str) -> None:
    """The objects are those of upstream, with its labels."""
    owners: dict[str, set[str]] = {}
    for client in (scene.hub, scene.member):
        for each in await bindings(client, own=True):
            assert each["metadata"]["name"] == name_of_upstream(each)
            if client is scene.member and each["roleRef"]["name"].startswith((f"{wide}-", f"{narrow}-", f"{narrow}:")):
                labels = each["metadata"]["labels"]
                key = f"{each['roleRef']['name']} {each['subjects'][0]['name']}"
                marks = [label.removeprefix(_OWNER) for label in labels if label.startswith(_OWNER)]
                owners.setdefault(key, set()).update(mark for mark in marks if "-owner-" in mark)
    assert {f"crtb-owner-{here}", f"prtb-owner-{there}", f"prtb-owner-{team}"} <= set().union(*owners.values())
    assert owners[f"{narrow}-promoted-aggregator {_TEAM}"] == {f"prtb-owner-{team}"}
