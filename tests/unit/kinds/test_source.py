"""One kind of the hub in its cache: our list, kopf's events, audits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

from drover.kinds.resources import PROJECTS
from drover.kinds.source import Source
from drover.kube.cache import Cache, Change
from drover.kube.client import Client, Page
from drover.kube.gvr import GVR, Key, Object


class Server:
    """A kube-apiserver with a list."""

    def __init__(self) -> None:
        self.objects: list[Object] = []
        self.version = 10

    async def pages(self, _gvr: GVR, *, metadata_only: bool = False) -> AsyncIterator[Page]:
        yield Page([{**obj, "metadata": dict(obj["metadata"])} for obj in self.objects], str(self.version))


def obj(name: str, version: int) -> Object:
    return {"metadata": {"name": name, "namespace": "c", "uid": name, "resourceVersion": str(version)}}


def source() -> tuple[Source, Server, list[tuple[Change, bool]]]:
    server, changes = Server(), cast("list[tuple[Change, bool]]", [])
    made = Source(
        cast("Client", cast("Any", server)),
        Cache(PROJECTS),
        on_change=lambda change, listed: changes.append((change, listed)),
    )
    return made, server, changes


async def test_a_list_fills_the_cache_and_is_told_as_one() -> None:
    made, server, changes = source()
    server.objects = [obj("a", 1), obj("b", 2)]
    await made.load()
    assert made.synced.is_set()
    assert [listed for _, listed in changes] == [True, True]


async def test_an_event_after_the_list_is_told_as_one_of_its_own() -> None:
    made, _, changes = source()
    await made.load()
    made.take("ADDED", obj("a", 11))
    made.take("MODIFIED", obj("a", 11))
    assert [(change.key.name, listed) for change, listed in changes] == [("a", False)]


async def test_it_knows_an_object_as_the_cache_has_it_or_older() -> None:
    made, server, _ = source()
    server.objects = [obj("a", 5)]
    await made.load()
    assert [made.knows(obj("a", version)) for version in (4, 5, 6)] == [True, True, False]
    assert not made.knows(obj("b", 1))
    made.take("DELETED", obj("a", 7))
    assert not made.knows(obj("a", 5))


async def test_an_audit_finds_a_deletion_that_no_event_told_of() -> None:
    made, server, changes = source()
    server.objects = [obj("a", 1), obj("b", 2)]
    await made.load()
    server.objects, server.version = [obj("a", 1)], 20
    made.relisted()
    assert made.audit_due.is_set()
    assert await made.audit() == 1
    assert changes[-1][0].new is None
    assert made.cache.get(Key("c", "b")) is None


async def test_an_audit_leaves_what_was_made_after_its_list() -> None:
    made, _, _ = source()
    await made.load()
    made.take("ADDED", obj("new", 30))
    assert await made.audit() == 0
    assert made.cache.get(Key("c", "new"))


async def test_a_restored_etcd_is_listed_anew() -> None:
    made, server, _ = source()
    server.objects, server.version = [obj("late", 90)], 100
    await made.load()
    server.objects, server.version = [obj("early", 40)], 50
    await made.audit()
    assert made.cache.known() == [Key("c", "early")]


async def test_a_kind_that_is_gone_takes_its_objects_along() -> None:
    made, server, changes = source()
    server.objects = [obj("a", 1)]
    await made.load()
    made.unserved()
    assert not made.synced.is_set()
    assert changes[-1][0].new is None


async def test_the_items_of_a_list_get_the_kind_that_lists_leave_out() -> None:
    made, server, _ = source()
    server.objects = [obj("a", 1)]
    await made.load()
    found = made.cache.get(Key("c", "a")) or {}
    assert (found["kind"], found["apiVersion"]) == ("Project", "management.cattle.io/v3")


async def test_what_vanished_is_found_when_it_is_time_for_an_audit() -> None:
    made, server, changes = source()
    server.objects = [obj("a", 1)]
    await made.load()
    vanished = asyncio.Event()
    made._on_change = lambda change, _listed: vanished.set() if change.new is None else changes.append((change, True))
    server.objects, server.version = [], 20
    audits = asyncio.create_task(made.audit_for_ever(0.01))  # as if ten minutes had passed
    async with asyncio.timeout(60):
        await vanished.wait()
    assert len(made.cache) == 0
    audits.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await audits
