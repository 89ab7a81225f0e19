"""One reconcile: gather, decide, apply, report; and what comes of failures."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from drover.kinds.plan import Absent, Apply, Confirm, Delete, Detach, Merge, Mirror, Notice, Plan, SetFinalizers
from drover.kinds.reconciler import Again
from drover.kinds.resources import CLUSTERS, PROJECTS
from drover.kube.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    NotLeading,
    ServerError,
    Unreachable,
)
from drover.kube.gvr import Key, Object
from drover.kube.queue import HIGH, LOW
from drover.members.desired import MemberState, Part, PartState
from drover.rules.findings import Finding, Terminal, Transient, Waiting
from drover.rules.ownership import Owner
from tests.unit.kinds.tiny import FINALIZER, KEY, OTHER, Scene, conditions
from tests.unit.kinds.worlds import LONG_AGO


async def test_an_object_that_is_gone_needs_nothing() -> None:
    scene = Scene()
    assert await scene.reconciler.reconcile(Key("edge", "gone")) is None
    assert scene.apiserver.writes == []


async def test_each_step_is_decided_on_what_the_one_before_made_and_the_status_comes_last() -> None:
    def decided(project: Object) -> Plan:
        if not project["metadata"].get("finalizers"):
            return Plan(actions=(FINALIZER,))
        if "labels" not in project["metadata"]:
            marked = {"metadata": {"name": "shop", "namespace": "edge", "uid": "uid-1", "labels": {}}}
            return Plan(actions=(Apply(PROJECTS, marked),))
        return Plan()

    scene = Scene(decided)
    assert await scene.reconcile() is None
    assert scene.apiserver.writes == [("merge", "projects"), ("apply", "projects"), ("status", "projects")]
    assert scene.condition("Ready") == ("True", "Reconciled")


async def test_a_settled_object_is_not_written() -> None:
    scene = Scene()
    await scene.reconcile()
    await scene.reconcile()
    assert scene.apiserver.writes == [("status", "projects")]


async def test_a_change_that_the_answer_to_a_status_shows_is_reconciled_too() -> None:
    """Its own news comes after that answer, and is old then."""
    seen: list[int] = []

    def decided(project: Object) -> Plan:
        seen.append(project["metadata"]["generation"])
        return Plan()

    scene = Scene(decided)
    apply = scene.apiserver.apply

    async def late(*args: Any, **kwargs: Any) -> Object:
        if len(seen) == 1:
            scene.apiserver.put(PROJECTS, {**scene.project, "metadata": {**scene.project["metadata"], "generation": 2}})
        return await apply(*args, **kwargs)

    scene.apiserver.apply = late  # type: ignore[method-assign]
    await scene.reconcile()
    assert seen == [1, 2]
    assert scene.project["status"]["observedGeneration"] == 2


async def test_a_status_names_the_uid_and_leaves_out_what_is_not_known() -> None:
    scene = Scene(reported=lambda found, finding: {**(conditions(found, finding) or {}), "namespaces": None})
    await scene.reconcile()
    (body,) = scene.apiserver.bodies
    assert body["metadata"] == {"name": "shop", "namespace": "edge", "uid": "uid-1"}
    assert "namespaces" not in body["status"]
    await scene.reconcile()
    assert len(scene.apiserver.bodies) == 1


async def test_a_status_that_is_not_to_be_touched_is_not() -> None:
    scene = Scene(reported=lambda _found, _finding: None)
    await scene.reconcile()
    assert scene.apiserver.writes == []


async def test_an_object_that_never_settles_comes_again_later() -> None:
    scene = Scene(lambda project: Plan(actions=(SetFinalizers((project["metadata"]["resourceVersion"],)),)))
    with pytest.raises(Again) as again:
        await scene.reconcile()
    assert again.value.seconds == 1.0
    assert set(scene.apiserver.writes) == {("merge", "projects")}


@pytest.mark.parametrize("error", [Conflict(409, "Conflict", "x"), NotFound(404, "NotFound", "x")])
async def test_what_was_read_too_early_is_read_again_and_not_told(error: Exception) -> None:
    scene = Scene(lambda _project: Plan(actions=(OTHER, FINALIZER)))
    scene.apiserver.fails = [error]
    with pytest.raises(Again) as again:
        await scene.reconcile()
    assert again.value.seconds is None
    assert scene.apiserver.writes == []


async def test_fields_are_merged_into_the_object_as_it_was_read() -> None:
    def decided(project: Object) -> Plan:
        known = project.get("spec", {}).get("displayName") == "Shop"
        return Plan() if known else Plan(actions=(Merge({"spec": {"displayName": "Shop"}}),))

    scene = Scene(decided)
    await scene.reconcile()
    assert scene.apiserver.writes == [("merge", "projects"), ("status", "projects")]
    assert scene.apiserver.bodies[0]["metadata"].keys() == {"name", "namespace", "uid", "resourceVersion"}


async def test_nothing_is_deleted_for_an_absence_that_the_server_does_not_confirm() -> None:
    plan = Plan(actions=(Absent(CLUSTERS, "edge"), Delete(PROJECTS, "shop", "edge", "uid-1")))
    scene = Scene(lambda _: plan)
    unserved = NotFound(404, "", "404 page not found")
    for fails in ([], [unserved], [Unreachable("gone")]):
        scene.apiserver.put(CLUSTERS, {"metadata": {"name": "edge"}})
        scene.apiserver.fails = [*fails]
        with pytest.raises((Again, Unreachable)):
            await scene.reconcile()
        assert scene.apiserver.writes == []
    assert scene.hub.caches[CLUSTERS].get(Key("", "edge")) is not None  # it is known from now on
    del scene.apiserver.objects[CLUSTERS, Key("", "edge")]
    assert await scene.reconcile() is None
    assert scene.apiserver.writes == [("delete", "projects")]


async def test_a_name_that_is_taken_is_looked_at_again() -> None:
    scene = Scene(lambda _project: Plan(actions=(OTHER,)))
    scene.apiserver.put(CLUSTERS, {"metadata": {"name": "other"}})
    with pytest.raises(Again):
        await scene.reconcile()
    assert "status" not in scene.project


async def test_a_right_that_lacks_is_told_and_tried_again_later() -> None:
    scene = Scene(lambda _project: Plan(actions=(OTHER,)))
    scene.apiserver.fails = [Forbidden(403, "Forbidden", "may not create clusters")]
    with pytest.raises(Again) as again:
        await scene.reconcile()
    assert again.value.seconds == 30.0
    assert scene.condition("Ready") == ("False", "Forbidden")
    assert scene.condition("Reconciling") == ("True", "Forbidden")


@pytest.mark.parametrize("error", [Invalid(422, "Invalid", "spec.x"), BadRequest(400, "BadRequest", "spec.x")])
async def test_what_the_server_refuses_stalls(error: Exception) -> None:
    scene = Scene(lambda _project: Plan(actions=(OTHER,)))
    scene.apiserver.fails = [error]
    assert await scene.reconcile() == Terminal("Rejected", "spec.x")
    assert scene.condition("Stalled") == ("True", "Rejected")


@pytest.mark.parametrize("error", [ServerError(500, "", "x"), Unreachable("x"), NotLeading("x")])
async def test_a_failure_of_the_server_is_for_the_caller(error: Exception) -> None:
    scene = Scene(lambda _project: Plan(actions=(OTHER,)))
    scene.apiserver.fails = [error]
    with pytest.raises(type(error)):
        await scene.reconcile()


async def test_what_is_waited_for_is_told_and_looked_at_again_where_it_asks_for_that() -> None:
    scene = Scene(lambda _project: Plan(finding=Waiting("X", "that", 5.0)))
    with pytest.raises(Again) as again:
        await scene.reconcile()
    assert again.value.seconds == 5.0
    assert scene.condition("Reconciling") == ("True", "X")
    assert await Scene(lambda _project: Plan(finding=Waiting("X", "that"))).reconcile() == Waiting("X", "that")


def mirrors(project: Object) -> Plan:
    """Writes a copy for readers until it is there."""
    if (project.get("spec") or {}).get("copy") == 1:
        return Plan()
    metadata = {"name": "shop", "namespace": "edge", "uid": "uid-1"}
    return Plan(mirror=Mirror(PROJECTS, {"metadata": metadata, "spec": {"copy": 1}}, "drover-copy"))


async def test_a_copy_for_readers_is_written_before_the_status_and_once() -> None:
    scene = Scene(mirrors)
    await scene.reconcile()
    await scene.reconcile()
    assert scene.apiserver.writes == [("apply", "projects"), ("status", "projects")]


@pytest.mark.parametrize(
    "error", [Conflict(409, "Conflict", "x"), Invalid(422, "Invalid", "x"), Forbidden(403, "", "x")]
)
async def test_a_copy_that_is_not_taken_is_left_and_the_status_is_written_all_the_same(error: Exception) -> None:
    scene = Scene(mirrors)
    scene.apiserver.fails = [error]
    await scene.reconcile()
    await scene.reconcile()
    assert scene.apiserver.writes == [("status", "projects")]
    assert scene.condition("Ready") == ("True", "Reconciled")


async def test_a_failure_that_a_retry_mends_is_not_told() -> None:
    scene = Scene(lambda _project: Plan(finding=Transient("x")))
    with pytest.raises(Again) as again:
        await scene.reconcile()
    assert again.value.seconds is None
    assert scene.apiserver.writes == []


async def test_the_status_of_an_object_that_is_gone_is_left() -> None:
    scene = Scene()
    scene.apiserver.fails = [NotFound(404, "NotFound", "x")]
    assert await scene.reconcile() is None
    assert scene.apiserver.writes == []


async def test_a_status_that_met_another_write_is_written_again() -> None:
    scene = Scene()
    scene.apiserver.fails = [Conflict(409, "Conflict", "x")]
    with pytest.raises(Again, match="not taken") as again:
        await scene.reconcile()
    assert again.value.seconds is None


async def test_a_status_that_is_refused_is_tried_again_after_a_while() -> None:
    scene = Scene()
    scene.apiserver.fails = [Invalid(422, "Invalid", "status.x")]
    with pytest.raises(Again, match=r"status\.x") as again:
        await scene.reconcile()
    assert again.value.seconds == 60.0


async def test_counters_are_written_at_most_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now, count, finding = [1000.0], [1], cast("list[Finding | None]", [None])
    monkeypatch.setattr("drover.kinds.reconciler.time", SimpleNamespace(monotonic=lambda: now[0]))
    scene = Scene(
        lambda _project: Plan(finding=finding[0]),
        lambda found, seen: {**(conditions(found, seen) or {}), "namespaces": count[0]},
    )
    await scene.reconcile()
    count[0], now[0] = 2, now[0] + 0.25
    with pytest.raises(Again) as again:
        await scene.reconcile()
    assert again.value.seconds == 0.75
    finding[0] = Terminal("X", "this is told at once")
    await scene.reconcile()
    assert scene.project["status"]["namespaces"] == 2
    count[0], now[0] = 3, now[0] + 1.0
    await scene.reconcile()
    assert scene.project["status"]["namespaces"] == 3


async def test_why_it_is_so_is_written_at_most_once_a_second_and_that_it_is_so_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A rollout says of how many replicas it waits for."""
    now, findings = [1000.0], cast("list[Finding]", [Waiting("X", "1 of 3"), Waiting("Y", "2 of 3"), Terminal("Y", "")])
    monkeypatch.setattr("drover.kinds.reconciler.time", SimpleNamespace(monotonic=lambda: now[0]))
    scene = Scene(lambda _project: Plan(finding=findings[0]))
    await scene.reconcile()
    del findings[0]
    with pytest.raises(Again):
        await scene.reconcile()
    assert scene.condition("Reconciling") == ("True", "X")
    now[0] += 1.0
    await scene.reconcile()
    assert scene.condition("Reconciling") == ("True", "Y")
    del findings[0]
    await scene.reconcile()
    assert scene.condition("Stalled") == ("True", "Y")
    scene.put({**scene.project, "metadata": {**scene.project["metadata"], "generation": 2}})
    await scene.reconcile()
    assert scene.project["status"]["observedGeneration"] == 2


async def test_own_writes_are_known_at_once_and_told() -> None:
    scene = Scene(lambda _project: Plan() if scene.hub.cluster("other") else Plan(actions=(OTHER,)))
    await scene.reconcile()
    assert [(gvr.plural, change.new is not None) for gvr, change in scene.told] == [
        ("clusters", True),
        ("projects", True),
    ]


async def test_an_object_that_ends_with_its_last_finalizer_is_gone_from_the_cache() -> None:
    ending = {"deletionTimestamp": "2026-01-01T11:00:00Z", "finalizers": ["drover.dev/project"]}
    scene = Scene(lambda _project: Plan(actions=(SetFinalizers(()),)), metadata=ending)
    assert await scene.reconcile() is None
    assert scene.hub.caches[PROJECTS].get(KEY) is None
    assert scene.apiserver.writes == [("merge", "projects")]


async def test_a_deletion_that_is_done_at_once_is_left_to_its_event() -> None:
    rest = [Plan(), Plan(actions=(Delete(PROJECTS, "shop", "edge", "uid-1"),))]
    scene = Scene(lambda _project: rest.pop(), lambda _found, _finding: None)
    await scene.reconcile()
    assert scene.told == []
    assert scene.hub.caches[PROJECTS].get(KEY) is not None


async def test_a_connection_that_is_to_end_ends() -> None:
    rest = [Plan(), Plan(actions=(Detach("edge"),))]
    scene = Scene(lambda _project: rest.pop())
    await scene.reconcile()
    assert scene.apiserver.writes == [("status", "projects")]


async def test_what_happened_is_told_by_an_event_about_the_object() -> None:
    rest = [Plan(), Plan(actions=(FINALIZER,), notices=(Notice("CleanupSkipped", "n" * 2000),))]
    scene = Scene(lambda _project: rest.pop())
    await scene.reconcile()
    (event,) = scene.apiserver.events
    assert (event["reason"], event["type"], len(event["note"])) == ("CleanupSkipped", "Warning", 1000)
    assert event["metadata"]["namespace"] == "edge"
    assert event["regarding"]["uid"] == "uid-1"


async def test_what_did_not_happen_is_not_told() -> None:
    scene = Scene(lambda _project: Plan(actions=(FINALIZER,), notices=(Notice("CleanupSkipped", "x"),)))
    scene.apiserver.fails = [Conflict(409, "Conflict", "x")]
    with pytest.raises(Again):
        await scene.reconcile()
    assert scene.apiserver.events == []


async def test_a_stall_is_told_once_and_an_event_that_cannot_be_written_is_left_out() -> None:
    scene = Scene(lambda _project: Plan(finding=Terminal("InvalidSpec", "do this")))
    await scene.reconcile()
    await scene.reconcile()
    assert [event["reason"] for event in scene.apiserver.events] == ["InvalidSpec"]
    again = Scene(lambda _project: Plan(finding=Terminal("InvalidSpec", "do this")))
    again.apiserver.fails = [None, Forbidden(403, "Forbidden", "no events")]
    assert await again.reconcile() == Terminal("InvalidSpec", "do this")
    assert again.apiserver.events == []


class Member:
    """A member that has dealt with a part as soon as it is waited for; `silent` never does."""

    def __init__(self, *, silent: bool = False) -> None:
        self.parts: list[Part] = []
        self.priorities: list[int] = []
        self.seen: PartState | None = None
        self.state = MemberState(connected=True)
        self._silent = silent

    def want(self, part: Part, priority: int) -> bool:
        news = part not in self.parts
        self.parts = [part]
        self.priorities.append(priority)
        return news

    async def settled(self, _uid: str, _seconds: float) -> None:
        self.seen = None if self._silent else PartState("x")

    def part_state(self, _uid: str) -> PartState | None:
        return self.seen


PART = Part(Owner("K", "edge", "shop", "uid-1"), "drover-tiny", project="edge:shop")


async def test_the_member_is_told_also_when_the_actions_fail() -> None:
    """Else it would not know of the object, and clear away what it has no part for."""
    scene = Scene(lambda _project: Plan(actions=(OTHER,), cluster="edge", part=PART))
    member = Member()
    scene.hub.fleet._members["edge"] = cast("Any", member)
    scene.apiserver.fails = [Forbidden(403, "Forbidden", "may not create clusters")]
    with pytest.raises(Again):
        await scene.reconcile()
    assert member.parts == [PART]


async def test_a_part_goes_to_its_member_and_its_state_is_decided_on() -> None:
    member = Member()
    scene = Scene(
        lambda _project: Plan(
            cluster="edge", part=PART, finding=None if member.seen is not None else Waiting("Progressing", "x")
        )
    )
    scene.hub.fleet._members["edge"] = cast("Any", member)
    assert await scene.reconcile() is None
    assert member.parts == [PART]
    assert scene.condition("Ready") == ("True", "Reconciled")
    assert scene.apiserver.writes == [("status", "projects")]


async def test_a_status_waits_for_a_member_that_is_at_work_and_not_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("drover.kinds.reconciler.time", SimpleNamespace(monotonic=lambda: now[0]))
    scene = Scene(lambda _project: Plan(cluster="edge", part=PART, finding=Waiting("Progressing", "x")))
    scene.hub.fleet._members["edge"] = cast("Any", Member(silent=True))
    with pytest.raises(Again) as again:
        await scene.reconcile()
    assert again.value.seconds == 5.0
    assert scene.apiserver.writes == []
    now[0] += 5.0
    assert await scene.reconcile() == Waiting("Progressing", "x")
    assert scene.condition("Reconciling") == ("True", "Progressing")


async def test_a_status_waits_for_what_will_soon_be_done_and_not_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(finding=Waiting("Progressing", "being written"), at_work=True)
    scene = Scene(lambda _: plan)
    with pytest.raises(Again) as again:
        await scene.reconcile()
    assert again.value.seconds == pytest.approx(5.0, abs=0.5)
    assert scene.apiserver.writes == []
    monkeypatch.setattr("drover.kinds.reconciler._PATIENCE_SECONDS", 0.0)
    await scene.reconcile()
    assert scene.condition("Ready") == ("False", "Progressing")


async def test_without_a_member_that_answers_the_status_does_not_wait() -> None:
    away = Member(silent=True)
    away.state = MemberState(connected=False)
    for members in ({}, {"edge": away}):
        scene = Scene(lambda _project: Plan(cluster="edge", part=PART, finding=Waiting("Progressing", "x")))
        scene.hub.fleet._members |= cast("Any", members)
        assert await scene.reconcile() == Waiting("Progressing", "x")


async def test_a_member_works_with_the_priority_of_the_key() -> None:
    member = Member()
    scene = Scene(lambda _project: Plan(cluster="edge", part=PART))
    scene.hub.fleet._members["edge"] = cast("Any", member)
    await scene.reconciler.reconcile(KEY, LOW)
    await scene.reconciler.reconcile(KEY, HIGH)
    assert member.priorities == [LOW, LOW, HIGH]


async def test_what_a_deletion_rests_on_is_read_past_the_caches() -> None:
    confirm = Confirm("uid-shop", CLUSTERS, "edge")
    scene = Scene(lambda _: Plan() if "uid-shop" in scene.hub.confirmed else Plan(actions=(confirm,)))
    scene.apiserver.put(CLUSTERS, {"metadata": {"name": "edge", "deletionTimestamp": LONG_AGO, "finalizers": ["x"]}})
    await scene.reconcile()
    assert scene.hub.confirmed == {"uid-shop"}
    found = scene.hub.cluster("edge")
    assert found is not None
    assert found["metadata"]["deletionTimestamp"] == LONG_AGO
