"""A fleet on a stage: its members on the real kube-apiservers, and everything in them before somebody gets a role."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench import people, scene
from bench.people import Fleet
from bench.virtual import Proxy, Share, serving
from bench.waiting import at_once, until
from drover import install
from drover.api.keys import PROJECT_ID
from drover.dev import audit, beside
from drover.dev.stage import Stage
from drover.kinds.resources import CLUSTERS, PROJECT_BINDINGS, PROJECTS, USERS
from drover.kube.client import Client
from drover.kube.gvr import GVR, NAMESPACES, SECRETS, Object
from drover.kube.login import default_login
from drover.rules.conditions import is_true
from drover.rules.objects import name_of

_WORKSPACE = "fleet-default"


@dataclass(frozen=True, slots=True)
class Settled:
    """The stage with its members; `begin` starts the operator and gives it all of the fleet but the bindings."""

    made: Stage
    fleet: Fleet
    shares: dict[str, Share]
    proxy: Proxy
    tokens: dict[str, str]

    async def begin(self) -> None:
        """Starts the operator, imports every member, and makes projects, namespaces, users and what groups have."""
        await asyncio.to_thread(self.made.start)
        await scene.started(self.made)
        await at_once(self._import(name) for name in self.fleet.clusters)
        await self._ready(CLUSTERS, self.fleet.clusters)
        await at_once(self._apply(USERS, people.user(name)) for name in self.fleet.people)
        projects = list(self.fleet.all_projects())
        await at_once(self._apply(PROJECTS, scene.project(name, cluster)) for cluster, name in projects)
        await self._ready(PROJECTS, (name for _, name in projects))
        await at_once(
            self._namespace(cluster, project, name)
            for cluster, project in projects
            for name in self.fleet.namespaces(project)
        )
        await until(self._assigned, "every namespace has the label of its project", pause=0.5)
        standing = list(self.fleet.standing())
        await at_once(self._apply(PROJECT_BINDINGS, obj) for obj in standing)
        await self._ready(PROJECT_BINDINGS, map(name_of, standing))

    async def quiet(self) -> None:
        """Waits until the operator writes nothing any more, anywhere."""
        before: dict[Path, int] = {}

        async def look() -> bool:
            nonlocal before
            since, before = before, self.sizes()
            return bool(since) and not self.written(since)

        await until(look, "the operator has done its work", pause=2.0)

    def sizes(self) -> dict[Path, int]:
        """Where each audit log ends now."""
        return {instance.audit_log: audit.size(instance.audit_log) for instance in self.made.control_plane.instances}

    def written(self, since: dict[Path, int]) -> Counter[str]:
        """What the operator has written since, in all clusters."""
        return Counter(write.what for log, place in since.items() for write in audit.writes(log, place))

    async def _import(self, name: str) -> None:
        share = self.shares[name]
        content = install.kubeconfig(f"{self.proxy.url}/{name}", self.proxy.ca, self.tokens[share.server.login.server])
        data = {"value": base64.b64encode(content.encode()).decode()}
        metadata = {"name": f"{name}-kubeconfig", "namespace": _WORKSPACE}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
        await self._apply(SECRETS, secret)
        await self._apply(CLUSTERS, people.cluster(name, f"{name}-kubeconfig"))

    async def _namespace(self, cluster: str, project: str, name: str) -> None:
        await self.shares[cluster].create("namespaces", scene.namespace(name, f"{cluster}:{project}"))

    async def _apply(self, gvr: GVR, obj: Object) -> None:
        await self.made.hub.apply(gvr, obj, manager=scene.MANAGER)

    async def _ready(self, gvr: GVR, names: Iterable[str]) -> None:
        wanted = set(names)

        async def look() -> bool:
            return wanted <= {name_of(obj) for obj in await self.made.hub.list(gvr) if is_true(obj, "Ready")}

        await until(look, f"{len(wanted)} {gvr.plural} are Ready", pause=0.5)

    async def _assigned(self) -> bool:
        wanted: dict[Client, set[str]] = {}
        for cluster, project in self.fleet.all_projects():
            share = self.shares[cluster]
            names = (share.prefix.text + name for name in self.fleet.namespaces(project))
            wanted.setdefault(share.server, set()).update(names)
        found = [await server.list(NAMESPACES, label_selector=PROJECT_ID) for server in wanted]
        return all(names <= set(map(name_of, there)) for names, there in zip(wanted.values(), found, strict=True))


async def settle(stack: AsyncExitStack, made: Stage, fleet: Fleet) -> Settled:
    """Makes the members; everything ends with `stack`."""
    servers: list[Client] = []
    tokens: dict[str, str] = {}
    for instance in made.control_plane.members:
        config = yaml.safe_load(await asyncio.to_thread(beside.member_kubeconfig, instance.kubeconfig))
        server = await stack.enter_async_context(Client(default_login(str(instance.kubeconfig))))
        tokens[server.login.server] = config["users"][0]["user"]["token"]
        servers.append(server)
    shares = {name: Share(name, servers[number % len(servers)]) for number, name in enumerate(fleet.clusters)}
    await at_once(share.prepare() for share in shares.values())
    proxy = await stack.enter_async_context(serving(shares))
    return Settled(made, fleet, shares, proxy, tokens)
