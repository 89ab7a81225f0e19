"""Members that share real kube-apiservers: a proxy that gives each its own share of one, under `/<member>`."""

from __future__ import annotations

import base64
import contextlib
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import orjson
from aiohttp import web
from yarl import URL

from bench.prefix import Prefix, target
from drover.admission.bundle import Certificates, Lives
from drover.admission.certificates import step
from drover.dev.ports import LOOPBACK
from drover.kube.client import Client
from drover.kube.errors import AlreadyExists
from drover.kube.gvr import CLUSTER_ROLES, NAMESPACES, Object

_FORWARDED = ("Authorization", "Accept", "Content-Type", "User-Agent")
_SYSTEM = ("kube-system", "default")
_KUBERNETES = ("cluster-admin", "admin", "edit", "view")
_LARGEST = 64 << 20
_LONGEST_LINE = 16 << 20


@dataclass(frozen=True, slots=True)
class Share:
    """One member: its name, and the real kube-apiserver that it is on."""

    name: str
    server: Client

    @property
    def prefix(self) -> Prefix:
        """How what is its own begins there."""
        return Prefix(f"{self.name}-")

    async def prepare(self) -> None:
        """Makes what every cluster has: its own system namespaces, whose uids tell it apart from the others, and its
        own copies of the roles that Kubernetes comes with."""
        for name in _SYSTEM:
            await self.create("namespaces", _named("v1", "Namespace", name))
        for name in _KUBERNETES:
            real = await self.server.get(CLUSTER_ROLES, name)
            role = {**_named(CLUSTER_ROLES.api_version, CLUSTER_ROLES.kind, name), "rules": real["rules"]}
            await self.create("clusterroles", role)

    async def create(self, resource: str, obj: Object) -> None:
        """Makes a cluster-scoped object, as a person does in the member."""
        gvr = NAMESPACES if resource == NAMESPACES.plural else CLUSTER_ROLES
        with contextlib.suppress(AlreadyExists):
            await self.server.create(gvr, self.prefix.inward(resource, obj), manager="bench")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running proxy: where it is, and the CA of its certificate as in a kubeconfig."""

    url: str
    ca: str


@contextlib.asynccontextmanager
async def serving(shares: Mapping[str, Share]) -> AsyncIterator[Proxy]:
    """Serves the members on this machine meanwhile. Whoever asks brings a credential of the real kube-apiserver."""
    certificates = step(None, (LOOPBACK,), datetime.now(UTC), Lives(), "")
    if certificates is None:
        raise RuntimeError("there are always certificates where there were none")
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=600),
        timeout=aiohttp.ClientTimeout(total=None),
        read_bufsize=_LONGEST_LINE,
    ) as session:
        application = web.Application(client_max_size=_LARGEST)
        handler = _Handler(session, shares)
        application.router.add_route("*", "/{member}/{path:.*}", handler.answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            site = web.TCPSite(runner, LOOPBACK, 0, ssl_context=_context(certificates))
            await site.start()
            address = runner.addresses[0]
            ca = base64.b64encode(certificates.ca.certificate.encode()).decode()
            yield Proxy(f"https://{LOOPBACK}:{address[1]}", ca)
        finally:
            await runner.cleanup()


class _Handler:
    def __init__(self, session: aiohttp.ClientSession, shares: Mapping[str, Share]) -> None:
        self._session = session
        self._shares = shares
        trusts = {share.server.login.server: share.server.login.ca for share in shares.values()}
        # The administrator's client certificate must not speak for who asks.
        contexts = {server: ssl.create_default_context(cadata=ca) for server, ca in trusts.items()}
        self._tls = {name: contexts[share.server.login.server] for name, share in shares.items()}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One request, put to the real kube-apiserver."""
        share = self._shares[request.match_info["member"]]
        path = request.rel_url.raw_path.removeprefix(f"/{share.name}")
        resource = target(path).resource
        body = await request.read()
        if body:
            body = orjson.dumps(share.prefix.inward(resource, orjson.loads(body)))
        async with self._session.request(
            request.method,
            URL(share.server.login.server + share.prefix.path(path), encoded=True),
            params=share.prefix.query(resource, request.query),
            data=body or None,
            headers={name: request.headers[name] for name in _FORWARDED if name in request.headers},
            ssl=self._tls[share.name],
        ) as answer:
            if request.query.get("watch") == "true" and answer.status == 200:
                return await _watched(request, answer, share.prefix, resource)
            content = await answer.read()
            if answer.content_type == "application/json" and resource:
                content = orjson.dumps(_one_or_many(share.prefix, resource, orjson.loads(content)))
            headers = {"Retry-After": answer.headers["Retry-After"]} if "Retry-After" in answer.headers else {}
            return web.Response(
                status=answer.status, body=content, content_type=answer.content_type, headers=headers or None
            )


async def _watched(
    request: web.Request, answer: aiohttp.ClientResponse, prefix: Prefix, resource: str
) -> web.StreamResponse:
    """The events of a watch that are about this member."""
    told = web.StreamResponse(headers={"Content-Type": "application/json"})
    await told.prepare(request)
    mine = f'"{prefix.text}'.encode()
    async for line in answer.content:
        if mine not in line and b'"BOOKMARK"' not in line and b'"ERROR"' not in line and resource != "nodes":
            continue
        event = orjson.loads(line)
        if event["type"] not in ("BOOKMARK", "ERROR"):
            event["object"] = prefix.outward(resource, event["object"])
        if event["object"] is not None:
            await told.write(orjson.dumps(event) + b"\n")
    return told


def _one_or_many(prefix: Prefix, resource: str, found: Object) -> Object:
    if resource.endswith("reviews"):
        return found
    if "items" in found:
        moved = (prefix.outward(resource, item) for item in found["items"] or ())
        return {**found, "items": [item for item in moved if item is not None]}
    if "metadata" not in found and found.get("kind") != "Status":
        return found  # discovery
    return prefix.outward(resource, found) or found


def _named(api_version: str, kind: str, name: str) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}


def _context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "server.pem")
        file.touch(mode=0o600)
        file.write_text(certificates.serving.certificate + certificates.serving.key)
        context.load_cert_chain(file)
    return context
