"""What holds for every fleet: compiled objects allow what roles and bindings say, and nothing else; and what a change
touches is all that it changes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.rules.rbac import fleets
from tests.unit.rules.rbac.evaluator import Server

from drover.kube.gvr import Object
from drover.rules.rbac.compiling import compile_unit, desired
from drover.rules.rbac.model import who_can
from drover.rules.rbac.snapshot import Snapshot
from drover.rules.rbac.touched import touched

SEEDS = st.integers(0, 2**32)


def _project_of(inside: Mapping[str, str], namespace: str) -> str:
    return inside.get(namespace, "")


def server(cluster: str, snapshot: Snapshot, objects: list[Object]) -> Server:
    found = Server(cluster, fleets.NAMESPACES[cluster])
    compiled = desired(snapshot)
    found.fill(compiled)
    for obj in objects:
        if obj["kind"] == "RoleTemplate" and obj.get("external"):
            found.external(obj["metadata"]["name"], obj["externalRules"])
    found.mark(compiled)
    return found


@settings(max_examples=100, deadline=None)
@given(SEEDS, st.booleans())
def test_compiled_objects_allow_exactly_what_the_model_allows(seed: int, per_subject: bool) -> None:
    draw = Random(seed)  # noqa: S311 - a fleet is no secret
    objects = fleets.fleet(draw)
    snapshot = Snapshot(objects, per_subject=per_subject)
    for cluster, inside in fleets.NAMESPACES.items():
        there = server(cluster, snapshot, objects)
        for request in (fleets.request(draw, cluster) for _ in range(25)):
            model = dict(who_can(snapshot, cluster, request, partial(_project_of, inside)))
            assert there.who_can(request) == set(model), (cluster, request, model)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.booleans())
def test_compiling_again_what_each_change_touches_leads_to_what_compiling_all_does(
    seed: int, per_subject: bool
) -> None:
    draw = Random(seed)  # noqa: S311 - a fleet is no secret
    there = {fleets.key(obj): obj for obj in fleets.fleet(draw)}
    snapshot = Snapshot(there.values(), per_subject=per_subject)
    state = desired(snapshot)
    for _ in range(20):
        obj = fleets.any_object(draw)
        key = fleets.key(obj)
        old, new = there.pop(key, None), obj if draw.random() < 0.7 else None
        snapshot.change(key[0], old, new)
        for unit in touched(key[0], old, new, snapshot):
            compiled = compile_unit(unit, snapshot)
            state.pop(unit, None)
            if compiled.objects or compiled.in_namespaces or compiled.external:
                state[unit] = compiled
        if new is not None:
            there[key] = new
        assert state == desired(Snapshot(there.values(), per_subject=per_subject)), (key, old, new)
    assert desired(Snapshot(reversed(list(there.values())), per_subject=per_subject)) == state
