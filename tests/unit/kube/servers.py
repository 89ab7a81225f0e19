"""A loopback server that answers as a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

from drover.kube.gvr import Object

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers requests in turn and keeps them; waits for an answer where there is none yet."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[web.Response | Handler] = asyncio.Queue()
        self.requests: list[web.Request] = []
        self.ending = asyncio.Event()
        self.url = ""

    def will(self, *answers: web.Response | Handler) -> None:
        """Adds answers."""
        for answer in answers:
            self.answers.put_nowait(answer)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        await request.read()
        answer = await self.answers.get()
        return answer if isinstance(answer, web.Response) else await answer(request)


@asynccontextmanager
async def running() -> AsyncIterator[Server]:
    """The server while it runs."""
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", server.handle)
    async with TestServer(app) as test_server:
        server.url = str(test_server.make_url("")).rstrip("/")
        yield server
        server.ending.set()


def status(code: int, reason: str = "", headers: dict[str, str] | None = None) -> web.Response:
    """A `metav1.Status`."""
    body = {"kind": "Status", "code": code, "reason": reason, "message": f"it is {reason}"}
    return web.json_response(body, status=code, headers=headers)


def page(*items: Object, version: str = "10", token: str = "") -> web.Response:
    """A page of a list."""
    return web.json_response({"metadata": {"resourceVersion": version, "continue": token}, "items": list(items)})


def events(server: Server, *found: tuple[str, Object], hang: bool = True) -> Handler:
    """A watch with these events, which then ends or goes on until the test does."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for type_, obj in found:
            await response.write(orjson.dumps({"type": type_, "object": obj}) + b"\n")
        if hang:
            await server.ending.wait()
        return response

    return answer
