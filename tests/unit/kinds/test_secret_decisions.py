"""The secrets of a Project: what goes to its member, by reference only, and what the status says."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from drover.api.keys import OWNER_UID, PROJECT_SCOPED, PROJECT_SCOPED_CLUSTER, PROJECT_SCOPED_IGNORES
from drover.kinds.hub import Hub
from drover.kinds.plan import Apply
from drover.kinds.project import ProjectKind
from drover.kinds.project.decide import decide
from drover.kinds.project.report import report
from drover.kinds.project.world import World
from drover.kube.gvr import SECRETS, Key, Object
from drover.members.desired import Desired, Part, PartState, SecretSource, Seen
from drover.rules.project_secrets import told
from drover.rules.secret_copy import Content
from tests.unit.kinds.known import known_hub
from tests.unit.kinds.worlds import being_deleted, project_world

VALUE = "aHVudGVyMg=="


def raw(name: str = "registry", namespace: str = "edge-shop", *, ignores: str = "", **more: Any) -> Object:
    """A Secret as the kube-apiserver has it."""
    labels = {PROJECT_SCOPED: "shop", PROJECT_SCOPED_CLUSTER: "edge", **more.pop("labels", {})}
    notes = {PROJECT_SCOPED_IGNORES: ignores} if ignores else {}
    metadata = {"name": name, "namespace": namespace, "uid": f"s-{name}", "resourceVersion": "7", "annotations": notes}
    return {"metadata": {**metadata, "labels": labels}, "data": {"password": VALUE}, **more}


def secret(name: str = "registry", **more: Any) -> Object:
    """The same as it is kept in the hub."""
    obj = raw(name, **more)
    return {"metadata": obj["metadata"], "version": obj["metadata"]["resourceVersion"], "content": Content(obj)}


def world(*secrets: Object, **problems: dict[str, str]) -> World:
    """A Project with secrets; `problems` by namespace."""
    seen = tuple(Seen(name, problems={"secrets": told(found)} if found else {}) for name, found in problems.items())
    state = PartState("x", namespaces=tuple(problems), seen=seen)
    return project_world(secrets=secrets, state=state, last=state)


def part(found: World) -> Part:
    given = decide(found).part
    assert given is not None
    return given


def synced(found: World) -> tuple[str, str, str]:
    seen = report(found, decide(found).finding)
    assert seen is not None
    entry = next(entry for entry in seen["conditions"] if entry["type"] == "SecretsSynced")
    return entry["status"], entry["reason"], entry["message"]


def test_a_secret_goes_to_the_member_by_reference() -> None:
    found = part(world(secret("tls", ignores="lab, dev-.*"), secret("registry")))
    assert found.secrets == (
        SecretSource("edge-shop", "registry", "s-registry", "7"),
        SecretSource("edge-shop", "tls", "s-tls", "7", ("dev-*", "lab")),
    )


def test_what_a_secret_holds_is_in_no_plan_and_no_status() -> None:
    for found in (world(secret(), web={}), world(secret(), web={"registry": "NameTaken"})):
        plan = decide(found)
        assert plan.part is not None
        desired = Desired("edge", {"uid-1": plan.part}).to_json()
        written = (repr(found), repr(plan), orjson.dumps(desired).decode(), repr(report(found, plan.finding)))
        assert not any(text in each for each in written for text in (VALUE, "hunter2"))


def test_the_cluster_is_marked_where_that_is_missing_and_what_somebody_wrote_stays() -> None:
    missing = secret(labels={PROJECT_SCOPED_CLUSTER: ""})
    plan = decide(world(missing, secret("other", labels={PROJECT_SCOPED_CLUSTER: "elsewhere"})))
    (action,) = plan.actions
    assert isinstance(action, Apply)
    assert action.gvr is SECRETS
    names = {"name": "registry", "namespace": "edge-shop", "uid": "s-registry"}
    assert action.obj["metadata"] == {**names, "labels": {PROJECT_SCOPED_CLUSTER: "edge"}}
    assert action.obj.keys() == {"apiVersion", "kind", "metadata"}
    assert plan.part is not None  # a label that is refused holds nothing up
    assert len(plan.part.secrets or ()) == 2


def test_while_secrets_are_not_known_copies_stay() -> None:
    found = project_world(secrets=None)
    assert part(found).secrets is None
    assert synced(found)[:2] == ("Unknown", "NotPermitted")
    assert part(project_world(secrets=())).secrets == ()


def test_a_project_that_ends_asks_for_the_end_of_all_copies() -> None:
    project = {**being_deleted(project_world().project)}
    found = decide(project_world(project=project, owned=(), secrets=()))
    assert found.part is not None
    assert found.part.ends


def test_the_condition_says_whether_there_is_something_to_copy() -> None:
    assert synced(world(web={})) == ("True", "NoSecrets", "")
    assert synced(world(secret(), web={})) == ("True", "Synced", "")
    blind = project_world(secrets=(secret(),), state=None, last=None)
    assert synced(blind)[:2] == ("Unknown", "Progressing")


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        ("NameTaken", "NameTaken"),
        ("OverQuota", "OverQuota"),
        ("Forbidden", "Forbidden"),
        ("Refused", "CopyRefused"),
    ],
)
def test_a_copy_that_is_not_made_is_named(problem: str, reason: str) -> None:
    found = synced(world(secret(), web={"registry": problem}, lab={}))
    assert found[:2] == ("False", reason)
    assert "web/registry" in found[2]
    assert "lab" not in found[2]


def test_at_most_three_are_named() -> None:
    names = {name: {"registry": "NameTaken"} for name in "abcde"}
    message = synced(world(secret(), **names))[2]
    assert "a/registry, b/registry, c/registry +2 more" in message


def test_a_token_of_a_service_account_is_not_copied_and_the_rest_is() -> None:
    found = world(secret("token", type="kubernetes.io/service-account-token"), secret(), web={})
    assert [source.name for source in part(found).secrets or ()] == ["registry"]
    assert synced(found)[:2] == ("False", "UnsupportedType")


def test_a_list_that_is_not_understood_is_told_and_nothing_is_done_about_its_secret() -> None:
    found = world(secret(ignores="web, (a|b)*"), web={})
    assert [source.ignores for source in part(found).secrets or ()] == [None]
    status, reason, message = synced(found)
    assert (status, reason) == ("False", "InvalidIgnoreList")
    assert message.startswith("registry has '(a|b)*'; an entry of ")


def test_several_problems_are_all_told() -> None:
    found = synced(world(secret(ignores="A"), web={"registry": "NameTaken"}))
    assert found[1] == "InvalidIgnoreList"
    assert "web/registry" in found[2]


# --- What is read ---------------------------------------------------------------------------------------------------
@pytest.fixture
async def known() -> Hub:
    """A hub with the Cluster edge, its Project shop and its backing namespace."""
    hub = await known_hub()
    hub.secrets.synced.set()
    return hub


def names(hub: Hub) -> list[str] | None:
    found = ProjectKind(hub).gather(Key("edge", "shop"))
    assert found is not None
    return None if found.secrets is None else [each["metadata"]["name"] for each in found.secrets]


async def test_only_what_lies_in_the_projects_own_namespace_and_has_its_name_counts(known: Hub) -> None:
    for obj in (
        raw("good"),
        raw("elsewhere", "default"),
        raw("foreign", "edge"),
        raw("other", labels={PROJECT_SCOPED: "bank"}),
    ):
        known.secrets.cache.observe(obj)
    assert names(known) == ["good"]


async def test_a_backing_namespace_that_is_not_the_projects_own_gives_nothing(known: Hub) -> None:
    known.secrets.cache.observe(raw())
    assert known.local is not None
    labels = {OWNER_UID: "uid-of-somebody"}
    metadata = {"name": "edge-shop", "uid": "edge-shop", "resourceVersion": "2", "labels": labels}
    known.local.caches.namespaces.observe({"metadata": metadata})
    assert names(known) == []


async def test_before_they_were_listed_and_without_the_right_they_are_not_known(known: Hub) -> None:
    known.secrets.cache.observe(raw())
    known.secrets._reflector.denied = True
    assert names(known) is None
    known.secrets._reflector.denied = False
    known.secrets.synced.clear()
    assert names(known) is None


async def test_content_is_given_for_the_secret_that_is_meant_only(known: Hub) -> None:
    known.secrets.cache.observe(raw())
    content = known.secrets.content(SecretSource("edge-shop", "registry", "s-registry", "7"))
    assert content is not None
    assert content.data == {"password": VALUE}
    assert known.secrets.content(SecretSource("edge-shop", "registry", "another", "7")) is None
    assert known.secrets.content(SecretSource("edge-shop", "gone", "s-gone", "7")) is None


async def test_what_has_changed_since_is_for_the_parts_that_know_of_it(known: Hub) -> None:
    known.secrets.cache.observe(raw())
    changed = raw()
    changed["metadata"]["resourceVersion"] = "8"
    assert known.secrets.cache.observe(changed) is not None, "each version is told: a part has to name it"
    assert known.secrets.content(SecretSource("edge-shop", "registry", "s-registry", "7")) is None
    assert known.secrets.content(SecretSource("edge-shop", "registry", "s-registry", "8")) is not None


async def test_the_answer_to_the_label_is_known_at_once(known: Hub) -> None:
    known.secrets.cache.observe(raw(labels={PROJECT_SCOPED_CLUSTER: ""}))
    answer = raw()
    answer["kind"], answer["metadata"]["resourceVersion"] = "Secret", "8"
    assert known.observe(SECRETS, answer) is not None
    assert VALUE not in repr(list(known.secrets.cache))
