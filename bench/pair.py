"""Rights in a project of one cluster: one by one, then fifty projects with their people at once."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable

from bench import scene
from bench.figures import Result, result
from bench.waiting import at_once, meanwhile, until
from drover.dev import audit
from drover.dev.stage import Stage
from drover.kinds.resources import CLUSTER_BINDINGS, PROJECT_BINDINGS, ROLE_TEMPLATES, USERS
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, NAMESPACES, ROLE_BINDINGS, ROLES, Object

_PAIRS = 50
_SETS = 50
_BETWEEN = 0.2  # until all of a revoke is done: the next grant would find some of it still there
_ROLE, _OTHER, _PLAIN = "project-member", "read-only", "plain"
_RBAC = (ROLES, ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS)


async def run() -> Result:
    """Measures how soon a RoleBinding names a user and no longer does, and counts what is written for it."""
    async with scene.on("pair") as made:
        bare = await _bare(made)
        await asyncio.to_thread(made.start)
        await scene.started(made)
        await _place(made, "pair")
        await made.hub.apply(USERS, _user("u-pair"), manager=scene.MANAGER)
        async with _Watch(made, "pair").following() as watch:
            await _pair(made, watch)  # the roles are made with their first binding
            await scene.quiet(made, 2)
            grants, revokes, fresh = await _pairs(made, watch)
            await made.hub.apply(PROJECT_BINDINGS, _binding("stays", "pair", "u-pair", _OTHER), manager=scene.MANAGER)
            await scene.quiet(made, 2)
            _, _, known = await _pairs(made, watch)
            await made.hub.apply(ROLE_TEMPLATES, _plain_role(), manager=scene.MANAGER)
            _, _, plain = await _pairs(made, watch, _PLAIN)
        before = await _counts(made)
        since = audit.size(made.audit_log)
        started = time.perf_counter()
        await at_once(_set(made, f"set-{number:03}") for number in range(_SETS))
        await until(lambda: _all_bound(made), "every namespace has its bindings", pause=0.2)
        seconds = time.perf_counter() - started
        await scene.quiet(made, 2)
        written = Counter(write.what for write in audit.writes(made.audit_log, since))
        after = await _counts(made)
    values = {
        "grant_p50": 1000 * statistics.median(grants),
        "grant_p99": 1000 * _p99(grants),
        "revoke_p50": 1000 * statistics.median(revokes),
        "revoke_p99": 1000 * _p99(revokes),
        "writes_a_set": sum(written.values()) / _SETS,
        "writes_a_pair": fresh,
    }
    baseline = {
        "bare_grant_ms": 1000 * bare[0],
        "bare_revoke_ms": 1000 * bare[1],
        "writes_a_pair_of_a_member": known,
        "writes_a_pair_of_a_member_and_a_role_in_namespaces_alone": plain,
        "seconds_for_all_sets": seconds,
        **{f"{gvr.plural}_of_all_sets": after[gvr.plural] - before[gvr.plural] for gvr in _RBAC},
        **{what.replace(" ", "_"): count for what, count in sorted(written.items())},
    }
    return result("pair", values, baseline)


async def _pairs(made: Stage, watch: _Watch, role: str = _ROLE) -> tuple[list[float], list[float], float]:
    """Seconds of each grant and each revoke, and the writes of both together."""
    since = audit.size(made.audit_log)
    times = []
    for _ in range(_PAIRS):
        times.append(await _pair(made, watch, role))
        await asyncio.sleep(_BETWEEN)
    await scene.quiet(made, 2)
    writes = len(audit.writes(made.audit_log, since)) / _PAIRS
    return [grant for grant, _ in times], [revoke for _, revoke in times], writes


async def _pair(made: Stage, watch: _Watch, role: str = _ROLE) -> tuple[float, float]:
    started = time.perf_counter()
    stored = await made.hub.create(PROJECT_BINDINGS, _binding("pair", "pair", "u-pair", role), manager=scene.MANAGER)
    await watch.until(lambda: watch.names(role, "u-pair"))
    granted = time.perf_counter()
    await scene.reported_rights(made, "pair", "local-pair")
    asked = time.perf_counter()
    metadata = stored["metadata"]
    await made.hub.delete(PROJECT_BINDINGS, "pair", metadata["namespace"], uid=metadata["uid"])
    await watch.until(lambda: not watch.names(role, "u-pair"))
    return granted - started, time.perf_counter() - asked


class _Watch:
    """The RoleBindings of a namespace, as a watch tells them."""

    def __init__(self, made: Stage, namespace: str) -> None:
        self._made = made
        self._namespace = namespace
        self._found: dict[str, Object] = {}
        self._news = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[_Watch]:
        """Follows them meanwhile."""
        async with meanwhile(self._follow()):
            yield self

    def names(self, role: str, user: str) -> bool:
        """Whether a RoleBinding of a role, by the beginning of its name, names a user."""
        return any(
            obj["roleRef"]["name"].startswith(role) and any(each["name"] == user for each in obj.get("subjects") or [])
            for obj in self._found.values()
        )

    async def until(self, look: Callable[[], bool]) -> None:
        """Waits until something is so."""
        async with asyncio.timeout(60), self._news:
            await self._news.wait_for(look)

    async def _follow(self) -> None:
        path = ROLE_BINDINGS.path(self._namespace)
        async for event in self._made.hub.stream(path, {"watch": "true"}, silence=600.0):
            obj = event["object"]
            async with self._news:
                if event["type"] == "DELETED":
                    self._found.pop(obj["metadata"]["name"], None)
                elif event["type"] in ("ADDED", "MODIFIED"):
                    self._found[obj["metadata"]["name"]] = obj
                self._news.notify_all()


# --- Objects --------------------------------------------------------------------------------------------------------
def _user(name: str) -> Object:
    return {"apiVersion": USERS.api_version, "kind": USERS.kind, "metadata": {"name": name}, "displayName": name}


def _plain_role() -> Object:
    """A role about what is in namespaces alone."""
    return {
        "apiVersion": ROLE_TEMPLATES.api_version,
        "kind": ROLE_TEMPLATES.kind,
        "metadata": {"name": _PLAIN},
        "context": "project",
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}],
    }


def _binding(name: str, project: str, user: str, role: str = _ROLE) -> Object:
    return {
        "apiVersion": PROJECT_BINDINGS.api_version,
        "kind": PROJECT_BINDINGS.kind,
        "metadata": {"name": name, "namespace": f"local-{project}"},
        "projectName": f"local:{project}",
        "roleTemplateName": role,
        "userName": user,
    }


def _cluster_binding(name: str) -> Object:
    """What a bare client may make while no operator has made a backing namespace."""
    kind = {"apiVersion": CLUSTER_BINDINGS.api_version, "kind": CLUSTER_BINDINGS.kind}
    fields = {"clusterName": "bare", "roleTemplateName": "cluster-member", "userName": "u-bare"}
    return {**kind, "metadata": {"name": name, "namespace": "bare"}, **fields}


async def _place(made: Stage, name: str) -> None:
    """A Project with a namespace, whose backing namespace is there."""
    await scene.place(made, name)
    await until(lambda: scene.exists(made, NAMESPACES, f"local-{name}"), f"namespace local-{name} is there", pause=0.02)


async def _set(made: Stage, name: str) -> None:
    """A project, a namespace, a user, and two bindings."""
    await made.hub.apply(USERS, _user(f"u-{name}"), manager=scene.MANAGER)
    await _place(made, name)
    for role in (_ROLE, _OTHER):
        obj = _binding(f"{name}-{role}", name, f"u-{name}", role)
        await made.hub.apply(PROJECT_BINDINGS, obj, manager=scene.MANAGER)


async def _all_bound(made: Stage) -> bool:
    found = await made.hub.list(ROLE_BINDINGS)
    names = [obj["metadata"]["namespace"] for obj in found if obj["metadata"]["namespace"].startswith("set-")]
    return len(names) >= 2 * _SETS


async def _counts(made: Stage) -> dict[str, int]:
    return {gvr.plural: len(await made.hub.list(gvr)) for gvr in _RBAC}


async def _bare(made: Stage) -> tuple[float, float]:
    """The medians of what a grant and a revoke take at least: the binding and a RoleBinding by a bare client, in
    seconds."""
    await made.hub.apply(NAMESPACES, scene.namespace("bare"), manager="bare")
    grants, revokes = [], []
    for number in range(_PAIRS):
        started = time.perf_counter()
        stored = await made.hub.create(CLUSTER_BINDINGS, _cluster_binding(f"b-{number}"), manager="bare")
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
        native = {
            "apiVersion": ROLE_BINDINGS.api_version,
            "kind": ROLE_BINDINGS.kind,
            "metadata": {"name": f"b-{number}", "namespace": "bare"},
            "roleRef": role,
            "subjects": [{"kind": "User", "name": "u-bare", "apiGroup": "rbac.authorization.k8s.io"}],
        }
        made_for_it = await made.hub.create(ROLE_BINDINGS, native, manager="bare")
        granted = time.perf_counter()
        await made.hub.delete(CLUSTER_BINDINGS, f"b-{number}", "bare", uid=stored["metadata"]["uid"])
        await made.hub.delete(ROLE_BINDINGS, f"b-{number}", "bare", uid=made_for_it["metadata"]["uid"])
        grants.append(granted - started)
        revokes.append(time.perf_counter() - granted)
    return statistics.median(grants), statistics.median(revokes)


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[98]
