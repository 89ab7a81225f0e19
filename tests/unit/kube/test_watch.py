"""A cache follows a kind: list in pages, watch, and a new list after a gap."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from drover.kube import watch
from drover.kube.cache import Cache, Change
from drover.kube.client import Client
from drover.kube.gvr import PODS, Key, Object
from drover.kube.login import Login
from drover.kube.watch import Reflector
from tests.unit.kube.servers import Server, events, page, running, status

_SECONDS = 60.0


def pod(name: str, version: int, **content: Any) -> Object:
    return {"metadata": {"name": name, "namespace": "n", "uid": name, "resourceVersion": str(version)}, **content}


class Following:
    """A reflector that runs, with what it tells."""

    def __init__(self, client: Client, **options: Any) -> None:
        self.changes: list[tuple[str, str]] = []
        self.errors = 0
        self.told = asyncio.Event()
        self.reflector = Reflector(client, Cache(PODS), on_change=self._on_change, on_error=self._on_error, **options)
        self.cache = self.reflector.cache
        self._task = asyncio.create_task(self.reflector.run())

    def _on_change(self, change: Change) -> None:
        what = "gone" if change.new is None else "new" if change.old is None else "changed"
        self.changes.append((what, change.key.name))
        self.told.set()

    def _on_error(self) -> None:
        self.errors += 1
        self.told.set()

    async def until(self, *changes: tuple[str, str]) -> None:
        """Waits until all of these changes were told."""
        async with asyncio.timeout(_SECONDS):
            while not set(changes) <= set(self.changes):
                self.told.clear()
                await self.told.wait()

    async def failed(self, times: int) -> None:
        """Waits until the server was lost so many times."""
        async with asyncio.timeout(_SECONDS):
            while self.errors < times:
                self.told.clear()
                await self.told.wait()

    async def asked(self, server: Server, times: int) -> None:
        """Waits until the server was asked so many times."""
        async with asyncio.timeout(_SECONDS):
            while len(server.requests) < times:  # noqa: ASYNC110 - the server has no event for it
                await asyncio.sleep(0.005)

    async def synced(self) -> None:
        async with asyncio.timeout(_SECONDS):
            await self.reflector.synced.wait()

    async def stop(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watch that ends early is begun again soon."""
    monkeypatch.setattr(watch, "_SHORT_SECONDS", 0.01)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    async with running() as server:
        yield server


@pytest_asyncio.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(Login(server.url)) as client:
        yield client


async def test_all_pages_of_a_list_come_before_the_first_watch(server: Server, client: Client) -> None:
    server.will(page(pod("a", 1), token="next"), page(pod("b", 2)), events(server, ("ADDED", pod("c", 11))))
    following = Following(client, label_selector="app=x")
    await following.until(("new", "a"), ("new", "b"), ("new", "c"))
    assert following.reflector.synced.is_set()
    assert [request.query.get("continue") for request in server.requests] == [None, "next", None]
    assert server.requests[2].query["resourceVersion"] == "10"
    assert {request.query["labelSelector"] for request in server.requests} == {"app=x"}
    await following.stop()


async def test_items_of_a_list_get_the_kind_that_lists_leave_out(server: Server, client: Client) -> None:
    server.will(page(pod("a", 1)), events(server))
    following = Following(client)
    await following.until(("new", "a"))
    found = following.cache.get(Key("n", "a")) or {}
    assert (found["kind"], found["apiVersion"]) == ("Pod", "v1")
    await following.stop()


async def test_events_change_the_cache_in_order(server: Server, client: Client) -> None:
    found = [
        ("ADDED", pod("a", 11, x=1)),
        ("MODIFIED", pod("a", 12, x=2)),
        ("BOOKMARK", {"metadata": {"resourceVersion": "50"}}),
        ("DELETED", pod("a", 51, x=2)),
    ]
    server.will(page(), events(server, *found))
    following = Following(client)
    await following.until(("gone", "a"))
    assert following.changes == [("new", "a"), ("changed", "a"), ("gone", "a")]
    await following.stop()


async def test_a_watch_that_ends_goes_on_where_the_last_event_or_bookmark_was(server: Server, client: Client) -> None:
    server.will(
        page(),
        events(server, ("BOOKMARK", {"metadata": {"resourceVersion": "50"}}), hang=False),
        events(server, ("ADDED", pod("a", 60)), hang=False),
        events(server, ("ADDED", pod("b", 61))),
    )
    following = Following(client)
    await following.until(("new", "b"))
    assert [request.query.get("resourceVersion") for request in server.requests] == [None, "10", "50", "60"]
    await following.stop()


async def test_a_watch_that_ends_at_once_is_not_begun_again_at_once(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_SHORT_SECONDS", 60.0)
    server.will(page(), *(events(server, hang=False) for _ in range(20)))
    following = Following(client)
    await following.asked(server, 2)
    await asyncio.sleep(0.05)
    assert len(server.requests) == 2
    await following.stop()


async def test_a_watch_that_was_silent_is_followed_by_a_list_as_the_server_may_be_an_older_one(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """etcd was restored from a backup: a watch of a version that is still to come brings nothing, for hours."""
    monkeypatch.setattr(watch, "SILENCE", 0.2)
    server.will(page(pod("a", 800), version="900"), events(server), page(pod("b", 40), version="50"), events(server))
    following = Following(client)
    await following.until(("new", "a"), ("gone", "a"), ("new", "b"))
    await following.asked(server, 4)
    assert [request.query.get("resourceVersion") for request in server.requests[:4]] == [None, "900", None, "50"]
    await following.stop()


async def test_after_a_gap_a_new_list_finds_what_was_deleted_meanwhile(server: Server, client: Client) -> None:
    gone = {"code": 410, "reason": "Expired", "message": "too old"}
    server.will(
        page(pod("a", 1), pod("b", 2)),
        events(server, ("ERROR", gone), hang=False),
        page(pod("b", 2), pod("c", 20), version="30"),
        events(server),
    )
    following = Following(client)
    await following.until(("gone", "a"), ("new", "c"))
    assert following.cache.known() == [Key("n", "b"), Key("n", "c")]
    assert following.errors == 0
    await following.stop()


@pytest.mark.parametrize(
    "garbage",
    [
        ("ADDED", {"metadata": {"name": "a"}}),
        ("ADDED", {"metadata": {"name": "a", "uid": "u", "resourceVersion": "new"}}),
        ("ADDED", {"metadata": 5}),
        ("ADDED", []),
        ("BOOKMARK", {}),
        ("BOOKMARK", 7),
        ("ERROR", "out of order"),
        ("ERROR", {"code": "many"}),
        (None, None),
    ],
)
async def test_what_is_no_event_counts_as_no_answer_and_is_tried_again(
    server: Server, client: Client, garbage: Any
) -> None:
    server.will(page(), events(server, garbage, hang=False), events(server, ("ADDED", pod("b", 61))))
    following = Following(client)
    await following.until(("new", "b"))
    await following.stop()


@pytest.mark.parametrize("garbage", [5, {}, {"metadata": None}, {"metadata": {"name": "a", "uid": "u"}}])
async def test_a_list_of_what_is_no_object_counts_as_no_answer(server: Server, client: Client, garbage: Any) -> None:
    server.will(page(garbage), page(pod("b", 2)), events(server))
    following = Following(client)
    await following.until(("new", "b"))
    await following.stop()


async def test_a_watch_that_is_refused_as_too_old_is_a_gap_too(server: Server, client: Client) -> None:
    server.will(page(pod("a", 1)), status(410, "Expired"), page(pod("b", 20), version="30"), events(server))
    following = Following(client)
    await following.until(("gone", "a"), ("new", "b"))
    await following.stop()


async def test_an_optional_kind_that_may_not_be_seen_counts_as_synced_and_is_told(
    server: Server, client: Client
) -> None:
    server.will(status(403, "Forbidden"), page(pod("a", 1)), events(server))
    access: list[str] = []
    following = Following(client, optional=True, on_access=lambda: access.append("changed"))
    await following.synced()
    await following.until(("new", "a"))
    assert following.reflector.error == ""
    assert (access, following.reflector.denied) == (["changed", "changed"], False)
    await following.stop()


async def test_an_optional_kind_that_may_not_be_seen_any_more_is_listed_anew_when_it_may(
    server: Server, client: Client
) -> None:
    server.will(page(pod("a", 1), pod("b", 2)), status(403, "Forbidden"), page(pod("b", 2), version="20"))
    following = Following(client, optional=True)
    await following.until(("new", "a"), ("gone", "a"))
    assert not following.reflector.denied
    await following.stop()


async def test_a_kind_that_is_needed_is_not_synced_while_it_may_not_be_seen(server: Server, client: Client) -> None:
    refused = asyncio.Event()

    async def refuse(_request: Any) -> Any:
        refused.set()
        return status(403, "Forbidden")

    server.will(refuse, refuse)
    following = Following(client)
    async with asyncio.timeout(_SECONDS):
        await refused.wait()
        refused.clear()
        await refused.wait()  # the second try: what the first one found is settled
    assert not following.reflector.synced.is_set()
    assert following.reflector.error == "pods: it is Forbidden"
    await following.stop()


async def test_a_server_that_breaks_off_is_told_and_the_watch_goes_on(server: Server, client: Client) -> None:
    async def break_off(request: Any) -> Any:
        request.transport.close()
        return status(500)

    server.will(page(), break_off, break_off)  # aiohttp itself tries again once on a connection that was used before
    following = Following(client)
    await following.failed(1)
    server.will(events(server, ("ADDED", pod("a", 11))))
    await following.until(("new", "a"))
    assert following.reflector.error == ""
    await following.stop()


async def test_one_namespace_can_be_followed(server: Server, client: Client) -> None:
    server.will(page(pod("a", 1)), events(server))
    following = Following(client, namespace="n")
    await following.until(("new", "a"))
    assert server.requests[0].path == "/api/v1/namespaces/n/pods"
    await following.stop()


async def test_large_objects_come_in_small_pages_and_less_is_made_of_each_at_once(
    server: Server, client: Client
) -> None:
    server.will(page(pod("a", 1, spec="long")), events(server, ("ADDED", pod("b", 11, spec="longer"))))
    following = Following(client, page=5, shrink=lambda obj: {"metadata": obj["metadata"], "size": len(obj["spec"])})
    await following.until(("new", "a"), ("new", "b"))
    assert server.requests[0].query["limit"] == "5"
    found = [following.cache.get(Key("n", name)) or {} for name in ("a", "b")]
    assert [("spec" in each, each["size"]) for each in found] == [(False, 4), (False, 6)]
    await following.stop()
