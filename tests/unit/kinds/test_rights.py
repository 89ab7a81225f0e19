"""What changes in the hub is compiled by the leader and told to the members: what is wanted, what is not any more."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import pytest
import pytest_asyncio

from drover.kinds import rights
from drover.kinds.resources import CLUSTER_BINDINGS, CLUSTERS, ROLE_TEMPLATES, SETTINGS, USERS
from drover.kinds.rights import Rights
from drover.kube.cache import Change
from drover.kube.gvr import GVR, Key, Object, key_of
from drover.members.desired import MemberState, Part, PartState, Problem
from drover.members.fleet import Fleet
from drover.rules.rbac.compiling import compile_unit
from drover.rules.rbac.facts import Facts
from drover.rules.rbac.units import Compiled, Unit

ROLE = Unit("role", "edge", "reader")
MEMBERS = Unit("cluster-members", "local", "edge")
WAITER = (CLUSTER_BINDINGS, Key("edge", "b"))


class Member:
    """A member that takes parts, and deals with them when it is told to."""

    def __init__(self, cluster: str) -> None:
        self.cluster = cluster
        self.state = MemberState(connected=True)
        self.rights_complete = False
        self.parts: dict[str, Part] = {}
        self.states: dict[str, PartState] = {}

    def want(self, part: Part, _priority: int) -> bool:
        if self.parts.get(part.key) == part and part.key in self.states:
            return False
        self.parts[part.key] = part
        self.states.pop(part.key, None)
        return True

    def drop(self, key: str) -> None:
        self.parts.pop(key, None)
        self.states.pop(key, None)

    def know_all_rights(self) -> None:
        self.rights_complete = True

    def part_state(self, key: str) -> PartState | None:
        return self.states.get(key) if self.state.connected else None


class Running:
    """The rights of a hub with two clusters, and what was woken."""

    def __init__(self, linger: float = 60.0) -> None:
        self.members = {name: Member(name) for name in ("local", "edge")}
        self.rights = Rights(cast("Fleet", cast("Any", self.members)), linger=linger)
        self.woken: list[tuple[GVR, Key]] = []
        self.rights.wake = lambda gvr, key, _priority: self.woken.append((gvr, key))
        self._known: dict[tuple[str, Key], Object] = {}
        self._versions = 0

    def put(self, gvr: GVR, name: str, namespace: str = "", *, uid: str = "", **content: Any) -> None:
        """An object comes about, or changes."""
        metadata = {"name": name, "uid": uid or f"uid-{name}"} | ({"namespace": namespace} if namespace else {})
        metadata |= content.pop("metadata", {})
        new = {"apiVersion": gvr.api_version, "kind": gvr.kind, "metadata": metadata, **content}
        key = key_of(new)
        old = self._known.get((gvr.kind, key))
        self._known[gvr.kind, key] = new
        self.rights.object_changed(gvr, Change(key, old, new))

    def remove(self, gvr: GVR, name: str, namespace: str = "") -> None:
        """An object goes."""
        key = Key(namespace, name)
        self.rights.object_changed(gvr, Change(key, self._known.pop((gvr.kind, key)), None))

    async def compiled(self) -> None:
        """Everything is compiled."""
        async with asyncio.timeout(10.0):
            while not self.rights.idle:  # noqa: ASYNC110 - nothing tells of that
                await asyncio.sleep(0)
        await asyncio.sleep(0)

    def answer(self, cluster: str, problem: Problem | None = None) -> None:
        """A member deals with all of its parts."""
        member = self.members[cluster]
        for key in list(member.parts):
            member.states[key] = PartState("", problem=problem)
            self.rights.part_changed(cluster, key)

    def units(self, cluster: str) -> list[str]:
        """The units of the parts that a member has."""
        return sorted(part.unit for part in self.members[cluster].parts.values())

    def subjects(self) -> list[str]:
        """Who has the role in the cluster."""
        (part,) = (part for part in self.members["edge"].parts.values() if part.unit == "role/reader")
        return [subject["name"] for obj in part.rights for subject in obj.get("subjects", ())]


def fill(running: Running) -> None:
    """Two clusters, a role, a user who has it in one of them."""
    for name in ("local", "edge"):
        running.put(CLUSTERS, name)
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
    running.put(ROLE_TEMPLATES, "reader", context="cluster", rules=[rule])
    running.put(USERS, "ann")
    running.put(CLUSTER_BINDINGS, "b", "edge", clusterName="edge", roleTemplateName="reader", userName="ann")


@pytest_asyncio.fixture
async def running(request: pytest.FixtureRequest) -> AsyncIterator[Running]:
    running = Running(*getattr(request, "param", ()))
    fill(running)
    task = asyncio.create_task(running.rights.lead())
    await asyncio.sleep(0)
    await running.compiled()
    yield running
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


hasty = pytest.mark.parametrize("running", [(0.2,)], ids=["hasty"], indirect=True)
"""Roles that nobody has stay for a moment."""


async def test_a_standby_compiles_nothing_and_says_that_nothing_is_known() -> None:
    standby = Running()
    fill(standby)
    assert standby.units("edge") == []
    state = standby.rights.state(ROLE, WAITER)
    assert not state.answered
    standby.rights.tell(cast("Any", standby.members["edge"]))
    assert not standby.members["edge"].rights_complete


async def test_at_the_start_every_unit_is_told_to_its_member(running: Running) -> None:
    assert running.units("edge") == ["role/reader"]
    assert running.units("local") == ["cluster-members/edge"]
    assert set(running.subjects()) == {"ann"}


async def test_a_member_knows_all_of_its_rights_once_all_are_compiled(running: Running) -> None:
    member = running.members["edge"]
    running.put(USERS, "ann", enabled=False)
    running.rights.tell(cast("Any", member))
    assert not member.rights_complete
    await running.compiled()
    running.rights.tell(cast("Any", member))
    assert member.rights_complete


async def test_a_unit_that_cannot_be_compiled_keeps_its_member_from_taking_anything_away(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(rights, "compile_unit", broken)
        running.put(USERS, "ann", enabled=False)
        await asyncio.sleep(0.05)
        running.rights.tell(cast("Any", running.members["edge"]))
        assert not running.members["edge"].rights_complete
        assert set(running.subjects()) == {"ann"}
    await running.compiled()
    running.rights.tell(cast("Any", running.members["edge"]))
    assert running.members["edge"].rights_complete


async def test_a_change_is_told_at_once_and_one_that_is_about_something_else_is_not(running: Running) -> None:
    running.answer("edge")
    running.put(USERS, "bob")
    assert running.rights.idle
    running.put(CLUSTER_BINDINGS, "c", "edge", clusterName="edge", roleTemplateName="reader", userName="bob")
    assert not running.rights.state(ROLE).answered
    await running.compiled()
    assert set(running.subjects()) == {"ann", "bob"}
    assert not running.rights.state(ROLE).answered
    running.answer("edge")
    assert running.rights.state(ROLE).answered


async def test_what_many_new_bindings_share_is_compiled_some_times_a_second_and_what_is_urgent_at_once(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights, "_SHARED_SECONDS", 1.0)
    compiled: list[Unit] = []

    def counted(unit: Unit, facts: Facts) -> Compiled:
        compiled.append(unit)
        return compile_unit(unit, facts)

    monkeypatch.setattr(rights, "compile_unit", counted)
    for number in range(20):
        running.put(USERS, f"u{number}")
        binding = {"clusterName": "edge", "roleTemplateName": "reader", "userName": f"u{number}"}
        running.put(CLUSTER_BINDINGS, f"c{number}", "edge", **binding)
        await asyncio.sleep(0.01)
    await running.compiled()
    assert compiled.count(ROLE) == 20
    assert 1 <= compiled.count(MEMBERS) <= 4
    (members,) = running.members["local"].parts.values()
    assert {f"u{number}" for number in range(20)} <= {
        subject["name"] for obj in members.rights for subject in obj.get("subjects", ())
    }


async def test_what_is_taken_away_does_not_wait_for_what_many_share(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.put(USERS, "bob")
    running.put(CLUSTER_BINDINGS, "c", "edge", clusterName="edge", roleTemplateName="reader", userName="bob")
    await running.compiled()
    monkeypatch.setattr(rights, "_SHARED_SECONDS", 60.0)
    running.remove(CLUSTER_BINDINGS, "c", "edge")
    await running.compiled()
    (members,) = running.members["local"].parts.values()
    assert "bob" not in {subject["name"] for obj in members.rights for subject in obj.get("subjects", ())}


def kinds(member: Member) -> set[str]:
    return {obj["kind"] for part in member.parts.values() for obj in part.rights}


@hasty
async def test_the_last_binding_that_goes_is_gone_at_once_and_its_roles_a_while_later(running: Running) -> None:
    running.remove(CLUSTER_BINDINGS, "b", "edge")
    await running.compiled()
    assert kinds(running.members["edge"]) == {"ClusterRole"}
    await asyncio.sleep(0.3)
    await running.compiled()
    assert running.units("edge") == []
    assert running.rights.state(ROLE).answered


@hasty
async def test_roles_that_nobody_has_go_in_time_also_where_something_else_has_brought_them_up_meanwhile(
    running: Running,
) -> None:
    running.remove(CLUSTER_BINDINGS, "b", "edge")
    await running.compiled()
    await asyncio.sleep(0.1)
    rule = {"apiGroups": [""], "resources": ["services"], "verbs": ["get"]}
    running.put(ROLE_TEMPLATES, "reader", context="cluster", rules=[rule])
    await running.compiled()
    await asyncio.sleep(0.3)
    await running.compiled()
    assert running.units("edge") == []


@hasty
async def test_labels_that_add_up_roles_of_others_stay_as_long(running: Running) -> None:
    running.put(ROLE_TEMPLATES, "view", context="cluster", external=True)
    running.put(ROLE_TEMPLATES, "reader", context="cluster", rules=[], roleTemplateNames=["view"])
    await running.compiled()
    marks = [part.aggregated for part in running.members["edge"].parts.values() if part.aggregated]
    assert [list(each) for each in marks] == [["view"]]
    running.remove(CLUSTER_BINDINGS, "b", "edge")
    await running.compiled()
    assert [part.aggregated for part in running.members["edge"].parts.values() if part.aggregated] == marks
    await asyncio.sleep(0.3)
    await running.compiled()
    assert running.units("edge") == []


async def test_labels_that_add_up_a_role_go_with_the_role_template_that_needs_them(running: Running) -> None:
    running.put(ROLE_TEMPLATES, "view", context="cluster", external=True)
    running.put(ROLE_TEMPLATES, "reader", context="cluster", rules=[], roleTemplateNames=["view"])
    await running.compiled()
    running.remove(CLUSTER_BINDINGS, "b", "edge")
    await running.compiled()
    assert [list(part.aggregated) for part in running.members["edge"].parts.values()] == [["view"]]
    running.remove(ROLE_TEMPLATES, "reader")
    await running.compiled()
    assert [list(part.aggregated) for part in running.members["edge"].parts.values()] == [[]]


def end(running: Running, name: str) -> None:
    """A Cluster is being deleted."""
    running.put(CLUSTERS, name, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})


@pytest.mark.parametrize("how", [end, lambda running, name: running.remove(CLUSTERS, name)], ids=["ends", "is gone"])
@pytest.mark.parametrize("unused", [False, True], ids=["used", "unused"])
async def test_nothing_stays_in_a_cluster_that_is_being_deleted(
    running: Running, how: Callable[[Running, str], None], unused: bool
) -> None:
    running.put(ROLE_TEMPLATES, "view", context="cluster", external=True)
    running.put(ROLE_TEMPLATES, "reader", context="cluster", rules=[], roleTemplateNames=["view"])
    await running.compiled()
    if unused:
        running.remove(CLUSTER_BINDINGS, "b", "edge")
        await running.compiled()
    assert [list(part.aggregated) for part in running.members["edge"].parts.values()] == [["view"]]
    how(running, "edge")
    await running.compiled()
    assert running.units("edge") == []


async def test_roles_that_are_used_again_in_time_are_not_made_again(running: Running) -> None:
    before = {key: part.rights for key, part in running.members["edge"].parts.items()}
    running.remove(CLUSTER_BINDINGS, "b", "edge")
    await running.compiled()
    running.put(CLUSTER_BINDINGS, "b", "edge", clusterName="edge", roleTemplateName="reader", userName="ann")
    await running.compiled()
    assert {key: part.rights for key, part in running.members["edge"].parts.items()} == before


async def test_a_role_that_was_made_again_is_another_part(running: Running) -> None:
    (before,) = running.members["edge"].parts
    running.remove(ROLE_TEMPLATES, "reader")
    running.put(ROLE_TEMPLATES, "reader", uid="uid-again", context="cluster", rules=[])
    await running.compiled()
    (after,) = running.members["edge"].parts
    assert (before, after) == ("uid-reader/role/reader", "uid-again/role/reader")


async def test_a_member_that_comes_later_gets_what_was_compiled_for_it(running: Running) -> None:
    running.members["edge"] = later = Member("edge")
    running.rights.tell(cast("Any", later))
    assert running.units("edge") == ["role/reader"]
    assert later.rights_complete


async def test_who_waits_is_woken_once_the_member_has_dealt_with_it(running: Running) -> None:
    assert running.rights.state(ROLE, WAITER).answered is False
    running.woken.clear()
    running.answer("edge")
    assert running.woken == [WAITER]
    assert running.rights.state(ROLE, WAITER).answered
    running.answer("edge")
    assert running.woken == [WAITER]


async def test_who_waits_for_a_unit_that_is_compiled_anew_is_woken_only_then(running: Running) -> None:
    assert running.rights.state(ROLE, WAITER).answered is False
    running.woken.clear()
    running.put(CLUSTER_BINDINGS, "c", "edge", clusterName="edge", roleTemplateName="reader", userName="bob")
    running.answer("edge")
    assert running.woken == []
    await running.compiled()
    running.answer("edge")
    assert running.woken == [WAITER]


async def test_a_problem_and_a_member_that_is_lost_wake_the_bindings_concerned(running: Running) -> None:
    running.answer("edge")
    running.woken.clear()
    running.answer("edge", Problem("Forbidden", "no"))
    assert running.woken == [WAITER]
    running.answer("edge", Problem("Forbidden", "no"))
    assert running.woken == [WAITER]
    running.answer("edge")
    assert running.woken == [WAITER] * 2
    member = running.members["edge"]
    member.state = MemberState(connected=False)
    for key in member.parts:
        assert running.rights.part_changed("edge", key)
    assert running.woken == [WAITER] * 3
    state = running.rights.state(ROLE)
    assert (state.connected, state.answered) == (False, False)


async def test_parts_of_others_are_none_of_the_rights(running: Running) -> None:
    assert not running.rights.part_changed("edge", "uid-project")


async def test_a_binding_for_each_subject_is_compiled_where_the_setting_says_so(running: Running) -> None:
    running.answer("edge")
    running.rights.for_each_subject(wanted=True)
    await running.compiled()
    (part,) = running.members["edge"].parts.values()
    names = [obj["metadata"]["name"] for obj in part.rights if obj["kind"] == "ClusterRoleBinding"]
    assert [name[:4] for name in names] == ["crb-"]


async def test_objects_of_other_groups_and_kinds_touch_nothing(running: Running) -> None:
    other = GVR("provisioning.cattle.io", "v1", "clusters", "Cluster")
    running.put(other, "edge", "fleet-default")
    running.put(SETTINGS, "server-url")
    assert running.rights.idle
    running.remove(other, "edge", "fleet-default")
    assert running.units("edge") == ["role/reader"]
