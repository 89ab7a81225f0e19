"""A kube-apiserver with something wrong: an HTTPS proxy that sees each request and can answer in the server's place.

It shows the certificate of the kube-apiserver behind it, so a kubeconfig needs another address and nothing else.
`drover.dev.proxy` is for faults of the network; this is for faults of the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp
import orjson
from aiohttp import web

from drover.dev.instance import Instance
from drover.dev.ports import LOOPBACK

_HOP_BY_HOP = ("connection", "transfer-encoding", "content-length", "host", "keep-alive")
_NOT_OBJECTS = ("leases", "selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews", "events")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `resource` is the plural name, `name` empty for a collection."""

    method: str
    path: str
    query: Mapping[str, str]
    agent: str
    resource: str
    name: str
    subresource: str

    @property
    def watch(self) -> bool:
        """Whether it is a watch."""
        return self.query.get("watch") in ("true", "1")

    @property
    def list(self) -> bool:
        """Whether it is a list."""
        return self.method == "GET" and not self.watch and not self.name and bool(self.resource)

    @property
    def write(self) -> bool:
        """Whether it changes an object. Leases, Events and questions about rights are none."""
        return self.method not in ("GET", "HEAD") and self.resource not in _NOT_OBJECTS

    @property
    def by_kopf(self) -> bool:
        """Whether kopf asks, which watches the hub's own kinds."""
        return self.agent.startswith("kopf")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered in the server's place: a `metav1.Status`, or `content` as it is."""

    status: int
    reason: str = ""
    message: str = "made up by the test"
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    content_type: str = "application/json"

    def body(self) -> dict[str, object]:
        """The Status."""
        return {
            "apiVersion": "v1",
            "kind": "Status",
            "metadata": {},
            "status": "Failure",
            "code": self.status,
            "reason": self.reason,
            "message": self.message,
        }


Before = Callable[[Asked], Awaitable[Answer | None]]
"""Looks at a request before the server gets it; an answer keeps it from the server."""

After = Callable[[Asked, int], bool]
"""Looks at the status of the server's answer before the client gets it; False breaks the connection off instead."""


async def _nothing(_asked: Asked) -> Answer | None:
    return None


class Intercept:
    """Passes everything on until `before` or `after` is set, or streams are silenced."""

    def __init__(self, instance: Instance) -> None:
        self.before: Before = _nothing
        self.after: After = lambda _asked, _status: True
        self.page_size = 0
        """Objects on a page of a list, where the client asked for pages; 0: as many as it asked for."""
        self.lag = 0.0
        """Seconds by which watches bring everything later."""
        self.statuses: Counter[int] = Counter()
        self._instance = instance
        self._streams: dict[_Stream, Asked] = {}
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        pki = self._instance.layout.workdir / "pki"
        trust = ssl.create_default_context(cafile=pki / "ca.crt")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=trust), auto_decompress=False, timeout=aiohttp.ClientTimeout()
        )
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pki / "admin.crt", pki / "admin.key")
        site = web.TCPSite(self._runner, LOOPBACK, 0, ssl_context=tls)
        await site.start()
        self.url = f"https://{LOOPBACK}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._runner is not None
        assert self._session is not None
        self.end_streams()
        await self._runner.cleanup()
        await self._session.close()

    def kubeconfig(self, of_the_server: str) -> str:
        """A kubeconfig for the server, changed to lead here."""
        assert self._instance.server in of_the_server
        return of_the_server.replace(self._instance.server, self.url)

    def reset(self) -> None:
        """Passes everything on again; streams that are silent stay so."""
        self.before = _nothing
        self.after = lambda _asked, _status: True
        self.page_size = 0
        self.lag = 0.0

    def silence(self, which: Callable[[Asked], bool] = lambda _asked: True) -> int:
        """Nothing of what the open watches bring is passed on any more, and they stay open; gives their number."""
        chosen = [stream for stream, asked in self._streams.items() if which(asked)]
        for stream in chosen:
            stream.silent = True
        return len(chosen)

    def end_streams(self, which: Callable[[Asked], bool] = lambda _asked: True, answer: Answer | None = None) -> int:
        """Ends open watches, with an ERROR event where an answer is given; gives their number."""
        chosen = [stream for stream, asked in self._streams.items() if which(asked)]
        for stream in chosen:
            stream.end(answer)
        return len(chosen)

    def break_streams(self) -> None:
        """Resets the connections of all open watches."""
        for stream in self._streams:
            stream.reset()

    def watches(self, which: Callable[[Asked], bool]) -> int:
        """How many watches are open and not silent."""
        return sum(which(asked) and not stream.silent for stream, asked in self._streams.items())

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        asked = _asked(request)
        answer = await self.before(asked)
        if answer is not None:
            self.statuses[answer.status] += 1
            return web.Response(
                status=answer.status,
                body=answer.content or orjson.dumps(answer.body()),
                content_type=answer.content_type,
                headers=dict(answer.headers),
            )
        if asked.watch:
            return await self._pass_on(request, asked)
        # What was asked is done and counted also where the client is dead by now.
        return await asyncio.shield(asyncio.ensure_future(self._pass_on(request, asked)))

    async def _pass_on(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        assert self._session is not None
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        try:
            async with self._session.request(
                request.method,
                self._instance.server + self._path(request),
                data=await request.read() or None,
                headers=headers,
                allow_redirects=False,
            ) as found:
                self.statuses[found.status] += 1
                if asked.watch and found.status == 200:
                    return await self._stream(request, asked, found)
                body = await found.read()
                if not self.after(asked, found.status):
                    return _broken(request)
                kept = [(name, value) for name, value in found.headers.items() if name.lower() not in _HOP_BY_HOP]
                return web.Response(status=found.status, body=body, headers=kept)
        except (aiohttp.ClientError, OSError):
            return _broken(request)

    def _path(self, request: web.Request) -> str:
        if not self.page_size or "limit" not in request.query:
            return request.raw_path
        return re.sub(r"([?&]limit=)\d+", rf"\g<1>{self.page_size}", request.raw_path)

    async def _stream(self, request: web.Request, asked: Asked, found: aiohttp.ClientResponse) -> web.StreamResponse:
        response = web.StreamResponse(status=200, headers={"Content-Type": "application/json"})
        await response.prepare(request)
        stream = _Stream(request, response, lambda: self.lag)
        self._streams[stream] = asked
        copying = asyncio.create_task(stream.copy(found))
        try:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                await asyncio.wait({copying, stream.ended}, return_when=asyncio.FIRST_COMPLETED)
                if stream.last_words:
                    await response.write(stream.last_words)
        finally:
            copying.cancel()
            with contextlib.suppress(asyncio.CancelledError, aiohttp.ClientError, OSError):
                await copying
            del self._streams[stream]
        return response


class _Stream:
    """An open watch."""

    def __init__(self, request: web.Request, response: web.StreamResponse, lag: Callable[[], float]) -> None:
        self.silent = False
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.last_words = b""
        self._request = request
        self._response = response
        self._lag = lag

    async def copy(self, found: aiohttp.ClientResponse) -> None:
        """Passes on what comes, or drops it while silent."""
        async for chunk in found.content.iter_any():
            await asyncio.sleep(self._lag())
            if not self.silent:
                await self._response.write(chunk)
        if self.silent:
            await self.ended

    def reset(self) -> None:
        """Breaks it off."""
        if self._request.transport is not None:
            self._request.transport.abort()

    def end(self, answer: Answer | None) -> None:
        """Ends it."""
        if answer is not None:
            self.last_words = orjson.dumps({"type": "ERROR", "object": answer.body()}) + b"\n"
        if not self.ended.done():
            self.ended.set_result(None)


def _broken(request: web.Request) -> web.StreamResponse:
    """No answer: the connection breaks."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _asked(request: web.Request) -> Asked:
    parts = request.path.strip("/").split("/")
    rest = parts[2:] if parts[0] == "api" else parts[3:] if parts[0] == "apis" else []
    if len(rest) > 2 and rest[0] == "namespaces" and rest[2] not in ("status", "finalize"):
        rest = rest[2:]
    resource, name, subresource = (*rest, "", "", "")[:3]
    agent = request.headers.get("User-Agent", "")
    return Asked(request.method, request.path, dict(request.query), agent, resource, name, subresource)
