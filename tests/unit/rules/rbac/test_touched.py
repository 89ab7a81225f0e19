"""A change costs in proportion to what it touches."""

from __future__ import annotations

import time

import pytest
from tests.unit.rules.rbac import world

from drover.kinds.resources import FACTS
from drover.kube.gvr import Object
from drover.rules.rbac import reading
from drover.rules.rbac.compiling import compile_unit
from drover.rules.rbac.snapshot import Snapshot
from drover.rules.rbac.touched import KINDS, touched, units_of
from drover.rules.rbac.units import Unit

PODS = world.policy_rule("get", "", "pods")
SMALL: tuple[Object, ...] = (
    world.cluster("local"),
    world.cluster("c1"),
    world.cluster("c2"),
    world.project("c1", "p1"),
    world.project("c1", "p2"),
    world.user("u-a"),
    world.role_template("base", "", PODS),
    world.role_template("dev", "project", PODS, inherits="base"),
    world.role_template("other", "project", PODS),
    world.in_project("b", "c1:p1", "dev", userName="u-a"),
)
PLACES = {"project", "project-members", "cluster-members"}
"""The kinds of units about the places where a role is bound."""


def change(snapshot: Snapshot, old: Object | None, new: Object | None) -> set[Unit]:
    kind = str((new or old or {})["kind"])
    snapshot.change(kind, old, new)
    return touched(kind, old, new, snapshot)


def test_a_project_binding_touches_its_project_its_role_and_the_members_only() -> None:
    snapshot = Snapshot(SMALL)
    expected = {
        Unit("role", "c1", "dev"),
        Unit("role", "c1", "base"),
        Unit("management", "local", "dev"),
        Unit("management", "local", "base"),
        Unit("project", "c1", "p2"),
        Unit("project-members", "local", "c1:p2"),
        Unit("cluster-members", "local", "c1"),
    }
    binding = world.in_project("x", "c1:p2", "dev", userName="u-a")
    assert change(snapshot, None, binding) == expected
    read = reading.project_binding(binding)
    assert read is not None
    assert set(units_of(read, snapshot)) == expected


def test_a_role_touches_where_it_or_an_heir_is_bound() -> None:
    old = SMALL[6]
    new = world.role_template("base", "", world.policy_rule("get", "", "secrets"))
    found = change(Snapshot(SMALL), old, new)
    assert {unit.cluster for unit in found} == {"c1", "local"}
    assert Unit("role", "c1", "base") in found
    assert Unit("project", "c1", "p2") not in found
    unbound = SMALL[8]
    assert change(Snapshot(SMALL), unbound, world.role_template("other", "project")) == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (SMALL[6], world.role_template("base", "", world.policy_rule("get", "", "pods nodes"))),
        (SMALL[7], world.role_template("dev", "project", world.policy_rule("get", "", "pods nodes"), inherits="base")),
    ],
)
def test_a_changed_rule_touches_the_role_alone_in_however_many_projects_it_is_bound(old: Object, new: Object) -> None:
    further = world.in_project("b", "c1:p2", "dev", userName="u-a")
    found = change(Snapshot([*SMALL, further]), old, new)
    assert {unit.kind for unit in found} == {"role", "management"}


@pytest.mark.parametrize(
    "changed",
    [
        world.role_template("base", "", PODS, world.policy_rule("own", world.MANAGEMENT, "projects")),
        world.role_template("base", "", PODS, world.policy_rule("updatepsa", world.MANAGEMENT, "projects")),
        world.role_template("base", "", PODS, world.policy_rule("get", "", "namespaces")),
    ],
)
def test_a_rule_that_decides_what_is_seen_in_projects_touches_the_projects(changed: Object) -> None:
    found = change(Snapshot(SMALL), SMALL[6], changed)
    assert {unit.kind for unit in found} >= PLACES


def test_what_is_not_compiled_touches_nothing() -> None:
    old = SMALL[7]
    new = {**old, "description": "new", "metadata": {**old["metadata"], "labels": {"a": "b"}}}
    assert change(Snapshot(SMALL), old, new) == set()
    assert touched("ConfigMap", None, world.thing("ConfigMap", "x"), Snapshot()) == set()


def test_a_principal_that_a_user_no_longer_has_touches_the_bindings_that_name_it() -> None:
    old, new = world.user("u-x", "gh://1"), world.user("u-x")
    binding = world.in_project("x", "c1:p2", "dev", userPrincipalName="gh://1")
    assert Unit("project", "c1", "p2") in change(Snapshot([*SMALL, old, binding]), old, new)


@pytest.mark.parametrize(
    "binding",
    [
        world.in_project("x", "c1:p1", "dev", userName="u-gone"),
        world.in_project("x", "c1:p1", "base", userName="u-a"),
        world.in_project("x", "c1:p1", "gone", userName="u-a"),
        world.in_project("x", "c1:p1", "dev", userName="u-a", namespace="elsewhere"),
        world.in_project("x", "c1:gone", "dev", userName="u-a"),
    ],
)
def test_a_binding_that_gives_nothing_waits_for_no_unit(binding: Object) -> None:
    read = reading.project_binding(binding)
    assert read is not None
    assert units_of(read, Snapshot([*SMALL, binding])) == ()


FLEET_ROLES = (
    world.role_template("dev", "project", PODS, world.policy_rule("get", "", "nodes")),
    world.role_template("ops", "cluster", PODS),
)


def fleet_of_500_projects() -> list[Object]:
    objects: list[Object] = [world.cluster("local"), world.cluster("c1")]
    objects += [*FLEET_ROLES, world.user("u-all")]
    for n in range(500):
        objects += [
            world.project("c1", f"p{n}"),
            world.in_project("all", f"c1:p{n}", "dev", userName="u-all"),
            *(world.in_project(f"g{k}", f"c1:p{n}", "dev", groupName=f"g{(n + k) % 200}") for k in range(20)),
        ]
    for n in range(2000):
        objects += [world.user(f"u-{n}"), world.in_cluster(f"b{n}", "c1", "ops", userName=f"u-{n}")]
    return objects


def test_one_change_among_500_projects_2000_users_and_200_groups_compiles_in_50_ms() -> None:
    snapshot = Snapshot(fleet_of_500_projects())
    changes = {
        "project binding": world.in_project("new", "c1:p7", "dev", groupName="g-new"),
        "cluster binding": world.in_cluster("new", "c1", "ops", groupName="g-new"),
        "disabled user": world.user("u-7", enabled=False),
        "project role": world.role_template("dev", "project", PODS, world.policy_rule("get", "", "services")),
        "cluster role": world.role_template("ops", "cluster", PODS, world.policy_rule("get", "", "services")),
    }
    before = {"User": world.user("u-7"), "dev": FLEET_ROLES[0], "ops": FLEET_ROLES[1]}
    for what, obj in changes.items():
        took = []
        old = before.get(obj["kind"]) or before.get(obj["metadata"]["name"])
        for now, new in ((old, obj), (obj, old)) * 3:
            started = time.perf_counter()
            for unit in change(snapshot, now, new):
                compile_unit(unit, snapshot)
            took.append(time.perf_counter() - started)
        best = min(took) * 1000
        print(f"{what}: {best:.1f} ms")
        # The goal is 50 ms on an idle machine; the tests share theirs.
        assert best <= 100, f"{what}: {best:.1f} ms"


def test_rights_follow_from_the_kinds_that_are_read_for_them() -> None:
    assert sorted(gvr.kind for gvr in FACTS) == sorted(KINDS)
