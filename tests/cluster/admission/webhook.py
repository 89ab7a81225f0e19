"""The webhook beside a kube-apiserver that asks it, with what it needs to know read from there; nothing reconciles."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drover import install
from drover.admission.looks import Looks
from drover.admission.webhook import Options, Webhook
from drover.dev import beside, ports
from drover.kinds.hub import utc_now
from drover.kinds.resources import (
    BINDINGS,
    CLUSTERS,
    GLOBAL_ROLES,
    PROJECTS,
    ROLE_TEMPLATES,
    USER_ATTRIBUTES,
    USERS,
)
from drover.kube.cache import Cache, Change
from drover.kube.client import Client
from drover.kube.gvr import CLUSTER_ROLES, GVR, MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS, Object
from drover.kube.login import default_login
from drover.kube.watch import Reflector
from drover.rules.rbac.snapshot import Snapshot
from tests.cluster.admission.apiserver import Apiserver
from tests.cluster.admission.objects import role_template_object
from tests.cluster.admission.users import until_allowed

_RULE = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}
_KNOWN = (USERS, GLOBAL_ROLES, ROLE_TEMPLATES, CLUSTERS, PROJECTS, *BINDINGS)
_FETCHED = {gvr.plural: gvr for gvr in (GLOBAL_ROLES, ROLE_TEMPLATES, CLUSTER_ROLES, USER_ATTRIBUTES)}


@dataclass
class Running:
    """A webhook in a thread of its own; `days` is for how long its certificates are valid."""

    kubeconfig: Path
    port: int
    days: float = 90.0
    problem: str = ""

    def start(self) -> None:
        """Starts it, and returns when the kube-apiserver gets through."""
        self._ready, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._ready.wait(30), "the webhook does not start"

    def stop(self) -> None:
        """Ends it."""
        self._ended.set()
        self._thread.join(10)

    async def _run(self) -> None:
        snapshot, caches = Snapshot(), {gvr: _cache(gvr) for gvr in _KNOWN}
        async with Client(default_login(str(self.kubeconfig))) as client:

            def usernames(username: str) -> list[str]:
                return [user["metadata"]["name"] for user in caches[USERS].by("username", username)]

            async def fetch(resource: str, name: str) -> Object | None:
                return await client.find(_FETCHED[resource], name)

            webhook = Webhook(
                client,
                Looks(snapshot, usernames, fetch),
                Options("127.0.0.1", self.port, install.NAMESPACE, self.days),
                problem=lambda: self.problem,
                leading=lambda: True,
                now=utc_now,
            )
            reflectors = [_follow(client, gvr, cache, snapshot) for gvr, cache in caches.items()]
            tasks = [asyncio.ensure_future(each.run()) for each in reflectors]
            for each in reflectors:
                await each.synced.wait()
            tasks.append(asyncio.ensure_future(webhook.run()))
            while webhook.problem:  # noqa: ASYNC110 - it is asked, and tells nobody
                await asyncio.sleep(0.02)
            self._ready.set()
            await asyncio.to_thread(self._ended.wait)
            for task in tasks:
                task.cancel()
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    await task


def _cache(gvr: GVR) -> Cache:
    return Cache(gvr, indexes={"username": lambda obj: [str(obj.get("username") or "")]})


def _follow(client: Client, gvr: GVR, cache: Cache, snapshot: Snapshot) -> Reflector:
    def changed(change: Change) -> None:
        snapshot.change(gvr.kind, change.old, change.new)

    return Reflector(client, cache, on_change=changed)


@contextmanager
def asked(administrator: Path, directory: Path, *, days: float = 90.0) -> Iterator[Running]:
    """A webhook with Drover's own credential that the kube-apiserver asks until the end of the context."""
    asyncio.run(_access(administrator))
    credential = directory / "webhook.kubeconfig"
    credential.write_text(beside.credential(administrator))
    (port,) = ports.pick(1, set())
    running = Running(credential, port, days)
    beside.ask_webhook(administrator, port)
    try:
        running.start()
        yield running
    finally:
        asyncio.run(_forget(administrator))
        running.problem = "nobody is to ask any more"
        probe = role_template_object("probe", {"context": "cluster", "rules": [_RULE]})
        until_allowed(Apiserver(administrator), probe, "")
        running.stop()


async def _access(administrator: Path) -> None:
    async with Client(default_login(str(administrator))) as hub:
        await install.install(hub, install.access())


async def _forget(administrator: Path) -> None:
    async with Client(default_login(str(administrator))) as hub:
        for gvr in (VALIDATING_WEBHOOKS, MUTATING_WEBHOOKS):
            found = await hub.get(gvr, "drover")
            await hub.delete(gvr, "drover", uid=found["metadata"]["uid"])
