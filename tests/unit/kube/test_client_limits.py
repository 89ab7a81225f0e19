"""What a client does not do: follow redirects, write after its Lease, repeat what cannot help, hide what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from drover.kube.client import Client
from drover.kube.errors import ApiError, ServerError, TooManyRequests, Unauthorized, Unreachable
from drover.kube.gvr import PODS
from drover.kube.login import Login, LoginError, static_token
from tests.unit.kube.servers import Server, page, running, status

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "n"}}
ELSEWHERE = {"Location": "http://127.0.0.1:1/"}


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    async with running() as server:
        yield server


@pytest_asyncio.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(Login(server.url)) as client:
        yield client


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_no_request_follows_a_redirect(server: Server, client: Client, code: int) -> None:
    server.will(web.Response(status=code, headers=ELSEWHERE))
    with pytest.raises(ApiError) as caught:
        await client.apply(PODS, POD, manager="m")
    assert caught.value.status == code


async def test_no_watch_follows_a_redirect(server: Server, client: Client) -> None:
    server.will(web.Response(status=302, headers=ELSEWHERE))
    with pytest.raises(ApiError) as caught:
        _ = [event async for event in client.stream("/x", {}, silence=30)]
    assert caught.value.status == 302


async def test_a_write_that_is_not_answered_within_the_lease_is_given_up(server: Server, client: Client) -> None:
    client.fence = lambda: 0.05
    with pytest.raises(Unreachable, match="in time"):
        await client.create(PODS, POD, manager="m")
    server.will(web.json_response(POD), web.json_response(POD))  # the first one is for the request that was given up
    client.fence = None
    assert await client.get(PODS, "a", "n") == POD


async def test_a_write_whose_token_comes_after_the_end_of_the_lease_is_not_sent(server: Server) -> None:
    async def slow(_refused: bool) -> str:
        await asyncio.sleep(0.2)
        return "t"

    async with Client(Login(server.url, token=slow)) as client:
        client.fence = lambda: 0.05
        with pytest.raises(Unreachable, match="in time"):
            await client.create(PODS, POD, manager="m")
    assert server.requests == []


async def test_every_try_of_a_write_asks_for_the_lease(server: Server, client: Client) -> None:
    asked = []

    def fence() -> float:
        asked.append(1)
        return 60.0

    client.fence = fence
    server.will(status(503, "x", {"Retry-After": "0"}), status(503, "x", {"Retry-After": "0"}), web.json_response(POD))
    await client.apply(PODS, POD, manager="m")
    assert len(asked) == 3


async def test_a_token_that_is_refused_again_is_not_tried_for_ever(server: Server) -> None:
    async with Client(Login(server.url, token=static_token("t"))) as client:
        server.will(*(status(401, "Unauthorized") for _ in range(5)))
        with pytest.raises(Unauthorized):
            await client.get(PODS, "a", "n")
    assert len(server.requests) == 2


async def test_without_a_token_a_refusal_is_final(server: Server, client: Client) -> None:
    server.will(status(401, "Unauthorized"))
    with pytest.raises(Unauthorized):
        await client.get(PODS, "a", "n")
    assert len(server.requests) == 1


async def test_a_token_that_cannot_be_had_is_unreachable_and_says_why(server: Server) -> None:
    async def broken(_refused: bool) -> str:
        raise LoginError("token file /x: No such file or directory")

    async with Client(Login(server.url, token=broken)) as client:
        with pytest.raises(Unreachable, match="token file /x"):
            await client.create(PODS, POD, manager="m")
        with pytest.raises(Unreachable, match="token file /x"):
            _ = [event async for event in client.stream("/x", {}, silence=30)]


@pytest.mark.parametrize(
    "broken",
    [
        {"ca": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"},
        {"client_certificate": "-----BEGIN CERTIFICATE-----\nx\n", "client_key": "-----BEGIN PRIVATE KEY-----\nx\n"},
    ],
)
async def test_a_certificate_that_is_none_is_told(broken: dict[str, str]) -> None:
    async with Client(Login("https://127.0.0.1:1", **broken)) as client:  # type: ignore[arg-type]  # texts only
        with pytest.raises(Unreachable, match="certificate for it cannot be used"):
            await client.create(PODS, POD, manager="m")


async def test_a_create_is_repeated_where_the_server_says_that_it_was_not_taken(server: Server, client: Client) -> None:
    server.will(status(429, "TooManyRequests", {"Retry-After": "0"}), web.json_response(POD))
    assert await client.create(PODS, POD, manager="m") == POD


async def test_a_create_that_was_cut_off_is_not_repeated(server: Server, client: Client) -> None:
    async def cut_off(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    server.will(cut_off)
    with pytest.raises(Unreachable, match="broke"):
        await client.create(PODS, POD, manager="m")
    assert len(server.requests) == 1
    server.will(cut_off, web.json_response(POD))
    assert await client.apply(PODS, POD, manager="m") == POD


async def test_an_error_keeps_what_the_server_asked_for_and_what_it_said_of_it(server: Server, client: Client) -> None:
    body = {"reason": "TooManyRequests", "message": "slow down", "details": {"name": "a"}}
    answers = [web.json_response(body, status=429, headers={"Retry-After": "0"}) for _ in range(4)]
    server.will(*answers)
    with pytest.raises(TooManyRequests) as caught:
        await client.get(PODS, "a", "n")
    assert (caught.value.retry_after, caught.value.details) == (0.0, {"name": "a"})


@pytest.mark.parametrize("wait", ["", "soon", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT", "\u00b2"])
async def test_a_wait_that_is_no_number_of_seconds_is_ignored(server: Server, client: Client, wait: str) -> None:
    server.will(status(503, "x", {"Retry-After": wait}))
    with pytest.raises(ServerError) as caught:
        await client.create(PODS, POD, manager="m")
    assert caught.value.retry_after is None


async def test_an_error_that_is_text_is_cut(server: Server, client: Client) -> None:
    server.will(web.Response(status=400, text="x" * 5000))
    with pytest.raises(ApiError) as caught:
        await client.get(PODS, "a", "n")
    assert caught.value.message == "x" * 200


@pytest.mark.parametrize("body", [[], "text", {"kind": "PodList"}, {"items": None}])
async def test_a_list_that_is_none_is_not_from_a_kube_apiserver(server: Server, client: Client, body: Any) -> None:
    server.will(web.json_response(body))
    with pytest.raises(Unreachable, match="not a kube-apiserver"):
        await client.list(PODS)


async def test_an_empty_list_of_metadata_has_no_items(server: Server, client: Client) -> None:
    server.will(web.json_response({"kind": "PartialObjectMetadataList", "metadata": {}, "items": None}))
    assert [found.items async for found in client.pages(PODS, metadata_only=True)] == [[]]


async def test_only_metadata_is_asked_for_where_that_is_enough(server: Server, client: Client) -> None:
    server.will(page(POD))
    _ = [found async for found in client.pages(PODS, metadata_only=True)]
    assert "PartialObjectMetadataList" in server.requests[0].headers["Accept"]


async def test_a_name_cannot_leave_its_place_in_the_path(server: Server, client: Client) -> None:
    server.will(web.json_response(POD))
    await client.get(PODS, "a/../../secrets?x=", "n/..")
    assert server.requests[0].raw_path == "/api/v1/namespaces/n%2F../pods/a%2F..%2F..%2Fsecrets%3Fx="


async def test_health_is_what_the_server_says_and_not_an_error(server: Server, client: Client) -> None:
    server.will(web.Response(text="ok"), web.Response(status=503, text="etcd failed"))
    assert await client.healthy()
    assert not await client.healthy()
