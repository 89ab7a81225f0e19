"""Cover of rules: what is granted against what is had, one verb, group, resource and name at a time."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drover.rules.rbac.cover import MOST, Owned, TooMany, UnitRule, listed, uncovered, units
from drover.rules.rbac.facts import Rule

VERBS = ("get", "create", "*")
GROUPS = ("", "apps", "*")
RESOURCES = ("pods", "pods/log", "nodes/log", "*/log", "*")
NAMES = ("a", "b")
URLS = ("/healthz", "/healthz/*", "/metrics", "*")


def some(values: tuple[str, ...], least: int = 1) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=3, unique=True).map(tuple)


of_resources = st.builds(Rule, some(VERBS), some(GROUPS), some(RESOURCES), some(NAMES, 0))
of_urls = st.builds(lambda verbs, urls: Rule(verbs, urls=urls), some(VERBS), some(URLS))
rules = st.lists(st.one_of(of_resources, of_urls), max_size=4)

REQUESTS = [
    (verb, group, resource, name)
    for verb, group, resource, name in product(
        ("get", "create", "list"), ("", "apps", "batch"), ("pods", "pods/log", "nodes/log", "jobs"), ("", "a", "b", "c")
    )
]
PATHS = [(verb, path) for verb in ("get", "post") for path in ("/healthz", "/healthz/etcd", "/metrics", "/version")]


def allows(rule: Rule, verb: str, group: str, resource: str, name: str) -> bool:
    """As Kubernetes' RBAC authorizer says it."""
    _, slash, sub = resource.partition("/")
    names = {resource, "*"} | ({f"*/{sub}"} if slash else set())
    return (
        not rule.urls
        and bool({verb, "*"} & set(rule.verbs))
        and bool({group, "*"} & set(rule.api_groups))
        and bool(names & set(rule.resources))
        and (not rule.resource_names or name in rule.resource_names)
    )


def allows_path(rule: Rule, verb: str, path: str) -> bool:
    """As Kubernetes' RBAC authorizer says it."""
    return bool({verb, "*"} & set(rule.verbs)) and any(
        url == path or (url.endswith("*") and path.startswith(url[:-1])) for url in rule.urls
    )


@settings(max_examples=800, deadline=None)
@given(granted=rules, owned=rules)
def test_who_covers_all_rules_may_do_whatever_they_allow(granted: list[Rule], owned: list[Rule]) -> None:
    if uncovered(granted, owned):
        return
    for request in REQUESTS:
        if any(allows(rule, *request) for rule in granted):
            assert any(allows(rule, *request) for rule in owned), request
    for path in PATHS:
        if any(allows_path(rule, *path) for rule in granted):
            assert any(allows_path(rule, *path) for rule in owned), path


@settings(max_examples=200, deadline=None)
@given(granted=rules)
def test_everybody_covers_what_they_have_and_nobody_with_nothing_covers_anything(granted: list[Rule]) -> None:
    assert uncovered(granted, granted) == ()
    assert uncovered(granted, ()) == units(granted)


@settings(max_examples=200, deadline=None)
@given(granted=rules, owned=rules, more=rules)
def test_more_rights_never_lack_more(granted: list[Rule], owned: list[Rule], more: list[Rule]) -> None:
    assert set(uncovered(granted, owned + more)) <= set(uncovered(granted, owned))


def test_all_objects_are_not_covered_by_names_not_even_by_the_empty_one() -> None:
    granted = [Rule(("get",), ("",), ("secrets",))]
    assert uncovered(granted, [Rule(("get",), ("",), ("secrets",), ("a",))])
    assert uncovered(granted, [Rule(("get",), ("",), ("secrets",), ("",))])


def test_a_group_is_part_of_the_comparison() -> None:
    granted = [Rule(("create",), ("apps.catalog.cattle.io",), ("apps",))]
    assert uncovered(granted, [Rule(("*",), ("apps",), ("*",)), Rule(("*",), ("",), ("*",))])


def test_a_star_is_covered_by_a_star_only() -> None:
    everything = Rule(("*",), ("*",), ("*",))
    listing = Rule(("get", "list", "create"), ("", "apps"), ("pods", "deployments"))
    assert uncovered([everything], [listing])
    assert not uncovered([listing], [everything])


def test_rules_that_multiply_to_too_many_rights_are_refused_at_once() -> None:
    words = tuple(str(number) for number in range(3000))
    with pytest.raises(TooMany):
        units([Rule(words, words, words, words)])
    with pytest.raises(TooMany):
        units(Rule(("get",), ("",), (f"r{number}",)) for number in range(MOST + 1))


def test_an_owner_rule_without_resources_covers_nothing() -> None:
    assert not Owned([Rule(("*",), ("*",))]).cover(UnitRule("", "pods", "", "", "get"))


def test_lacking_rights_are_told_by_what_they_are_about() -> None:
    lacking = units(
        [
            Rule(("create", "delete"), ("apps",), ("deployments",)),
            Rule(("get",), ("",), ("secrets",), ("ca",)),
            Rule(("get",), urls=("/metrics",)),
        ]
    )
    assert listed(lacking) == 'get /metrics; get secrets "ca"; create, delete deployments.apps'


def test_of_many_lacking_rights_about_twenty_are_told() -> None:
    lacking = units([Rule(("get", "list", "watch"), ("",), tuple(f"r{number:02}" for number in range(30)))])
    text = listed(lacking)
    assert text.count("get") == 7
    assert text.endswith("; +70 more")
    assert listed(lacking, more=True).endswith("; 70 or more others")
    assert listed(lacking[:2], more=True).endswith("; and more")
