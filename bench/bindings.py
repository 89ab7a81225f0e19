"""Rights in 500 projects: how many RBAC objects they take, and what those cost whoever asks the kube-apiserver."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Sequence

from bench import compiling, fleet, scene
from bench.asking import ask, review
from bench.figures import Result, result
from bench.waiting import at_once, until
from drover.dev import audit
from drover.dev.beside import Replica
from drover.dev.stage import Stage
from drover.kinds.resources import KINDS, PROJECT_BINDINGS, PROJECTS, USERS
from drover.kube.client import Client
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, NAMESPACES, ROLE_BINDINGS, ROLES, Object
from drover.kube.login import default_login
from drover.rules.rbac.model import Request

_PROJECTS = tuple(f"bench-{number:03}" for number in range(500))
_NAMESPACES = 2
_USERS, _GROUPS = 2000, 200
_CHANGES = 50
_QUESTIONS = 3000
_QUIET_SECONDS = 3.0
_RBAC = (ROLES, ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS)
_EVERYONE = ("system:authenticated",)

Counts = dict[str, int]
Times = dict[str, list[float]]
"""Seconds of each answer, of the hub and of a cluster in which nothing happens."""


async def run() -> Result:
    """Counts objects, and measures answers of the kube-apiserver before and after, the compiler and the operator."""
    async with scene.on("bindings", members=1) as made:
        replica = await asyncio.to_thread(made.start)
        await scene.started(made)
        await _first(made)
        alone, before = _memory(replica), await _answers(made)
        empty, since = await _counts(made), audit.size(made.audit_log)
        await at_once(_place(made, name) for name in _PROJECTS)
        one = fleet.one_in_all(_PROJECTS)
        await _grant(made, one)
        single = _more(await _counts(made), empty)
        inside = await _inside(made)
        further = fleet.many(_PROJECTS, _USERS, _GROUPS)
        await at_once(made.hub.apply(USERS, fleet.user(name), manager=scene.MANAGER) for name in _names(further))
        seconds = await _grant(made, further)
        every = _more(await _counts(made), empty)
        writes = len(audit.writes(made.audit_log, since))
        after, full = await _answers(made), _memory(replica)
        change = await _change(made, replica)
        objects = [obj for gvr in KINDS if gvr.api_version == PROJECTS.api_version for obj in await made.hub.list(gvr)]
    compiled = compiling.slowest(objects)
    places = len(_PROJECTS) + 3  # the first, Default and System
    most = fleet.expected(one, _NAMESPACES, places)
    most_of_all = fleet.expected([*one, *further], _NAMESPACES, places)
    values = {
        "bindings_a_namespace_and_role": inside / (len(_PROJECTS) * _NAMESPACES),
        "one_user_over_formula": single["rolebindings"] / most["rolebindings"],
        "rolebindings_over_formula": every["rolebindings"] / most_of_all["rolebindings"],
        "clusterrolebindings_over_formula": every["clusterrolebindings"] / most_of_all["clusterrolebindings"],
        "one_user_over_upstream": single["rolebindings"] / fleet.upstream_rolebindings(one, _NAMESPACES),
        "rolebindings_over_upstream": every["rolebindings"]
        / fleet.upstream_rolebindings([*one, *further], _NAMESPACES),
        "review_p95_over_empty": _ratio(after, before),
        **{f"compile_{what}": 1000 * seconds for what, seconds in compiled.items()},
    }
    baseline = {
        **{f"one_user_{plural}": count for plural, count in single.items()},
        **every,
        "writes_of_all": writes,
        "seconds_for_all_bindings": seconds,
        "rss_mib": full,
        "rss_without_mib": alone,
        "operator_cpu_ms_a_change": 1000 * change,
        **{f"{who}_review_p95_before_ms": 1000 * _p95(times) for who, times in before.items()},
        **{f"{who}_review_p95_after_ms": 1000 * _p95(times) for who, times in after.items()},
    }
    return result("bindings", values, baseline)


# --- What happens ---------------------------------------------------------------------------------------------------
async def _first(made: Stage) -> None:
    """A user with a role in one project and a namespace in it, so that roles are there, and may be asked about."""
    await made.hub.apply(USERS, fleet.user("u-all"), manager=scene.MANAGER)
    await scene.place(made, "first")
    await _backed(made, "first")
    await _grant(made, fleet.one_in_all(["first"]))


async def _place(made: Stage, name: str) -> None:
    await made.hub.apply(PROJECTS, scene.project(name), manager=scene.MANAGER)
    for number in range(_NAMESPACES):
        obj = scene.namespace(f"{name}-{number}", f"{fleet.CLUSTER}:{name}")
        await made.hub.apply(NAMESPACES, obj, manager=scene.MANAGER)
    await _backed(made, name)


async def _backed(made: Stage, name: str) -> None:
    namespace = f"{fleet.CLUSTER}-{name}"
    await until(lambda: scene.exists(made, NAMESPACES, namespace), f"namespace {namespace} is there", pause=0.1)


async def _grant(made: Stage, grants: Sequence[fleet.Grant]) -> float:
    """Makes bindings and waits until nothing follows any more; the seconds until the last write."""
    started = time.perf_counter()
    await at_once(made.hub.apply(grant.gvr, grant.manifest(), manager=scene.MANAGER) for grant in grants)
    await scene.quiet(made, _QUIET_SECONDS)
    return max(0.0, time.perf_counter() - started - _QUIET_SECONDS)


async def _change(made: Stage, replica: Replica) -> float:
    """CPU seconds of the operator for one binding that comes or goes."""
    started = _cpu(replica)
    for number in range(_CHANGES):
        grant = fleet.Grant("project-member", "team-new", _PROJECTS[number], group=True)
        obj = await made.hub.create(PROJECT_BINDINGS, grant.manifest(), manager=scene.MANAGER)
        metadata = obj["metadata"]
        await scene.reported_rights(made, metadata["name"], metadata["namespace"])
        await made.hub.delete(PROJECT_BINDINGS, metadata["name"], metadata["namespace"], uid=metadata["uid"])
        await scene.gone(made, PROJECT_BINDINGS, metadata["name"], metadata["namespace"])
    await scene.quiet(made, _QUIET_SECONDS)
    return (_cpu(replica) - started) / (2 * _CHANGES)


# --- What is asked --------------------------------------------------------------------------------------------------
async def _answers(made: Stage) -> Times:
    """Asks the hub and the other cluster in turn, so that a busy machine slows both."""
    other = default_login(str(made.control_plane.members[0].kubeconfig))
    times: Times = {"hub": [], "other": []}
    async with Client(other) as idle:
        turns = (("hub", made.hub), ("other", idle))
        for number in range(_QUESTIONS):
            question = _question(number)
            for who, client in turns if number % 2 else reversed(turns):
                started = time.perf_counter()
                await ask(client, question)
                times[who].append(time.perf_counter() - started)
    return times


def _question(number: int) -> Object:
    """What the user of all projects may do in one of them, or what nobody may, for which all bindings are looked at."""
    user, groups, namespace = (
        ("u-all", _EVERYONE, "first"),
        ("u-all", _EVERYONE, "default"),
        ("u-0001", (*_EVERYONE, "team-001", "team-007"), "kube-system"),
    )[number % 3]
    return review(Request("list", resource="pods", namespace=namespace), user, groups)


def _ratio(after: Times, before: Times) -> float:
    """How much slower the hub has become, beside the cluster in which nothing happened."""
    return (_p95(after["hub"]) / _p95(before["hub"])) / (_p95(after["other"]) / _p95(before["other"]))


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[18]


# --- What is there --------------------------------------------------------------------------------------------------
async def _counts(made: Stage) -> Counts:
    return {gvr.plural: len(await made.hub.list(gvr)) for gvr in _RBAC}


async def _inside(made: Stage) -> int:
    """The RoleBindings in the namespaces of the projects."""
    names = {f"{name}-{number}" for name, number in itertools.product(_PROJECTS, range(_NAMESPACES))}
    return sum(obj["metadata"]["namespace"] in names for obj in await made.hub.list(ROLE_BINDINGS))


def _more(counts: Counts, before: Counts) -> Counts:
    return {plural: count - before[plural] for plural, count in counts.items()}


def _names(grants: Sequence[fleet.Grant]) -> list[str]:
    return sorted({grant.who for grant in grants if not grant.group})


def _memory(replica: Replica) -> float:
    return float(replica.process.memory_info().rss) / 2**20


def _cpu(replica: Replica) -> float:
    times = replica.process.cpu_times()
    return float(times.user + times.system)
