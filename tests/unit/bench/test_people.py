"""A fleet with people, and the fewest writes for them."""

from __future__ import annotations

from collections import Counter

import pytest
from bench.everyone import questions
from bench.minimum import Minimum
from bench.people import Fleet

from drover.rules.rbac.snapshot import Snapshot
from tests.unit.rules.rbac import world

FLEET = Fleet()


def test_every_user_gets_a_role_in_a_project_and_one_in_another_cluster() -> None:
    bindings = list(FLEET.bindings())
    assert len(bindings) == 2 * FLEET.users
    clusters = {user: {each.cluster for each in bindings if each.user == user} for user in FLEET.people}
    assert {len(found) for found in clusters.values()} == {2}


def test_the_bindings_are_spread_over_projects_and_clusters() -> None:
    found = list(FLEET.bindings())
    projects = Counter(each.manifest["projectName"] for each in found if each.namespaces)
    clusters = Counter(each.cluster for each in found if not each.namespaces)
    assert max(projects.values()) == 1
    assert len(clusters) == FLEET.members
    assert max(clusters.values()) - min(clusters.values()) <= 1


def test_the_formula_counts_people_on_average() -> None:
    # 32·20 + 50 + 2·2.5·20 + 8·100 + 5·0.6
    assert FLEET.formula == pytest.approx(1593)


def test_every_namespace_and_cluster_is_asked_about_for_everybody() -> None:
    small = Fleet(servers=1, members=2, projects=3, namespaces_each=2, users=2, groups=1)
    asked = list(questions(small))
    assert {each.user for each in asked} == set(small.people)
    named = {each.request.namespace for each in asked if each.project}
    assert named == {name for _, project in small.all_projects() for name in small.namespaces(project)}
    assert {each.cluster for each in asked} == {"local", *small.clusters}
    assert len(asked) == len(set(asked)) == 2 * (3 * (2 * 3 + 2) + 2 * (4 + 2))


def _minimum() -> Minimum:
    rule = world.policy_rule("get", "", "pods")
    objects = [
        world.cluster("local"),
        world.cluster("c1"),
        world.project("c1", "p1"),
        *(world.user(name) for name in ("u-a", "u-b")),
        world.role_template("dev", "project", rule),
    ]
    return Minimum(Snapshot(objects), lambda _project: ("n1", "n2", "n3"))


def test_another_person_in_a_project_is_a_change_of_what_is_there() -> None:
    minimum = _minimum()
    first = minimum.given(world.in_project("one", "c1:p1", "dev", userName="u-a"))
    second = minimum.given(world.in_project("two", "c1:p1", "dev", userName="u-b"))
    # A RoleBinding in each namespace, who sees the Cluster, who sees the Project, and the binding's own status.
    assert second == 3 + 1 + 1 + 1
    assert first > second


def test_what_was_given_is_taken_by_as_many_writes_without_the_status() -> None:
    minimum = _minimum()
    binding = world.in_project("one", "c1:p1", "dev", userName="u-a")
    given = minimum.given(binding)
    assert minimum.taken(binding) == given - 1


def test_a_binding_to_no_role_asks_for_its_status_only() -> None:
    assert _minimum().given(world.in_project("one", "c1:p1", "other", userName="u-a")) == 1
