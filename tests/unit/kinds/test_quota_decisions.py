"""The quota of a Project: what is recorded, what namespaces get, and what the status says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drover.kinds.project.decide import decide
from drover.kinds.project.quota import USED_LIMIT_MANAGER
from drover.kinds.project.report import report
from drover.kinds.project.world import World
from drover.members.desired import PartState, Seen, Share
from tests.unit.kinds.worlds import obj, project_world

LIMIT = {"limitsCpu": "10"}
DEFAULT = {"limitsCpu": "4"}
QUOTA = {"resourceQuota": {"limit": LIMIT}, "namespaceDefaultResourceQuota": {"limit": DEFAULT}}


def world(
    *seen: Seen, granted: dict[str, str] | None = None, confirmed: bool = True, spec: dict[str, Any] | None = None
) -> World:
    """A Project with a quota; `granted` is what the status has recorded of `limitsCpu` by namespace."""
    entries = [{"namespace": name, "limit": {"limitsCpu": value}} for name, value in (granted or {}).items()]
    project = obj(
        "Project",
        "shop",
        "edge",
        metadata={"finalizers": ["drover.dev/project"]},
        spec={"clusterName": "edge", **(QUOTA if spec is None else spec)},
        status={"namespaceQuotas": entries},
    )
    last = PartState("x", namespaces=tuple(each.namespace for each in seen), seen=seen)
    return project_world(project=project, state=last if confirmed else None, last=last)


def shares(found: World) -> dict[str, Share]:
    part = decide(found).part
    assert part is not None
    return {share.namespace: share for share in part.shares}


def status(found: World) -> dict[str, Any]:
    seen = report(found, decide(found).finding)
    assert seen is not None
    return seen


def healthy(found: World) -> tuple[str, str, str]:
    entry = next(entry for entry in status(found)["conditions"] if entry["type"] == "QuotaHealthy")
    return entry["status"], entry["reason"], entry["message"]


def test_a_grant_is_recorded_before_the_namespace_has_it() -> None:
    first = world(Seen("web"))
    assert shares(first) == {}
    assert decide(first).records
    assert status(first)["namespaceQuotas"] == [{"namespace": "web", "limit": {"limitsCpu": "4"}}]
    assert status(first)["usedLimit"] == {"limitsCpu": "4"}
    then = world(Seen("web"), granted={"web": "4"})
    assert shares(then) == {"web": Share("web", {"limitsCpu": "4"})}
    assert not decide(then).records


def test_labels_wait_for_shares_only_where_there_will_be_some() -> None:
    for spec, shared in ((QUOTA, True), ({"containerDefaultResourceLimit": {"limitsCpu": "1"}}, True), ({}, False)):
        part = decide(world(Seen("web"), spec=spec)).part
        assert part is not None
        assert part.shared is shared


def test_without_a_quota_a_namespace_has_a_share_only_to_take_something_off_or_for_its_own_limits() -> None:
    assert shares(world(Seen("web"), spec={})) == {}
    assert shares(world(Seen("web", labelled=True), spec={})) == {"web": Share("web")}
    own = Seen("web", container='{"limitsCpu": "1"}')
    assert shares(world(own, spec={})) == {"web": Share("web", container={"limitsCpu": "1"})}


def test_a_refusal_is_on_the_namespace_and_on_the_project() -> None:
    found = world(Seen("lab", request='{"limit": {"limitsCpu": "100"}}'), granted={"lab": "0"})
    assert shares(found)["lab"].refused == "Oversubscribed resource quota [limitsCpu=100]"
    assert healthy(found) == ("False", "QuotaRefused", "lab: Oversubscribed resource quota [limitsCpu=100]")


def test_what_is_not_understood_is_told_and_the_default_holds() -> None:
    found = world(Seen("lab", request="{", held={"limitsCpu": "4"}), granted={"lab": "4"})
    assert shares(found)["lab"].quota == {"limitsCpu": "4"}
    assert healthy(found)[:2] == ("False", "QuotaRefused")


def test_what_the_member_refuses_is_told() -> None:
    found = world(Seen("web", problems={"quota": "ResourceQuota web/default-quota exists"}), granted={"web": "4"})
    assert healthy(found) == ("False", "QuotaRefused", "web: ResourceQuota web/default-quota exists")


def test_a_limit_below_what_was_granted_is_told_and_nothing_is_taken_away() -> None:
    lower = {
        "resourceQuota": {"limit": {"limitsCpu": "3"}},
        "namespaceDefaultResourceQuota": {"limit": {"limitsCpu": "1"}},
    }
    found = world(
        Seen("web", '{"limit": {"limitsCpu": "4"}}', held={"limitsCpu": "4"}), granted={"web": "4"}, spec=lower
    )
    assert healthy(found)[:2] == ("False", "LimitBelowUse")
    assert shares(found)["web"].quota == {"limitsCpu": "4"}


def test_more_than_three_refusals_are_counted() -> None:
    names = ("a", "b", "c", "d", "e")
    seen = (Seen(name, request='{"limit": {"limitsCpu": "100"}}') for name in names)
    assert healthy(world(*seen, granted=dict.fromkeys(names, "0")))[2].endswith("+2 more")


def test_nothing_is_recorded_while_the_namespaces_are_not_known() -> None:
    blind = project_world(project=world(granted={"web": "4"}).project, state=None, last=None)
    assert not decide(blind).records
    assert status(blind)["namespaceQuotas"] == [{"namespace": "web", "limit": {"limitsCpu": "4"}}]
    assert healthy(blind)[0] == "Unknown"


def test_a_namespace_that_left_counts_until_it_holds_nothing_any_more() -> None:
    left = Seen("web", held={"limitsCpu": "4"}, member=False)
    assert status(world(left, granted={"web": "4"}))["usedLimit"] == {"limitsCpu": "4"}
    assert status(world(granted={"web": "4"}))["usedLimit"] is None


def test_the_sum_is_mirrored_in_the_spec_where_a_setting_asks_for_it() -> None:
    found = world(Seen("web", held={"limitsCpu": "4"}), granted={"web": "4"})
    assert decide(found).mirror is None
    asked = decide(replace(found, mirrors=True)).mirror
    assert asked is not None
    assert (asked.obj["spec"], asked.manager) == (
        {"resourceQuota": {"usedLimit": {"limitsCpu": "4"}}},
        USED_LIMIT_MANAGER,
    )
    assert asked.obj["metadata"] == {"name": "shop", "namespace": "edge", "uid": "uid-1"}


def test_a_mirror_that_shows_the_sum_is_left_and_one_of_nothing_is_taken_out() -> None:
    spec = {**QUOTA, "resourceQuota": {"limit": LIMIT, "usedLimit": {"limitsCpu": "4"}}}
    same = world(Seen("web", held={"limitsCpu": "4"}), granted={"web": "4"}, spec=spec)
    assert decide(replace(same, mirrors=True)).mirror is None
    gone = decide(replace(world(spec=spec), mirrors=True)).mirror
    assert gone is not None
    assert "spec" not in gone.obj


def test_a_healthy_quota_says_so() -> None:
    assert healthy(world(Seen("web", held=DEFAULT), granted={"web": "4"})) == ("True", "Granted", "")
    assert healthy(world(spec={}))[:2] == ("True", "NoQuota")
