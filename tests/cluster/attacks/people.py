"""People with roles that come with Drover, two projects, and everything that could be worth having."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from drover.kube.client import Client
from drover.kube.gvr import Object
from drover.rules.rbac.model import Request
from tests.cluster.admission.users import grant
from tests.cluster.attacks.ground import ALL, MANAGEMENT, Ground, asks, becomes, may, role
from tests.cluster.rights.objects import access, everywhere, in_cluster, in_project, user
from tests.cluster.scene import namespace, project

RBAC = "rbac.authorization.k8s.io"
_CRUD = ["get", "list", "create", "update", "patch", "delete"]

MANAGER = "manager"
"""Writes every User, role and binding in the hub, and has no right that they give."""
CHIEF = "chief"
"""`cluster-owner` of edge."""
OWNER = "owner"
"""`project-owner` of the project shop in edge."""
MEMBER = "worker"
"""`project-member` of that project."""
PLAIN = "plain"
"""`user`, as everybody who logs in."""
EDITOR = "editor"
"""Writes every RBAC object and namespace in both clusters by plain RBAC, and reads ConfigMaps."""
PEOPLE = (MANAGER, CHIEF, OWNER, MEMBER, PLAIN, EDITOR)

STRONG: tuple[Object, ...] = (
    role("s-cluster", "cluster", ALL),
    role("s-project", "project", ALL),
    role("s-nodes", "project", {"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get"]}),
    role("s-heir", "cluster", roleTemplateNames=["s-cluster"]),
    role("s-base", "", ALL),
    role("s-external", "cluster", external=True, externalRules=[ALL]),
    access("GlobalRole", "s-global", rules=[ALL]),
)
"""Roles that somebody else made."""

_RESOURCES = tuple(
    asks(verb, resource, place, group, name)
    for verb, resource, place, group, name in (
        ("*", "*", "", "*", ""),
        ("get", "secrets", "", "", ""),
        ("get", "secrets", "kube-system", "", ""),
        ("get", "secrets", "web", "", ""),
        ("get", "secrets", "vault", "", ""),
        ("get", "secrets", "edge", "", ""),
        ("get", "secrets", "edge-shop", "", ""),
        ("get", "secrets", "edge-bank", "", ""),
        ("get", "secrets", "fleet-default", "", ""),
        ("create", "pods", "vault", "", ""),
        ("create", "pods", "kube-system", "", ""),
        ("get", "nodes", "", "", ""),
        ("delete", "namespaces", "", "", ""),
        ("delete", "namespaces", "", "", "vault"),
        ("impersonate", "users", "", "", ""),
        ("impersonate", "groups", "", "", ""),
        ("escalate", "clusterroles", "", RBAC, ""),
        ("bind", "clusterroles", "", RBAC, ""),
        ("escalate", "globalroles", "", MANAGEMENT, ""),
        ("bind", "globalroles", "", MANAGEMENT, ""),
        ("escalate", "roletemplates", "", MANAGEMENT, ""),
        ("bind", "roletemplates", "", MANAGEMENT, ""),
        ("manage-namespaces", "projects", "", MANAGEMENT, "bank"),
        ("updatepsa", "projects", "", MANAGEMENT, ""),
        ("own", "projects", "edge", MANAGEMENT, "bank"),
        ("delete", "projects", "edge", MANAGEMENT, "shop"),
        ("delete", "projects", "edge", MANAGEMENT, "bank"),
        ("delete", "clusters", "", MANAGEMENT, "edge"),
        ("delete", "clusters", "", MANAGEMENT, "local"),
        ("create", "clusterroletemplatebindings", "edge", MANAGEMENT, ""),
        ("create", "clusterroletemplatebindings", "local", MANAGEMENT, ""),
        ("create", "projectroletemplatebindings", "edge-shop", MANAGEMENT, ""),
        ("create", "projectroletemplatebindings", "edge-bank", MANAGEMENT, ""),
        ("create", "globalrolebindings", "", MANAGEMENT, ""),
        ("update", "settings", "", MANAGEMENT, ""),
    )
)
WORTH = (*_RESOURCES, Request("get", url="/metrics"))
"""What an attacker would want, in each cluster."""

_IN_HUB: tuple[tuple[str, Request], ...] = (
    (MANAGER, asks("create", "users", "", MANAGEMENT)),
    (MANAGER, asks("create", "roletemplates", "", MANAGEMENT)),
    (MANAGER, asks("create", "globalroles", "", MANAGEMENT)),
    (PLAIN, asks("create", "clusters", "", MANAGEMENT)),
    (CHIEF, asks("create", "clusterroletemplatebindings", "edge", MANAGEMENT)),
    (CHIEF, asks("delete", "clusters", "", MANAGEMENT, "edge")),
    (OWNER, asks("create", "projectroletemplatebindings", "edge-shop", MANAGEMENT)),
    (OWNER, asks("delete", "projects", "edge", MANAGEMENT, "shop")),
)
_IN_MEMBER: tuple[tuple[str, Request], ...] = (
    (CHIEF, asks("*", "*", "", "*")),
    (OWNER, asks("create", "rolebindings", "web", RBAC)),
    *((who, asks("create", "pods", "web")) for who in (OWNER, MEMBER)),
    *((who, asks("create", "namespaces")) for who in (OWNER, MEMBER)),
    *((who, asks("patch", "namespaces", "web", "", "web")) for who in (OWNER, MEMBER)),
)
"""What they have: that their bindings are Ready does not say that a kube-apiserver has seen what was written."""


@dataclass
class People:
    """`shop` and `bank` are Projects of edge with one namespace each, `web` and `vault`."""

    ground: Ground
    shop: Object
    bank: Object

    async def settled_powers(self) -> frozenset[tuple[str, str, Request]]:
        """The same, once a kube-apiserver has seen all of it: when it has not changed for a second."""
        seen = await self.powers()
        while True:
            await asyncio.sleep(1)
            before, seen = seen, await self.powers()
            if seen == before:
                return seen

    async def powers(self) -> frozenset[tuple[str, str, Request]]:
        """Who may do what of everything that is worth it, as both kube-apiservers say."""
        clients: dict[str, Client] = {"hub": self.ground.scene.hub, "edge": self.ground.scene.member}
        asked = [(where, who, what) for where in clients for who in PEOPLE for what in WORTH]
        at_once = asyncio.Semaphore(16)

        async def ask(where: str, who: str, what: Request) -> bool:
            async with at_once:
                return await may(clients[where], who, what)

        answers = await asyncio.gather(*(ask(*each) for each in asked))
        return frozenset(each for each, allowed in zip(asked, answers, strict=True) if allowed)


async def settle(ground: Ground) -> People:
    """Makes them all, and waits until they have what they are given."""
    scene = ground.scene
    for name in PEOPLE:
        await scene.apply(user(name))
    for obj in STRONG:
        await scene.apply(obj)
    shop, bank = [await _project(ground, name) for name in ("shop", "bank")]
    for name, home in (("web", "shop"), ("vault", "bank")):
        await scene.apply(namespace(name, f"edge:{home}"), client=scene.member)
    writes = {"apiGroups": [MANAGEMENT], "resources": ["globalroles"], "verbs": _CRUD}
    kinds = ["clusterroletemplatebindings", "projectroletemplatebindings"]
    rules = [writes, {**writes, "resources": kinds}]
    await scene.apply(access("GlobalRole", "writes-roles", rules=rules))
    bindings: list[dict[str, Any]] = [
        *(
            everywhere(f"{MANAGER}-{name}", name, userName=MANAGER)
            for name in ("users-manage", "roles-manage", "writes-roles")
        ),
        everywhere("plain-user", "user", userName=PLAIN),
        in_cluster("chief-owns", "cluster-owner", userName=CHIEF),
        in_project("owner-owns", "project-owner", shop, userName=OWNER),
        in_project("worker-works", "project-member", shop, userName=MEMBER),
    ]
    for obj in bindings:
        await scene.apply(obj)
    for obj in bindings:
        await scene.ready(obj)
    rbac = ["clusterroles", "clusterrolebindings", "roles", "rolebindings"]
    for api in (ground.hub, ground.edge):
        own = [
            {"apiGroups": [RBAC], "resources": rbac, "verbs": _CRUD},
            {"apiGroups": [""], "resources": ["namespaces"], "verbs": _CRUD},
            {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]},
        ]
        grant(api, EDITOR, own, EDITOR)
    for client in (scene.hub, scene.member):
        await becomes(client, True, EDITOR, asks("update", "rolebindings", "", RBAC))
    for who, request in _IN_HUB:
        await becomes(scene.hub, True, who, request)
    for who, request in _IN_MEMBER:
        await becomes(scene.member, True, who, request)
    return People(ground, shop, bank)


async def _project(ground: Ground, name: str) -> Object:
    obj = project(name)
    await ground.scene.apply(obj)
    return await ground.scene.ready(obj)
