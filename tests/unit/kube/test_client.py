"""Requests against a server that answers as it is told."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from drover.kube.client import Client, Review
from drover.kube.errors import (
    QUOTA_EXCEEDED,
    AlreadyExists,
    ApiError,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    NotLeading,
    ServerError,
    TooManyRequests,
    Unreachable,
)
from drover.kube.gvr import LEASES, NAMESPACES, PODS, SECRETS
from drover.kube.login import Login

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers in turn; keeps the requests."""

    def __init__(self) -> None:
        self.answers: list[web.Response | Handler] = []
        self.requests: list[web.Request] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        await request.read()
        answer = self.answers.pop(0)
        return await answer(request) if callable(answer) and not isinstance(answer, web.Response) else answer


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", server.handle)
    async with TestServer(app) as running:
        server.url = str(running.make_url("")).rstrip("/")
        yield server


@pytest_asyncio.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(Login(server.url)) as client:
        yield client


def status(code: int, reason: str = "", headers: dict[str, str] | None = None) -> web.Response:
    body = {"kind": "Status", "code": code, "reason": reason, "message": f"it is {reason}"}
    return web.json_response(body, status=code, headers=headers)


POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "n"}}


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (403, "Forbidden", Forbidden),
        (404, "NotFound", NotFound),
        (409, "Conflict", Conflict),
        (409, "AlreadyExists", AlreadyExists),
        (410, "Expired", Gone),
        (422, "Invalid", Invalid),
    ],
)
async def test_a_refusal_is_a_typed_error(
    server: Server, client: Client, code: int, reason: str, kind: type[ApiError]
) -> None:
    server.answers = [status(code, reason)]
    with pytest.raises(kind, match=f"it is {reason}"):
        await client.get(PODS, "a", "n")
    assert len(server.requests) == 1


@pytest.mark.parametrize("code", [400, 403, 409, 413, 422, 500])
async def test_an_error_of_a_write_to_a_secret_does_not_quote_what_was_written(
    server: Server, client: Client, code: int
) -> None:
    secret = {"metadata": {"name": "a", "namespace": "n", "uid": "u"}, "data": {"key": "aHVudGVyMg=="}}
    quoting = {
        "kind": "Status",
        "code": code,
        "reason": "Why",
        "message": "denied: aHVudGVyMg==",
        "details": {"x": "y"},
    }
    writes: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: client.create(SECRETS, secret, manager="m"),
        lambda: client.merge(SECRETS, secret, manager="m"),
        lambda: client.apply(SECRETS, secret, manager="m"),
        lambda: client.delete(SECRETS, "a", "n", uid="u"),
    )
    for write in writes:
        server.answers = [web.json_response(quoting, status=code, headers={"Retry-After": "0"}) for _ in range(4)]
        with pytest.raises(ApiError) as told:
            await write()
        assert (told.value.status, told.value.reason, told.value.details) == (code, "Why", {})
        assert told.value.message.endswith(": Why")
        assert "aHVudGVyMg" not in "".join(traceback.format_exception(told.value))


async def test_that_a_quota_has_no_room_for_a_secret_is_told(server: Server, client: Client) -> None:
    server.answers = [
        web.json_response({"reason": "Forbidden", "message": "secrets x is forbidden: exceeded quota: q"}, status=403)
    ]
    with pytest.raises(Forbidden, match=f"^POST /api/v1/namespaces/n/secrets: {QUOTA_EXCEEDED}$"):
        await client.create(SECRETS, {"metadata": {"name": "a", "namespace": "n"}}, manager="m")


async def test_a_busy_server_is_asked_again_when_it_says(server: Server, client: Client) -> None:
    server.answers = [status(429, "TooManyRequests", {"Retry-After": "0"}), web.json_response(POD)]
    assert await client.get(PODS, "a", "n") == POD


async def test_a_busy_server_is_not_asked_for_ever(server: Server, client: Client) -> None:
    server.answers = [status(429, "TooManyRequests", {"Retry-After": "0"}) for _ in range(10)]
    with pytest.raises(TooManyRequests):
        await client.get(PODS, "a", "n")
    assert len(server.requests) == 4


async def test_an_apply_is_repeated_after_a_server_error_and_a_create_is_not(server: Server, client: Client) -> None:
    server.answers = [status(503, "ServiceUnavailable", {"Retry-After": "0"}), web.json_response(POD)]
    assert await client.apply(PODS, POD, manager="m") == POD
    server.answers = [status(503, "ServiceUnavailable", {"Retry-After": "0"})]
    with pytest.raises(ServerError):
        await client.create(PODS, POD, manager="m")
    assert len(server.requests) == 3


async def test_an_apply_names_its_manager_and_forces(server: Server, client: Client) -> None:
    server.answers = [web.json_response(POD)]
    await client.apply(PODS, POD, manager="drover-test", subresource="status")
    (request,) = server.requests
    assert request.path == "/api/v1/namespaces/n/pods/a/status"
    assert dict(request.query) == {"fieldManager": "drover-test", "force": "true"}
    assert request.headers["Content-Type"] == "application/apply-patch+yaml"


async def test_a_delete_names_the_uid(server: Server, client: Client) -> None:
    server.answers = [web.json_response(POD)]
    await client.delete(PODS, "a", "n", uid="u-1")
    (request,) = server.requests
    assert (await request.json())["preconditions"] == {"uid": "u-1"}


async def test_a_list_comes_in_pages(server: Server, client: Client) -> None:
    first = {"metadata": {"continue": "token", "resourceVersion": "7"}, "items": [POD]}
    second = {"metadata": {"resourceVersion": "7"}, "items": [POD]}
    server.answers = [web.json_response(first), web.json_response(second)]
    assert await client.list(PODS) == [POD, POD]
    assert server.requests[1].query["continue"] == "token"


async def test_a_redirect_is_not_followed(server: Server, client: Client) -> None:
    server.answers = [web.Response(status=302, headers={"Location": "http://elsewhere.example/"})]
    with pytest.raises(ApiError):
        await client.get(SECRETS, "a", "n")
    assert len(server.requests) == 1


async def test_a_refused_token_is_fetched_again_once(server: Server) -> None:
    asked: list[bool] = []

    async def token(refused: bool) -> str:
        asked.append(refused)
        return "new" if any(asked) else "old"

    async with Client(Login(server.url, token=token)) as client:
        server.answers = [status(401, "Unauthorized"), web.json_response(POD)]
        await client.get(PODS, "a", "n")
    assert [request.headers["Authorization"] for request in server.requests] == ["Bearer old", "Bearer new"]


async def test_without_a_lease_nothing_is_written_and_reads_go_on(server: Server, client: Client) -> None:
    def fence() -> float:
        raise NotLeading("not now")

    client.fence = fence
    with pytest.raises(NotLeading):
        await client.apply(PODS, POD, manager="m")
    assert server.requests == []
    server.answers = [web.json_response(POD), web.json_response({"status": {"allowed": True}})]
    assert await client.get(PODS, "a", "n") == POD
    assert await client.allowed(Review("get", "", "pods"))


async def test_what_is_not_json_is_not_a_kube_apiserver(server: Server, client: Client) -> None:
    server.answers = [web.Response(text="<html>hello</html>")]
    with pytest.raises(Unreachable, match="not a kube-apiserver"):
        await client.get(PODS, "a", "n")


async def test_a_refused_connection_is_unreachable() -> None:
    async with Client(Login("http://127.0.0.1:1")) as client:
        with pytest.raises(Unreachable, match="refuses"):
            await client.create(PODS, POD, manager="m")


async def test_a_closed_client_is_unreachable(server: Server) -> None:
    client = Client(Login(server.url))
    await client.close()
    with pytest.raises(Unreachable, match="closed"):
        await client.create(PODS, POD, manager="m")


def stream(*lines: bytes, hang: bool = False) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        import asyncio

        response = web.StreamResponse()
        await response.prepare(request)
        for line in lines:
            await response.write(line)
        if hang:
            await asyncio.sleep(5)
        return response

    return answer


async def test_a_watch_takes_lines_of_any_length(server: Server, client: Client) -> None:
    big = b'{"type":"ADDED","object":{"x":"' + b"y" * 300_000 + b'"}}\n'
    server.answers = [stream(big[:1000], big[1000:], b'{"type":"BOOKMARK","object":{}}\n')]
    events = [event async for event in client.stream("/x", {}, silence=30)]
    assert [event["type"] for event in events] == ["ADDED", "BOOKMARK"]
    assert len(events[0]["object"]["x"]) == 300_000


async def test_an_error_event_of_a_watch_is_a_typed_error(server: Server, client: Client) -> None:
    server.answers = [stream(b'{"type":"ERROR","object":{"code":410,"reason":"Expired","message":"too old"}}\n')]
    with pytest.raises(Gone, match="too old"):
        _ = [event async for event in client.stream("/x", {}, silence=30)]


async def test_a_silent_watch_is_unreachable(server: Server, client: Client) -> None:
    server.answers = [stream(b'{"type":"BOOKMARK","object":{}}\n', hang=True)]
    with pytest.raises(Unreachable, match="in time"):
        _ = [event async for event in client.stream(NAMESPACES.path(), {}, silence=0.2)]


async def test_one_look_at_a_group_tells_which_of_its_kinds_are_served(server: Server, client: Client) -> None:
    server.answers = [web.json_response({"resources": [{"name": "pods/status"}, {"name": "namespaces"}]})]
    assert await client.served([NAMESPACES, PODS]) == {NAMESPACES}
    assert [request.path for request in server.requests] == ["/api/v1"]


async def test_of_a_group_that_is_not_there_no_kind_is_served(server: Server, client: Client) -> None:
    server.answers = [web.json_response({"reason": "NotFound"}, status=404)]
    assert await client.served([LEASES]) == set()


async def test_the_rules_in_a_namespace(server: Server, client: Client) -> None:
    rules = [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]
    server.answers = [web.json_response({"status": {"resourceRules": rules, "incomplete": True}})]
    assert await client.rules("somewhere") == rules


def hold(seconds: float) -> None:
    """Lets nothing else happen in the loop."""
    time.sleep(seconds)


async def test_a_request_that_is_cancelled_as_its_time_ends_is_cancelled(server: Server) -> None:
    """A leader's writes may take until its Lease ends, which is when its work is cancelled."""
    seconds, asked = 0.2, asyncio.Event()

    async def silence(_request: web.Request) -> web.Response:
        asked.set()
        await asyncio.sleep(1)
        return web.json_response({})

    server.answers = [silence] * 4
    async with Client(Login(server.url), timeout=seconds) as client:
        request = asyncio.create_task(client.get(NAMESPACES, "web"))
        await asyncio.wait_for(asked.wait(), 30)
        asyncio.get_running_loop().call_later(seconds / 2, request.cancel)
        hold(2 * seconds)  # both are due when the loop goes on
        done, _ = await asyncio.wait([request], timeout=30)
    assert done == {request}
    assert request.cancelled()
