"""CPU of the compiler alone for one change among everything that a hub holds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Sequence

from bench import fleet
from drover.kube.gvr import Object
from drover.rules.rbac.compiling import compile_unit
from drover.rules.rbac.snapshot import Snapshot
from drover.rules.rbac.touched import touched

_TIMES = 5

Pair = tuple[Object | None, Object | None]
"""An object before a change and after it."""


def slowest(objects: Iterable[Object]) -> dict[str, float]:
    """The CPU seconds of the slowest change by what is changed: a `binding` of a project or a cluster, a rule of a
    `role`, a `user` who is disabled, a new `project`. Each is done and undone several times; the median counts.
    """
    known = list(objects)
    snapshot = Snapshot(known)
    return {
        what: max(_seconds(snapshot, old, new) for old, new in pairs)
        for what, pairs in _changes(known).items()
        if pairs
    }


def _changes(known: Sequence[Object]) -> dict[str, list[Pair]]:
    by_kind: dict[str, list[Object]] = {}
    for obj in known:
        by_kind.setdefault(obj["kind"], []).append(obj)
    places = [obj["metadata"]["name"] for obj in by_kind["Project"]][:: max(1, len(by_kind["Project"]) // 5)]
    users = [obj for obj in by_kind["User"] if obj["metadata"]["name"] != "u-all"][:5]
    grants = [fleet.Grant(role, "u-new", place) for role in fleet.PROJECT_ROLES for place in places]
    grants += [fleet.Grant(role, "u-new") for role in fleet.CLUSTER_ROLES]
    bound = (*fleet.PROJECT_ROLES, *fleet.CLUSTER_ROLES)
    roles = [obj for obj in by_kind["RoleTemplate"] if obj["metadata"]["name"] in bound]
    template = by_kind["Project"][0]
    return {
        "binding": [(None, _with_uid(grant.manifest() | {"groupName": "new", "userName": ""})) for grant in grants],
        "role": [(role, {**role, "rules": [*role["rules"], _RULE]}) for role in roles],
        "user": [(user, {**user, "enabled": False}) for user in users],
        "project": [(None, _with_uid({**template, "metadata": {**template["metadata"], "name": "new"}}))],
    }


_RULE = {"apiGroups": ["example.com"], "resources": ["things"], "verbs": ["get"]}


def _seconds(snapshot: Snapshot, old: Object | None, new: Object | None) -> float:
    times = [_compile(snapshot, *pair) for _ in range(_TIMES) for pair in ((old, new), (new, old))]
    return statistics.median(times)


def _compile(snapshot: Snapshot, old: Object | None, new: Object | None) -> float:
    kind = str((new or old or {})["kind"])
    started = time.process_time()
    snapshot.change(kind, old, new)
    for unit in touched(kind, old, new, snapshot):
        compile_unit(unit, snapshot)
    return time.process_time() - started


def _with_uid(obj: Object) -> Object:
    return {**obj, "metadata": {**obj["metadata"], "uid": "new"}}
