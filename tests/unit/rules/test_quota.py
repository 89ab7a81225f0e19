"""Quotas of a project: the recorded grants never exceed the limit, and what fits is granted in the end."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drover.kube.quantity import quantity
from drover.rules import quota
from drover.rules.quota import Claim, Limits, ruling, wish


def number(text: str | None) -> Decimal:
    return quantity(text or "0") or Decimal(0)


def alone(claim: Claim, limit: Limits, default: Limits | None, *, confirmed: bool = True) -> tuple[Limits, str]:
    made = ruling(limit, default, [claim], confirmed=confirmed)
    return made.grants.get(claim.namespace, {}), made.refused.get(claim.namespace, "")


LIMIT = {"limitsCpu": "10", "pods": "20"}
DEFAULT = {"limitsCpu": "2", "pods": "5"}


def test_a_namespace_that_asks_for_nothing_has_the_default() -> None:
    assert alone(Claim("a"), LIMIT, DEFAULT) == (DEFAULT, "")


def test_invariant_7_what_it_asks_for_counts_only_for_keys_of_the_default() -> None:
    assert alone(Claim("a", {"limitsCpu": "3", "secrets": "9"}), LIMIT, DEFAULT)[0] == {"limitsCpu": "3", "pods": "5"}


def test_invariant_7_a_negative_amount_is_zero_and_refused() -> None:
    granted, told = alone(Claim("a", {"limitsCpu": "-3"}), LIMIT, DEFAULT)
    assert granted["limitsCpu"] == "0"
    assert told == "Negative resource quota [limitsCpu=-3]"


def test_a_new_namespace_that_asks_for_too_much_has_zero_of_that() -> None:
    assert alone(Claim("a", {"limitsCpu": "11"}), LIMIT, DEFAULT) == (
        {"limitsCpu": "0", "pods": "5"},
        "Oversubscribed resource quota [limitsCpu=11]",
    )


def test_one_that_has_a_quota_keeps_it_when_it_asks_for_too_much() -> None:
    claim = Claim("a", {"limitsCpu": "11", "pods": "1"}, granted=DEFAULT, held=DEFAULT)
    assert alone(claim, LIMIT, DEFAULT) == (DEFAULT, "Oversubscribed resource quota [limitsCpu=11]")


def test_a_refused_giant_does_not_stand_in_the_way_of_others() -> None:
    made = ruling(LIMIT, DEFAULT, [Claim("giant", {"limitsCpu": "100"}), Claim("small")], confirmed=True)
    assert made.grants["small"] == DEFAULT
    assert set(made.refused) == {"giant"}


def test_who_was_granted_something_comes_before_who_is_new() -> None:
    claims = [Claim("a", {"limitsCpu": "9"}), Claim("b", {"limitsCpu": "8"}, DEFAULT, DEFAULT)]
    made = ruling(LIMIT, DEFAULT, claims, confirmed=True)
    assert (made.grants["b"]["limitsCpu"], made.grants["a"]["limitsCpu"]) == ("8", "0")


def test_a_grant_is_taken_back_only_when_the_quota_was_seen_to_be_smaller() -> None:
    for held, confirmed, granted in (("2", True, "2"), ("1", False, "2"), ("1", True, "1")):
        claim = Claim("a", {"limitsCpu": "1"}, DEFAULT, {**DEFAULT, "limitsCpu": held})
        assert alone(claim, LIMIT, DEFAULT, confirmed=confirmed)[0]["limitsCpu"] == granted


def test_what_one_gives_back_goes_to_another_only_then() -> None:
    small = Claim("small", {"limitsCpu": "0"}, {"limitsCpu": "8"}, {"limitsCpu": "8"})
    grows = Claim("grows", {"limitsCpu": "6"}, {"limitsCpu": "2"}, {"limitsCpu": "2"})
    first = ruling(LIMIT, {"limitsCpu": "1"}, [grows, small], confirmed=True)
    assert (first.grants["grows"]["limitsCpu"], first.refused) == ("2", {})
    given_back = Claim("small", {"limitsCpu": "0"}, {"limitsCpu": "8"}, {"limitsCpu": "0"})
    then = ruling(LIMIT, {"limitsCpu": "1"}, [grows, given_back], confirmed=True)
    assert {name: grant["limitsCpu"] for name, grant in then.grants.items()} == {"grows": "6", "small": "0"}


def test_who_left_counts_until_its_quota_is_gone() -> None:
    left = Claim("left", granted={"limitsCpu": "8"}, held={"limitsCpu": "8"}, member=False)
    made = ruling(LIMIT, DEFAULT, [left, Claim("a", {"limitsCpu": "3"})], confirmed=True)
    assert (made.grants["left"], made.grants["a"].get("limitsCpu"), made.refused) == ({"limitsCpu": "8"}, None, {})
    gone = Claim("left", granted={"limitsCpu": "8"}, member=False)
    made = ruling(LIMIT, DEFAULT, [gone, Claim("a", {"limitsCpu": "3"})], confirmed=True)
    assert made.grants == {"a": {"limitsCpu": "3", "pods": "5"}}


def test_a_quota_that_was_there_before_counts() -> None:
    there = Claim("there", {"limitsCpu": "8"}, held={"limitsCpu": "8", "pods": "5"})
    made = ruling(LIMIT, DEFAULT, [Claim("new", {"limitsCpu": "3"}), there], confirmed=True)
    assert (made.grants["there"]["limitsCpu"], made.grants["new"]["limitsCpu"]) == ("8", "0")


def test_a_limit_that_was_lowered_below_the_grants_is_told_and_changes_none() -> None:
    claim = Claim("a", {"limitsCpu": "8"}, {"limitsCpu": "8"}, {"limitsCpu": "8"})
    made = ruling({"limitsCpu": "4"}, {"limitsCpu": "1"}, [claim], confirmed=True)
    assert made.grants["a"] == {"limitsCpu": "8"}
    assert made.above == {"limitsCpu": "8"}


def test_without_a_quota_of_the_project_everything_is_given_back() -> None:
    claim = Claim("a", granted=DEFAULT, held=DEFAULT)
    assert ruling(None, None, [claim], confirmed=True).grants["a"] == DEFAULT
    assert ruling(None, None, [Claim("a", granted=DEFAULT)], confirmed=True).grants == {}


def test_a_quota_is_written_up_to_what_is_recorded() -> None:
    assert wish({"limitsCpu": "3", "pods": "1"}, {"limitsCpu": "2", "pods": "4"}) == {"limitsCpu": "2", "pods": "1"}
    assert wish({"limitsCpu": "3"}, {}) == {}


def test_keys_have_the_names_of_a_resource_quota() -> None:
    limits = quota.flat({"limitsCpu": "1", "pods": "2", "extended": {"requests.nvidia.com/gpu": "4", "pods": "9"}})
    assert quota.hard(limits) == {"limits.cpu": "1", "pods": "2", "requests.nvidia.com/gpu": "4"}
    assert quota.limits_of(quota.hard(limits)) == {
        "limitsCpu": "1",
        "pods": "2",
        "extended.requests.nvidia.com/gpu": "4",
    }
    assert quota.nested(limits)["extended"] == {"requests.nvidia.com/gpu": "4", "pods": "9"}


@pytest.mark.parametrize(
    ("annotation", "asked", "problem"),
    [
        ("", None, ""),
        ("{", None, "is not like"),
        ('{"limits": {}}', None, "is not like"),
        ("[]", None, "is not like"),
        ('{"limit": {"limitsCpu": "2"}}', {"limitsCpu": "2"}, ""),
        ('{"limit": {"limitsCpu": "two", "pods": "3"}}', {"pods": "3"}, "no quantity in limitsCpu"),
        ('{"limit": {"extended": {"a/b": "x", "c/d": 1}}}', {"extended.c/d": "1"}, "no quantity in a/b"),
    ],
)
def test_a_request_is_read_or_told_what_is_wrong_with_it(annotation: str, asked: Limits | None, problem: str) -> None:
    found, told = quota.request(annotation)
    assert found == asked
    assert problem in told
    assert bool(problem) == bool(told)


def test_amounts_are_written_as_people_write_them() -> None:
    made = ruling(
        {"limitsMemory": "8Gi", "limitsCpu": "10"}, {"limitsMemory": "512Mi", "limitsCpu": "1500m"}, [Claim("a")],
        confirmed=True,
    )  # fmt: skip
    assert made.grants["a"] == {"limitsCpu": "1500m", "limitsMemory": "512Mi"}


# --- Over time ------------------------------------------------------------------------------------------------------
_AMOUNT = st.integers(0, 12).map(str)
_KEYS = ("limitsCpu", "pods")
_NAMES = ("a", "b", "c")
_LIMITS = st.fixed_dictionaries(dict.fromkeys(_KEYS, _AMOUNT))
_STEP = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(_NAMES), st.none() | st.dictionaries(st.sampled_from(_KEYS), _AMOUNT)),
    st.tuples(st.just("leave"), st.sampled_from(_NAMES), st.none()),
    st.tuples(st.just("join"), st.sampled_from(_NAMES), st.none()),
    st.tuples(st.just("limit"), st.none(), _LIMITS),
    st.tuples(st.just("default"), st.none(), st.none() | _LIMITS),
    st.tuples(st.just("record"), st.none(), st.none()),
    st.tuples(st.just("write"), st.sampled_from(_NAMES), st.none()),
)


class World:
    """A project whose records and quotas are written late, one by one and in any order."""

    def __init__(self) -> None:
        self.limit: Limits = dict.fromkeys(_KEYS, "10")
        self.default: Limits | None = dict.fromkeys(_KEYS, "2")
        self.asked: dict[str, Limits | None] = {}
        self.members: set[str] = set()
        self.recorded: dict[str, Limits] = {}
        self.held: dict[str, Limits | None] = dict.fromkeys(_NAMES)
        self.wishes: dict[str, Limits] = {}

    def claims(self) -> list[Claim]:
        names = [name for name in _NAMES if name in self.members or self.recorded.get(name) or self.held[name]]
        return [
            Claim(name, self.asked.get(name), self.recorded.get(name, {}), self.held[name], name in self.members)
            for name in names
        ]

    @property
    def confirmed(self) -> bool:
        """Whether every wish that was told is what is held: else some write is still on its way."""
        return all((self.held[name] or {}) == wished for name, wished in self.wishes.items())

    def record(self) -> None:
        made = ruling(self.limit, self.default, self.claims(), confirmed=self.confirmed)
        for key in _KEYS:
            before = {
                name: max(number(amounts.get(key)) for amounts in (self.recorded.get(name, {}), self.held[name] or {}))
                for name in _NAMES
            }
            after = {name: number(made.grants.get(name, {}).get(key)) for name in _NAMES}
            if any(after[name] > before[name] for name in _NAMES):
                assert sum(after.values()) <= number(self.limit[key]), key
        self.recorded = dict(made.grants)
        self.tell()

    def tell(self) -> None:
        made = ruling(self.limit, self.default, self.claims(), confirmed=False)
        self.wishes = {
            claim.namespace: wish(made.targets[claim.namespace], self.recorded.get(claim.namespace, {}))
            for claim in self.claims()
        }

    def write(self, name: str) -> None:
        if name in self.wishes:
            self.held[name] = self.wishes[name] or None

    def safe(self) -> bool:
        """Nobody holds more than is recorded."""
        return all(
            number(value) <= number(self.recorded.get(name, {}).get(key))
            for name, held in self.held.items()
            for key, value in (held or {}).items()
        )


def step(world: World, what: str, name: str, value: object) -> None:
    if what == "ask":
        world.asked[name] = cast("Limits | None", value)
    if what in ("ask", "join"):
        world.members.add(name)
    elif what == "leave":
        world.members.discard(name)
    elif what == "limit":
        world.limit = cast("Limits", value)
    elif what == "default":
        world.default = cast("Limits | None", value)
    elif what == "record":
        world.record()
    else:
        world.write(name)


@settings(deadline=None, max_examples=300)
@given(st.lists(_STEP, max_size=25))
def test_invariant_5_nobody_holds_more_than_is_recorded_and_what_fits_is_held_at_last(
    steps: list[tuple[str, str, object]],
) -> None:
    world = World()
    for what, name, value in steps:
        step(world, what, name, value)
        assert world.safe()
    for _ in range(6):
        world.record()
        for name in _NAMES:
            world.write(name)
            assert world.safe()
    made = ruling(world.limit, world.default, world.claims(), confirmed=True)
    assert made.grants == world.recorded
    for name in _NAMES:
        assert (world.held[name] or {}) == made.targets.get(name, {})
    if not made.above:
        assert all(number(made.used.get(key)) <= number(world.limit[key]) for key in _KEYS)
