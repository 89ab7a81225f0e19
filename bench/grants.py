"""Rights of people in a fleet: how soon a grant is in force in its member, and how soon it is over.

What is real: the kube-apiserver of the hub, three of members, with a controller manager each; the operator, with its
own loop, watches and credential for each of twenty Clusters; every RBAC object; every answer about who may do what.
What is not: the twenty members share the three kube-apiservers, behind a proxy that gives the names of each a prefix
(`bench.virtual`). Namespaces, roles and bindings, and also users and groups, have it, so that none of the members
gives anything in another one; each has its own `kube-system`, by which Drover knows that they are different clusters.
The proxy runs in the benchmark's process, and its time is part of what is measured.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Iterable, Mapping
from contextlib import AsyncExitStack

from bench import everyone, scene, settling
from bench.asking import Watch
from bench.bare_rights import Bare, bare
from bench.figures import Result, result
from bench.minimum import Minimum
from bench.people import Binding, Fleet
from bench.settling import Settled
from bench.waiting import at_once
from drover.api.keys import UNIT
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS, Object

_A_SECOND = 5.0
_PATIENCE = 60.0

Times = list[float]


async def run() -> Result:
    """Gives two roles to each of fifty users, five a second, and takes them again; then gives all at once."""
    return await measure(Fleet())


async def measure(fleet: Fleet) -> Result:
    """The same with as many of everything as `fleet` says.

    A grant lasts from the request that makes the binding until a SubjectAccessReview in the member says yes, of a
    project in every namespace of it; a revoke until it says no. Questions are asked when there is something to
    expect, by the real kube-apiserver's watch.
    """
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(scene.on("grants", members=fleet.servers))
        settled = await settling.settle(stack, made, fleet)
        limit = await bare(settled)
        watch = await stack.enter_async_context(Watch(settled.shares).following())
        await settled.begin()
        await settled.quiet()
        least = Minimum(await everyone.facts(made.hub), lambda project: fleet.namespaces(project.split(":")[1]))
        given = list(fleet.bindings())
        since = settled.sizes()
        grants = await _paced(_grant(settled, watch, each) for each in given)
        stored = [await _stored(settled, each) for each in given]
        minimum = sum(map(least.given, stored))
        peak = await _bindings(settled)
        await settled.quiet()
        granted = await everyone.compare(fleet, made.hub, settled.shares)
        revokes = await _paced(_revoke(settled, watch, each, obj) for each, obj in zip(given, stored, strict=True))
        minimum += sum(map(least.taken, stored))
        await asyncio.sleep(_PATIENCE)
        revoked = await everyone.compare(fleet, made.hub, settled.shares)
        await settled.quiet()
        written = settled.written(since)
        burst = await _burst(settled, watch, given)
    values = {
        "grant_p99": 1000 * _p99(grants),
        "revoke_p99": 1000 * _p99(revokes),
        "bindings_over_formula": peak / fleet.formula,
        "writes_over_minimum": written.total() / minimum,
        "stale_grants": revoked.stale,
        "wrong_answers": granted.stale + granted.missing + revoked.missing,
    }
    baseline = {
        "grant_p50_ms": 1000 * statistics.median(grants),
        "revoke_p50_ms": 1000 * statistics.median(revokes),
        **_of_bare(limit),
        "burst_s": burst,
        "burst_over_bare": burst / limit.at_once,
        "bindings": peak,
        "formula": fleet.formula,
        "minimum_writes": minimum,
        "answers_while_granted": granted.asked,
        "answers_after_revokes": revoked.asked,
        **{what.replace(" ", "_"): count for what, count in sorted(written.items())},
    }
    return result("grants", values, baseline)


async def _paced(calls: Iterable[Awaitable[float]]) -> Times:
    """Begins five a second, whether or not those before have ended."""

    async def at(start: float, call: Awaitable[float]) -> float:
        await asyncio.sleep(start - time.perf_counter())
        return await call

    began = time.perf_counter()
    return await asyncio.gather(*(at(began + number / _A_SECOND, call) for number, call in enumerate(calls)))


async def _grant(settled: Settled, watch: Watch, binding: Binding) -> float:
    started = time.perf_counter()
    await settled.made.hub.create(binding.gvr, binding.manifest, manager=scene.MANAGER)
    await watch.effective(binding)
    return time.perf_counter() - started


async def _revoke(settled: Settled, watch: Watch, binding: Binding, stored: Object) -> float:
    metadata = stored["metadata"]
    started = time.perf_counter()
    await settled.made.hub.delete(binding.gvr, metadata["name"], metadata["namespace"], uid=metadata["uid"])
    await watch.over(binding)
    return time.perf_counter() - started


async def _stored(settled: Settled, binding: Binding) -> Object:
    metadata = binding.manifest["metadata"]
    return await settled.made.hub.get(binding.gvr, metadata["name"], metadata["namespace"])


async def _burst(settled: Settled, watch: Watch, bindings: Iterable[Binding]) -> float:
    """Seconds until all bindings are in force that are made at once."""
    started = time.perf_counter()
    await at_once(_grant(settled, watch, each) for each in bindings)
    return time.perf_counter() - started


async def _bindings(settled: Settled) -> int:
    """The RoleBindings and ClusterRoleBindings that Drover has made, in all clusters."""
    servers = {share.server.login.server: share.server for share in settled.shares.values()}
    found = 0
    for client in (settled.made.hub, *servers.values()):
        for gvr in (ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS):
            found += len(await client.list(gvr, label_selector=UNIT))
    return found


def _of_bare(limit: Bare) -> Mapping[str, float]:
    return {
        "bare_grant_p50_ms": 1000 * statistics.median(limit.grants),
        "bare_grant_p99_ms": 1000 * _p99(limit.grants),
        "bare_revoke_p50_ms": 1000 * statistics.median(limit.revokes),
        "bare_revoke_p99_ms": 1000 * _p99(limit.revokes),
        "bare_burst_s": limit.at_once,
    }


def _p99(times: Times) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[98]
