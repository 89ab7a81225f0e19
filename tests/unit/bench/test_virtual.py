"""The proxy by which several members share a kube-apiserver, with a server that remembers what it was asked."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from aiohttp import web
from bench.virtual import Share, serving

from drover.dev.ports import LOOPBACK
from drover.kube.client import Client
from drover.kube.errors import NotFound
from drover.kube.gvr import CLUSTER_ROLES, NAMESPACES, NODES, SECRETS, Object
from drover.kube.login import Login, static_token


class _Server:
    """Answers every path with what it was told to."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, str, str, Object]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        asked = (request.method, request.path_qs, request.headers.get("Authorization", ""))
        self.asked.append((*asked, orjson.loads(body) if body else {}))
        found = self.answers.get(request.path)
        if request.query.get("watch"):
            told = web.StreamResponse()
            await told.prepare(request)
            for event in found or ():
                await told.write(orjson.dumps(event) + b"\n")
            return told
        missing = {"kind": "Status", "reason": "NotFound", "message": "c07-x not found", "details": {"name": "c07-x"}}
        return web.json_response(found if found is not None else missing, status=200 if found is not None else 404)


@asynccontextmanager
async def _member(server: _Server) -> AsyncIterator[Client]:
    """A client of the member `c07`, as Drover has one."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    try:
        async with (
            Client(Login(f"http://{LOOPBACK}:{runner.addresses[0][1]}")) as real,
            serving({"c07": Share("c07", real)}) as proxy,
        ):
            ca = base64.b64decode(proxy.ca).decode()
            login = Login(f"{proxy.url}/c07", ca=ca, token=static_token("drover's"))
            async with Client(login) as member:
                yield member
    finally:
        await runner.cleanup()


def _named(name: str, namespace: str = "", **content: Any) -> Object:
    return {"metadata": {"name": name, **({"namespace": namespace} if namespace else {})}, **content}


async def test_a_list_holds_what_is_of_the_member() -> None:
    server = _Server()
    server.answers["/api/v1/namespaces"] = {"items": [_named("c07-shop"), _named("c08-shop"), _named("kube-system")]}
    server.answers["/api/v1/secrets"] = {"items": [_named("a", "c07-shop"), _named("a", "c08-shop")]}
    server.answers["/api/v1/nodes"] = {"items": [_named("n1")]}
    async with _member(server) as member:
        assert await member.list(NAMESPACES) == [_named("shop")]
        assert await member.list(SECRETS) == [_named("a", "shop")]
        assert await member.list(NODES) == [_named("n1")]
        assert await member.find(NAMESPACES, "shop") == _named("shop")
    assert "metadata.name%3Dc07-shop" in server.asked[-1][1]


async def test_a_watch_tells_what_is_of_the_member_and_bookmarks() -> None:
    server = _Server()
    bookmark = {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "5"}}}
    server.answers["/api/v1/namespaces"] = [
        {"type": "ADDED", "object": _named("c07-shop")},
        {"type": "ADDED", "object": _named("c08-shop", spec={"of": "c07-shop"})},
        bookmark,
    ]
    async with _member(server) as member, asyncio.timeout(5):
        events = [event async for event in member.stream(NAMESPACES.path(), {"watch": "true"}, silence=5)]
    assert events == [{"type": "ADDED", "object": _named("shop")}, bookmark]


async def test_a_write_is_put_in_the_name_of_who_asks() -> None:
    server = _Server()
    server.answers["/apis/rbac.authorization.k8s.io/v1/clusterroles"] = _named("c07-x:y")
    async with _member(server) as member:
        assert await member.create(CLUSTER_ROLES, _named("x:y"), manager="m") == _named("x:y")
    assert server.asked[-1][2:] == ("Bearer drover's", _named("c07-x:y"))


async def test_a_name_that_has_to_be_quoted_arrives_as_it_was() -> None:
    server = _Server()
    server.answers["/apis/rbac.authorization.k8s.io/v1/clusterroles/c07-x:y"] = _named("c07-x:y")
    async with _member(server) as member:
        assert await member.get(CLUSTER_ROLES, "x:y") == _named("x:y")


async def test_an_error_is_passed_on() -> None:
    async with _member(_Server()) as member:
        with pytest.raises(NotFound, match="x not found") as caught:
            await member.get(NAMESPACES, "x")
    assert caught.value.details["name"] == "x"
    assert "c07-" not in str(caught.value)
