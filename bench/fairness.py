"""A person's change behind a backlog of 3,000 objects that a restarted operator finds out of date."""

from __future__ import annotations

import asyncio
import contextlib
import re
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp

from bench import scene
from bench.figures import Result, result
from bench.waiting import at_once, meanwhile, until
from drover.dev.beside import Replica
from drover.dev.stage import Stage
from drover.kinds.resources import WORKLOADS
from drover.kube.errors import NotFound
from drover.kube.gvr import GVR, NAMESPACES, Object

_BACKLOG = 3000
_ROUNDS = 3
_FRESH = 20
_UNLOADED = 100
_PAUSE = 0.25
_CONFIG_MAPS = GVR("", "v1", "configmaps", "ConfigMap")
_LABEL = "bench.drover.dev/fresh"
_DEPTH = re.compile(r'workqueue_depth\{name="workload",priority="low"\} ([0-9.]+)')


async def run() -> Result:
    """Measures changes alone, then behind the backlog of three restarts."""
    async with scene.on("fairness") as made:
        round_trip = await _bare(made)
        replica = await asyncio.to_thread(made.start)
        await scene.started(made)
        for name in ("fresh", "backlog"):
            await scene.place(made, name)
        async with _Person(made).watching() as person:
            await person.change(0)
            await scene.reported(made, "fresh", _FRESH)
            await asyncio.sleep(3)
            unloaded = [await person.once(number) for number in range(_UNLOADED)]
            loaded: list[float] = []
            bare: list[float] = []
            drained = 0.0
            for number in range(_ROUNDS):
                await asyncio.to_thread(replica.stop)
                await _outdate(made, number)
                replica = await asyncio.to_thread(made.start)
                await scene.said(replica, "leading")
                started = time.perf_counter()
                async with meanwhile(_sample(_Bystander(made).look, bare)):
                    loaded += await _while_backlog(replica, person)
                drained += time.perf_counter() - started
                await scene.reported(made, "backlog", _BACKLOG)
    p50, p99 = statistics.median(unloaded), statistics.quantiles(loaded, n=100, method="inclusive")[98]
    values = {
        "loaded_p99_over_unloaded_p50": p99 / p50,
        "unloaded_p50_over_round_trip": p50 / round_trip,
    }
    baseline = {
        "round_trip_ms": 1000 * round_trip,
        "unloaded_p50_ms": 1000 * p50,
        "unloaded_p99_ms": 1000 * statistics.quantiles(unloaded, n=100, method="inclusive")[98],
        "loaded_p50_ms": 1000 * statistics.median(loaded),
        "loaded_p99_ms": 1000 * p99,
        "loaded_round_trip_p50_ms": 1000 * statistics.median(bare),
        "loaded_round_trip_p99_ms": 1000 * statistics.quantiles(bare, n=100, method="inclusive")[98],
        "changes_behind_backlog": len(loaded),
        "backlog_seconds": drained / _ROUNDS,
    }
    return result("fairness", values, baseline)


async def _bare(made: Stage, count: int = 100) -> float:
    """The median of the same change by a bare client, before there is an operator: a look at the Workload and an apply,
    in seconds."""
    await made.hub.apply(NAMESPACES, scene.namespace("bare"), manager="bare")
    stored = await made.hub.apply(WORKLOADS, scene.workload(0, "bare"), manager="bare")
    times = []
    for number in range(count):
        started = time.perf_counter()
        await made.hub.get(WORKLOADS, "w-0000", "bare")
        obj = scene.workload(0, "bare", image=f"registry.example/app:{number}")
        await made.hub.apply(WORKLOADS, obj, manager="bare")
        times.append(time.perf_counter() - started)
    await made.hub.delete(WORKLOADS, "w-0000", "bare", uid=stored["metadata"]["uid"])
    return statistics.median(times)


class _Bystander:
    """A bare client that has nothing to do with the operator: how fast kube-apiserver still is."""

    def __init__(self, made: Stage) -> None:
        self._made = made

    async def look(self) -> float:
        """Looks at a ConfigMap and applies a change of it; the seconds of both."""
        started = time.perf_counter()
        with contextlib.suppress(NotFound):
            await self._made.hub.get(_CONFIG_MAPS, "bystander", "bare")
        metadata = {"name": "bystander", "namespace": "bare"}
        obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"at": str(started)}}
        await self._made.hub.apply(_CONFIG_MAPS, obj, manager="bare")
        return time.perf_counter() - started


async def _sample(look: Callable[[], Awaitable[float]], found: list[float]) -> None:
    """Takes a sample now and then."""
    while True:
        found.append(await look())
        await asyncio.sleep(_PAUSE)


class _Person:
    """Changes Workloads in turn, and sees when the operator has reported each change."""

    def __init__(self, made: Stage) -> None:
        self._made = made
        self._seen: dict[str, int] = {}
        self._news = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[_Person]:
        """Follows the statuses meanwhile."""
        async with meanwhile(self._follow()):
            yield self

    async def change(self, round_: int) -> None:
        """Changes every Workload, without waiting for what comes of it."""
        for number in range(_FRESH):
            await self._apply(number, f"first-{round_}")

    async def once(self, number: int) -> float:
        """Changes one Workload; the seconds until its status is of that change."""
        started = time.perf_counter()
        generation = (await self._apply(number % _FRESH, f"{time.monotonic_ns()}"))["metadata"]["generation"]
        name = f"w-{number % _FRESH:04}"
        async with asyncio.timeout(300), self._news:
            await self._news.wait_for(lambda: self._seen.get(name, 0) >= generation)
        return time.perf_counter() - started

    async def _apply(self, number: int, tag: str) -> Object:
        obj = scene.workload(number, "fresh", image=f"registry.example/app:{tag}")
        obj["metadata"]["labels"] = {_LABEL: "true"}
        return await self._made.hub.apply(WORKLOADS, obj, manager=scene.MANAGER)

    async def _follow(self) -> None:
        query = {"watch": "true", "labelSelector": _LABEL}
        async for event in self._made.hub.stream(WORKLOADS.path("fresh"), query, silence=600.0):
            obj = event["object"]
            async with self._news:
                self._seen[obj["metadata"]["name"]] = (obj.get("status") or {}).get("observedGeneration", 0)
                self._news.notify_all()


async def _outdate(made: Stage, round_: int) -> None:
    """Changes every Workload of the backlog while no operator runs."""
    await at_once(
        made.hub.apply(
            WORKLOADS,
            scene.workload(number, "backlog", image=f"registry.example/app:{round_}"),
            manager=scene.MANAGER,
        )
        for number in range(_BACKLOG)
    )


async def _while_backlog(replica: Replica, person: _Person) -> list[float]:
    """The seconds of a change every 250 ms, for as long as work of low priority waits."""
    found: list[asyncio.Task[float]] = []
    async with aiohttp.ClientSession() as session:
        await until(lambda: _waits(session, replica), "the backlog is queued")
        while await _waits(session, replica):
            found.append(asyncio.ensure_future(person.once(len(found))))
            await asyncio.sleep(_PAUSE)
    return list(await asyncio.gather(*found))


async def _waits(session: aiohttp.ClientSession, replica: Replica) -> bool:
    async with session.get(f"{replica.probes}/metrics") as answer:
        found = _DEPTH.search(await answer.text())
    return found is not None and float(found[1]) > 0
