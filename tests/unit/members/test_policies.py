"""The policies about namespaces in one cluster: made, kept exactly, told, and taken away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

import pytest
import pytest_asyncio

from drover.kinds.cluster.policies import policies
from drover.kube.errors import ApiError, Conflict, Forbidden, Invalid, NotFound
from drover.kube.gvr import POLICIES, POLICY_BINDINGS
from drover.members.desired import Part
from drover.members.policies import PolicyWriter
from drover.rules.ownership import Owner
from tests.unit.members.cluster import Cluster, quiet_caches

OWNER = Owner("Cluster.management.cattle.io", "", "edge", "uid-edge")
PART = Part(OWNER, "drover-cluster", policies=policies(OWNER, "drover", may_leave=False))
NAMESPACES = "drover-member-namespaces"
NAMES = (NAMESPACES, "drover-member-protection", "drover-member-rbac-labels")


class Writing:
    """A writer whose caches know what lies in the cluster."""

    def __init__(self) -> None:
        self.cluster = Cluster()
        self.caches = quiet_caches(self.cluster.client, guarded=True)
        self.writer = PolicyWriter(self.cluster.client, self.caches)

    @property
    def policy(self) -> dict[str, Any]:
        return self.cluster.objects[POLICIES.plural][NAMESPACES]

    def change(self, obj: dict[str, Any]) -> None:
        """Somebody changes a policy, and the watch tells of it."""
        self.caches.guards[POLICIES.kind].observe(self.cluster.put(POLICIES, obj))

    def written(self) -> list[str]:
        found, self.cluster.written = self.cluster.written, []
        return [f"{obj['kind']} {obj['metadata']['name']}" for obj in found]


@pytest_asyncio.fixture
async def writing() -> AsyncIterator[Writing]:
    yield Writing()


async def test_they_are_made_once(writing: Writing) -> None:
    assert await writing.writer.make(PART) is None
    assert sorted(writing.written()) == sorted(
        f"{gvr.kind} {name}" for gvr in (POLICIES, POLICY_BINDINGS) for name in NAMES
    )
    assert await writing.writer.make(PART) is None
    assert writing.written() == []


async def test_what_the_server_fills_in_is_no_change(writing: Writing) -> None:
    await writing.writer.make(PART)
    live = deepcopy(writing.policy)
    live["spec"]["matchConstraints"] |= {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}}
    for rule in live["spec"]["matchConstraints"]["resourceRules"]:
        rule["scope"] = "*"
    writing.change(live)
    writing.written()
    assert await writing.writer.make(PART) is None
    assert writing.written() == []


@pytest.mark.parametrize(
    "weaken",
    [
        lambda spec: spec["matchConditions"].append({"name": "never", "expression": "false"}),
        lambda spec: spec["matchConstraints"].update(namespaceSelector={"matchLabels": {"a": "b"}}),
        lambda spec: spec["matchConstraints"].update(excludeResourceRules=[{"apiGroups": ["*"]}]),
        lambda spec: spec.update(failurePolicy="Ignore"),
        lambda spec: spec["validations"].pop(),
    ],
)
async def test_an_exception_that_somebody_adds_is_taken_out_and_marks_of_others_stay(
    writing: Writing, weaken: Any
) -> None:
    await writing.writer.make(PART)
    live = deepcopy(writing.policy)
    weaken(live["spec"])
    live["metadata"]["labels"]["team"] = "theirs"
    writing.change(live)
    writing.written()
    assert await writing.writer.make(PART) is None
    assert writing.written() == [f"{POLICIES.kind} {NAMESPACES}"]
    assert writing.policy["spec"] == PART.policies[0]["spec"]
    assert writing.policy["metadata"]["labels"]["team"] == "theirs"


@pytest.mark.parametrize("labels", [{}, {"drover.dev/owner-uid": "uid-other"}])
async def test_those_of_somebody_else_are_left(writing: Writing, labels: dict[str, str]) -> None:
    foreign = {"kind": POLICIES.kind, "metadata": {"name": NAMESPACES, "labels": labels}, "spec": {}}
    if labels:
        writing.change(foreign)
    else:
        writing.cluster.put(POLICIES, foreign)
    problem = await writing.writer.make(PART)
    assert problem is not None
    assert problem.reason == "Conflict"
    assert ("drover.dev/adopt-uid: uid-other" in problem.message) == bool(labels)
    assert writing.written() == []
    assert await writing.writer.remove(PART) is None
    assert writing.policy["spec"] == {}


async def test_those_of_the_cluster_before_it_was_restored_are_taken_over(writing: Writing) -> None:
    await writing.writer.make(PART)
    writing.written()
    owner = Owner(OWNER.kind, "", "edge", "uid-new", adopts="uid-edge")
    part = Part(owner, "drover-cluster", policies=policies(owner, "drover", may_leave=False))
    assert await writing.writer.make(part) is None
    assert len(writing.written()) == 6
    assert writing.policy["metadata"]["labels"]["drover.dev/owner-uid"] == "uid-new"


@pytest.mark.parametrize(
    ("request_", "error", "reason"),
    [
        ("get", Forbidden(403, "Forbidden", "no"), "Forbidden"),
        ("create", Forbidden(403, "Forbidden", "no"), "Forbidden"),
        ("get", NotFound(404, "NotFound", "404 page not found"), "PoliciesNotServed"),
        ("create", NotFound(404, "NotFound", "404 page not found"), "PoliciesNotServed"),
        ("create", Invalid(422, "Invalid", "undeclared reference to 'isQuantity'"), "Rejected"),
    ],
)
async def test_what_stands_in_the_way_is_told(writing: Writing, request_: str, error: ApiError, reason: str) -> None:
    writing.cluster.fails[request_].append(error)
    problem = await writing.writer.make(PART)
    assert problem is not None
    assert (problem.reason, problem.terminal) == (reason, False)
    assert await writing.writer.make(PART) is None, "and tried again"


async def test_they_are_taken_away_with_their_cluster(writing: Writing) -> None:
    await writing.writer.make(PART)
    writing.cluster.fails["delete"].append(Forbidden(403, "Forbidden", "no"))
    problem = await writing.writer.remove(PART)
    assert problem is not None
    assert not writing.writer.removed(PART)
    writing.cluster.fails["delete"].append(Conflict(409, "Conflict", "changed meanwhile"))
    with pytest.raises(Conflict):
        await writing.writer.remove(PART)
    assert not writing.writer.removed(PART), "what could not be deleted is still known"
    assert await writing.writer.remove(PART) is None
    assert writing.writer.removed(PART)
    assert not writing.cluster.objects[POLICIES.plural]
    assert not writing.cluster.objects[POLICY_BINDINGS.plural]


# --- What they are ----------------------------------------------------------------------------------------------------
def test_they_know_who_drover_is_there_and_look_at_what_every_cluster_has() -> None:
    made = {
        obj["metadata"]["name"]: obj
        for obj in policies(OWNER, 'CN="x", O=ü', may_leave=False)
        if "Binding" not in obj["kind"]
    }
    assert set(made) == set(NAMES)
    for obj in made.values():
        conditions = {each["name"]: each["expression"] for each in obj["spec"]["matchConditions"]}
        assert conditions["not-drover"] == r'request.userInfo.username != "CN=\"x\", O=ü"'
        (rule,) = obj["spec"]["matchConstraints"]["resourceRules"]
        assert (rule["apiGroups"], rule["resources"][0]) in (
            ([""], "namespaces"),
            (["rbac.authorization.k8s.io"], "clusterroles"),
        )
        assert obj["metadata"]["labels"]["drover.dev/owner-uid"] == "uid-edge"


def test_leaving_is_checked_unless_that_is_switched_off() -> None:
    for may_leave, expression in ((False, "true"), (True, "false")):
        spec = policies(OWNER, "drover", may_leave=may_leave)[0]["spec"]
        assert {each["name"]: each["expression"] for each in spec["variables"]}["checksLeaving"] == expression


@pytest.mark.parametrize("user", ["", "system:anonymous"])
def test_without_a_user_there_are_none(user: str) -> None:
    assert policies(OWNER, user, may_leave=False) == ()
