"""The operator process: servers, rights, caches, members, leader, in this order; and its end within ten seconds."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drover import __version__, preflight, probes
from drover.admission import webhook
from drover.admission.looks import Looks
from drover.api.keys import LOCAL_CLUSTER, LOCAL_WORKSPACE
from drover.kinds.cluster import ClusterKind
from drover.kinds.connect import attach_local
from drover.kinds.hub import Hub, Settings
from drover.kinds.manager import Manager
from drover.kinds.resources import CLUSTERS, GLOBAL_ROLES, ROLE_TEMPLATES, USER_ATTRIBUTES, USERS
from drover.kube import metrics
from drover.kube.cache import Change
from drover.kube.client import Client
from drover.kube.errors import AlreadyExists, ApiError, Unreachable
from drover.kube.gvr import CLUSTER_ROLES, Key, Object
from drover.kube.lease import Elector, LeaseSettings
from drover.kube.login import Login
from drover.members.desired import SecretSource
from drover.members.fleet import Fleet
from drover.rules.objects import name_of
from drover.rules.secret_copy import Content

if TYPE_CHECKING:
    from drover.operator import Operator

log = logging.getLogger(__name__)

_PREFLIGHT_SECONDS = 5.0
_STOP_SECONDS = 5.0
_FETCHED = {
    "globalroles": GLOBAL_ROLES,
    "roletemplates": ROLE_TEMPLATES,
    "clusterroles": CLUSTER_ROLES,
    "userattributes": USER_ATTRIBUTES,
}


@dataclass(frozen=True)
class Options:
    """How the process runs. `probe_port` 0 serves no probes; without `webhook` none is served."""

    lease: LeaseSettings
    probe_host: str = "127.0.0.1"
    probe_port: int = 0
    settings: Settings = field(default_factory=Settings)
    webhook: webhook.Options | None = None


class Process:
    """One replica of Drover."""

    def __init__(self, login: Login, options: Options) -> None:
        self.identity = f"{socket.gethostname()}_{uuid.uuid4().hex[:8]}"
        self._login = login
        self._options = options
        agent = f"drover/{__version__} ({self.identity})"  # tells replicas apart in the audit log
        self._client = Client(login, user_agent=agent)
        lease = Client(login, timeout=options.lease.duration / 3, user_agent=agent)
        self._elector = Elector(lease, self.identity, options.lease)
        self._client.fence = self._elector.fence
        hub = Hub(self._client, self._fleet(), options.settings, now=self._client.clock.now)
        self.manager = Manager(hub, self.identity)
        self._problem = "starting"
        self._warmed = asyncio.Event()
        self._webhook = self._make_webhook()

    def _fleet(self) -> Fleet:
        """The members. They tell the manager, which needs them to be made."""

        def on_cluster(cluster: str) -> None:
            self.manager.wakes.cluster_changed(cluster)

        def on_part(cluster: str, uid: str) -> None:
            self.manager.wakes.part_changed(cluster, uid)

        def on_attached(cluster: str) -> None:
            self.manager.wakes.attached(cluster)

        def on_local_namespace(change: Change) -> None:
            self.manager.wakes.namespace_changed(change)

        async def contents(source: SecretSource) -> Content | None:
            return self.manager.hub.secrets.content(source)

        def exists(project: str) -> bool:
            cluster, _, name = project.partition(":")
            return self.manager.hub.project(cluster, name) is not None

        return Fleet(
            on_cluster=on_cluster,
            on_part=on_part,
            on_attached=on_attached,
            on_local_namespace=on_local_namespace,
            contents=contents,
            exists=exists,
        )

    def _make_webhook(self) -> webhook.Webhook | None:
        options, hub = self._options.webhook, self.manager.hub
        if options is None:
            return None

        async def fetch(resource: str, name: str) -> Object | None:
            return await self._client.find(_FETCHED[resource], name)

        def usernames(username: str) -> list[str]:
            return [name_of(user) for user in hub.caches[USERS].by("username", username)]

        looks = Looks(hub.rights.facts, usernames, fetch)
        return webhook.Webhook(
            self._client, looks, options, problem=lambda: self._problem, leading=lambda: self.leading, now=hub.now
        )

    @property
    def leading(self) -> bool:
        """Whether this replica writes."""
        return self._elector.leading

    @property
    def problem(self) -> str:
        """Why the replica is not ready; empty when it is."""
        return self._problem or (self._webhook.problem if self._webhook is not None else "")

    async def run(self) -> None:
        """Runs until cancelled, and ends cleanly."""
        runner = None
        if self._options.probe_port:
            runner = await probes.serve(
                self._options.probe_host,
                self._options.probe_port,
                healthy=lambda: "",
                ready=lambda: self.problem,
            )
        collector = probes.Objects(self.manager)
        metrics.REGISTRY.register(collector)
        try:
            await self._run()
        finally:
            metrics.REGISTRY.unregister(collector)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_STOP_SECONDS):
                    await self._close()
            if runner is not None:
                await runner.cleanup()

    async def _close(self) -> None:
        await self.manager.hub.fleet.close()
        await self._elector.close()
        await self._client.close()

    async def _run(self) -> None:
        await self._preflight()
        local = attach_local(self.manager.hub)
        async with asyncio.TaskGroup() as group:
            if self._webhook is not None:
                group.create_task(self._webhook.run())
            group.create_task(self._fill_and_watch())
            group.create_task(self.manager.hub.secrets.follow())
            while not all(synced.is_set() for synced in self.manager.synced):
                self._problem = "caches are being filled"
                await asyncio.sleep(0.02)
            while local.loop is None or not local.loop.caches.synced:
                self._problem = f"reading the local cluster: {local.state.message or 'in progress'}"
                await asyncio.sleep(0.02)
            self._warm()
            self._warmed.set()
            self._problem = ""
            log.info("ready", extra={"identity": self.identity})
            group.create_task(self.manager.audit())
            group.create_task(self._elector.run(self._lead, self.manager.hub.fleet.close))

    async def _fill_and_watch(self) -> None:
        """Fills the caches, then watches. What happens in between is in the list that kopf begins with."""
        try:
            await self.manager.load()
            await self._warmed.wait()
        except* (ApiError, Unreachable) as errors:  # the operator tries again
            log.warning("the caches are not filled yet: %s", errors.exceptions[0])
        operator = await asyncio.to_thread(self._operator)
        await operator.run()

    def _operator(self) -> Operator:
        from drover.operator import Operator  # kopf takes a third of a second to import, and caches come first

        return Operator(self._client, list(self.manager.sources.values()), on_watching=self.manager.watching.set)

    def _warm(self) -> None:
        kind = self.manager.kinds[CLUSTERS]
        if isinstance(kind, ClusterKind):
            kind.warm()

    async def _lead(self) -> None:
        await self._ensure_local()
        await self.manager.lead()

    async def _ensure_local(self) -> None:
        """The cluster that Drover runs in is a Cluster like others, made when there is none."""
        from drover.kinds.cluster.local import local_cluster

        hub = self.manager.hub
        if hub.cluster(LOCAL_CLUSTER) is not None:
            return
        with contextlib.suppress(AlreadyExists):
            made = await hub.client.create(CLUSTERS, local_cluster(LOCAL_WORKSPACE), manager="drover-cluster")
            metrics.WRITES.labels(CLUSTERS.kind, "create").inc()
            self.manager.sources[CLUSTERS].take("ADDED", made)
            self.manager.queues[CLUSTERS].add(Key("", LOCAL_CLUSTER))

    async def _preflight(self) -> None:
        """Waits for the rights and kinds that are needed, and names those that lack."""
        told: list[str] = []
        rights = (*preflight.RIGHTS, preflight.lease_right(self._options.lease.namespace))
        if (hook := self._options.webhook) is not None:
            rights += preflight.webhook_rights(hook.namespace, foreign=hook.foreign)
        while True:
            try:
                lacking = [preflight.rule(right) for right in await preflight.missing(self._client, rights)]
                served = await self._client.served(self.manager.sources)
                unserved = [str(gvr) for gvr in self.manager.sources if gvr not in served]
            except (ApiError, Unreachable) as error:
                lacking, unserved = [], []
                self._problem = f"the kube-apiserver does not answer: {error}"
                log.warning(self._problem)
                await asyncio.sleep(1.0)
                continue
            lines = [f"missing right: {line}" for line in lacking] + [
                f"missing CRD: {name}; apply crds/" for name in unserved
            ]
            if not lines:
                return
            if lines != told:
                for line in lines:
                    log.error(line)
                told = lines
            self._problem = "; ".join(lines)
            await asyncio.sleep(_PREFLIGHT_SECONDS)


async def run(login: Login, options: Options) -> None:
    """Runs one replica until SIGTERM or SIGINT."""
    process = Process(login, options)
    task = asyncio.ensure_future(process.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
    log.info("ended", extra={"identity": process.identity, "pid": os.getpid()})
