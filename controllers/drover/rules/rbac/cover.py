"""Whether somebody who grants rights has them: rules are taken apart into unit rules, and each is looked for.

As Kubernetes' own escalation check does it: one verb, one group, one resource and one name, or one verb and one
URL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, product
from typing import NamedTuple

from drover.rules.rbac.facts import Rule
from drover.rules.rbac.policy import qualified

ALL = "*"

MOST = 5_000
"""Unit rules of one object that are compared. More are refused: a few lists in one rule multiply to billions."""

_TOLD = 20


class UnitRule(NamedTuple):
    """One right. `name` is empty for all objects of the resource; a right on a URL has nothing else but its verb."""

    group: str
    resource: str
    name: str
    url: str
    verb: str


class TooMany(Exception):
    """Rules multiply to more unit rules than are compared."""


class Owned:
    """Rules that somebody has, made ready for many questions."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(
            (
                frozenset(rule.verbs),
                frozenset(rule.api_groups),
                frozenset(rule.resources),
                frozenset(rule.resource_names),
                rule.urls,
            )
            for rule in dict.fromkeys(rules)
        )

    def cover(self, unit: UnitRule) -> bool:
        """Whether one of the rules alone allows what the unit rule does."""
        return any(_covers(rule, unit) for rule in self._rules)


def _covers(
    rule: tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str], tuple[str, ...]], unit: UnitRule
) -> bool:
    verbs, groups, resources, names, urls = rule
    if unit.verb not in verbs and ALL not in verbs:
        return False
    if unit.url:
        return any(unit.url == url or (url.endswith(ALL) and unit.url.startswith(url.rstrip(ALL))) for url in urls)
    if unit.group not in groups and ALL not in groups:
        return False
    _, slash, subresource = unit.resource.partition("/")
    if not ({unit.resource, ALL} & resources) and not (slash and f"*/{subresource}" in resources):
        return False
    return not names or (bool(unit.name) and unit.name in names)


def units(rules: Iterable[Rule]) -> tuple[UnitRule, ...]:
    """The unit rules of rules, each once, in order; raises TooMany."""
    found: dict[UnitRule, None] = {}
    work = 0
    for rule in rules:
        work += _size(rule)
        if work > MOST * 4:  # some are in several rules, and count once
            raise TooMany
        found.update(dict.fromkeys(_units(rule)))
        if len(found) > MOST:
            raise TooMany
    return tuple(sorted(found))


def _size(rule: Rule) -> int:
    names = max(1, len(rule.resource_names))
    return len(rule.verbs) * (len(rule.urls) + len(rule.api_groups) * len(rule.resources) * names)


def _units(rule: Rule) -> Iterator[UnitRule]:
    for verb, url in product(rule.verbs, rule.urls):
        yield UnitRule("", "", "", url, verb)
    names = rule.resource_names or ("",)
    for verb, group, resource, name in product(rule.verbs, rule.api_groups, rule.resources, names):
        yield UnitRule(group, resource, name, "", verb)


def uncovered(granted: Iterable[Rule], owned: Iterable[Rule]) -> tuple[UnitRule, ...]:
    """The unit rules of `granted` that no rule of `owned` allows; raises TooMany."""
    held = Owned(owned)
    return tuple(unit for unit in units(granted) if not held.cover(unit))


def listed(lacking: Sequence[UnitRule], *, more: bool = False) -> str:
    """Unit rules as a person reads them: `create, delete deployments.apps; get secrets "ca"`. At most about twenty;
    `more` says that there are others that were not looked at."""
    shown, told = [], 0
    for (group, resource, name, url), same in groupby(sorted(lacking), key=lambda unit: unit[:4]):
        if told >= _TOLD:
            break
        verbs = [unit.verb for unit in same][: _TOLD - told]
        told += len(verbs)
        what = url or qualified(group, resource)
        shown.append(f"{', '.join(verbs)} {what}" + (f' "{name}"' if name else ""))
    rest = len(lacking) - told
    if rest:
        shown.append(f"{rest} or more others" if more else f"+{rest} more")
    elif more:
        shown.append("and more")
    return "; ".join(shown)
