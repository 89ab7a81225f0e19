"""Quotas of a project: what each namespace is granted, so that together they never exceed the project's limit.

Amounts are quantities by the keys of a Project's `limit`; keys of its `extended` begin with `extended.`.

A grant is recorded before the ResourceQuota of the namespace may grow to it, and is taken back only after that was seen
to have shrunk. So the recorded grants are always at least what the namespaces may use, also while writes are on their
way, and a grant is made only where all recorded ones together stay within the limit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final

from drover.api.management.quota_rules import RESOURCES
from drover.kube.quantity import quantity, written

Limits = Mapping[str, str]

_NAMES: Final = {hard: key for key, hard in RESOURCES.items()}
_EXTENDED: Final = "extended."
_ZERO: Final = Decimal(0)
_LEAST: Final = Decimal("0.001")
_BYTES: Final = ("Memory", "Storage", "memory", "storage")
_UNITS: Final = ((1024**4, "Ti"), (1024**3, "Gi"), (1024**2, "Mi"), (1024, "Ki"))


def hard(limits: Limits) -> dict[str, str]:
    """As a ResourceQuota's `hard`. A key that is in `extended` too has the value of its own field."""
    extended = {key.removeprefix(_EXTENDED): value for key, value in limits.items() if key.startswith(_EXTENDED)}
    return extended | {RESOURCES[key]: value for key, value in limits.items() if key in RESOURCES}


def limits_of(hard_: Limits) -> dict[str, str]:
    """What a ResourceQuota's `hard` holds, by the keys of a Project."""
    return {_NAMES.get(key, f"{_EXTENDED}{key}"): value for key, value in hard_.items()}


def nested(limits: Limits) -> dict[str, object]:
    """As JSON writes a `limit`: with `extended` as an object of its own."""
    fixed: dict[str, object] = {key: value for key, value in limits.items() if not key.startswith(_EXTENDED)}
    extended = {key.removeprefix(_EXTENDED): value for key, value in limits.items() if key.startswith(_EXTENDED)}
    return fixed | ({"extended": extended} if extended else {})


def flat(limit: Any) -> dict[str, str]:
    """A `limit` as JSON has it, as amounts; what is no quantity is left out."""
    given = limit if isinstance(limit, dict) else {}
    extended = given.get("extended")
    found = {key: value for key, value in given.items() if key in RESOURCES}
    found |= {f"{_EXTENDED}{key}": value for key, value in (extended if isinstance(extended, dict) else {}).items()}
    return {key: str(value) for key, value in found.items() if quantity(value) is not None}


def request(annotation: str) -> tuple[Limits | None, str]:
    """What a namespace asks for by its annotation `field.cattle.io/resourceQuota`, and what is wrong with that."""
    if not annotation:
        return None, ""
    try:
        found = json.loads(annotation)
    except ValueError:
        found = None
    limit = found.get("limit") if isinstance(found, dict) else None
    if not isinstance(limit, dict):
        return None, 'field.cattle.io/resourceQuota is not like {"limit": {"limitsCpu": "1"}}'
    asked = flat(limit)
    extended = limit.get("extended")
    given = {key for key in limit if key in RESOURCES} | set(extended if isinstance(extended, dict) else ())
    wrong = sorted(key for key in given if key not in asked and f"{_EXTENDED}{key}" not in asked)
    return asked, f"field.cattle.io/resourceQuota: no quantity in {', '.join(wrong[:3])}" if wrong else ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A namespace that has or wants a quota.

    `request` is what it asks for itself (None: nothing); keys that the project's default lacks count for nothing.
    `granted` is what was recorded for it, `held` what its ResourceQuota was seen to hold (None: there is none). Not
    `member`: it has left the project and only holds on to its quota.
    """

    namespace: str
    request: Limits | None = None
    granted: Limits = field(default_factory=dict)
    held: Limits | None = None
    member: bool = True


@dataclass(frozen=True, slots=True)
class Ruling:
    """`grants` are to be recorded, by namespace. `refused` says why a namespace does not have what it asks for.
    `above` are the keys whose grants exceed the limit, which was lowered since."""

    grants: Mapping[str, Limits]
    targets: Mapping[str, Limits]
    refused: Mapping[str, str]
    used: Limits
    above: Limits


def ruling(limit: Limits | None, default: Limits | None, claims: Sequence[Claim], *, confirmed: bool) -> Ruling:
    """Who is granted what. `confirmed`: what the claims hold was seen after all of their quotas were last written.

    The claims that were granted something come first, else their order decides. Shrinking comes before growing, and a
    namespace that asks for too much keeps what it had: keys that are new to it are zero.
    """
    ordered = sorted(claims, key=lambda claim: not claim.granted)
    book = _Book(limit or {}, {claim.namespace: _base(claim) for claim in ordered})
    refused: dict[str, str] = {}
    targets: dict[str, dict[str, Decimal]] = {}
    for claim in ordered:
        wanted = _target(claim, default)
        negative = sorted(key for key, value in wanted.items() if value < 0)
        if negative:
            refused[claim.namespace] = f"Negative resource quota [{_pairs({key: wanted[key] for key in negative})}]"
        targets[claim.namespace] = {key: max(value, _ZERO) for key, value in wanted.items()}
    for claim in sorted(ordered, key=lambda claim: _turn(book.base[claim.namespace], targets[claim.namespace])):
        over = book.plan(claim.namespace, targets)
        if over:
            told = f"Oversubscribed resource quota [{_pairs(over)}]"
            refused[claim.namespace] = "; ".join(filter(None, (refused.get(claim.namespace), told)))
    grants = book.settle(ordered, targets, confirmed=confirmed)
    used = _sum(grants.values())
    above = {key: value for key, value in used.items() if key in book.limit and value > book.limit[key]}
    return Ruling(
        grants={name: _texts(amounts) for name, amounts in grants.items()},
        targets={name: _texts(amounts) for name, amounts in targets.items()},
        refused=refused,
        used=_texts(used),
        above=_texts(above),
    )


def wish(target: Limits, granted: Limits) -> dict[str, str]:
    """What the ResourceQuota of a namespace is to hold now: never more than what is recorded."""
    return {
        key: target[key] if _number(target[key]) <= _number(granted[key]) else granted[key]
        for key in target
        if key in granted
    }


# --- How a ruling is made -------------------------------------------------------------------------------------------
class _Book:
    """What each namespace has (`base`), and what all together will have, within the limit."""

    def __init__(self, limit: Limits, base: dict[str, dict[str, Decimal]]) -> None:
        self.limit = {key: _number(value) for key, value in limit.items()}
        self.base = base
        self._total = _sum(base.values())

    def plan(self, name: str, targets: dict[str, dict[str, Decimal]]) -> dict[str, Decimal]:
        """Plans the target of a namespace where it fits, else that it keeps what it has; what was too much."""
        base, target = self.base[name], targets[name]
        over = {}
        for key, value in target.items():
            others = self._total.get(key, _ZERO) - base.get(key, _ZERO)
            if value > base.get(key, _ZERO) and key in self.limit and others + value > self.limit[key]:
                over[key] = value
        if over:
            new = {key: _ZERO if key in over else value for key, value in target.items() if key not in base}
            targets[name] = {**base, **new}
        for key in base.keys() | targets[name].keys():
            more = targets[name].get(key, _ZERO) - base.get(key, _ZERO)
            self._total[key] = self._total.get(key, _ZERO) + more
        return over

    def settle(
        self, claims: Sequence[Claim], targets: Mapping[str, Mapping[str, Decimal]], *, confirmed: bool
    ) -> dict[str, dict[str, Decimal]]:
        """The grants as they can be recorded now: less only where less is held, more only where there is room."""
        grants = {claim.namespace: self._shrunk(claim, targets[claim.namespace], confirmed) for claim in claims}
        taken = _sum(grants.values())
        for claim in claims:
            grant = grants[claim.namespace]
            for key, value in targets[claim.namespace].items():
                more = value - grant.get(key, _ZERO)
                if more < 0 or (more == 0 and key in grant):
                    continue
                if key not in self.limit or more == 0 or taken.get(key, _ZERO) + more <= self.limit[key]:
                    grant[key] = value
                    taken[key] = taken.get(key, _ZERO) + more
        return {name: grant for name, grant in grants.items() if grant}

    def _shrunk(self, claim: Claim, target: Mapping[str, Decimal], confirmed: bool) -> dict[str, Decimal]:
        held = {key: _number(value) for key, value in (claim.held or {}).items()}
        grant = {}
        for key, value in self.base[claim.namespace].items():
            wanted = target.get(key)
            less = wanted is None or wanted < value
            if less and confirmed and held.get(key, _ZERO) <= (wanted or _ZERO):
                if wanted is not None:
                    grant[key] = wanted
            else:
                grant[key] = value
        return grant


def _base(claim: Claim) -> dict[str, Decimal]:
    """What a namespace has: what is recorded, and what it holds without a record (it was there before)."""
    found = {**(claim.held or {}), **claim.granted}
    return {key: _number(value) for key, value in found.items()}


def _target(claim: Claim, default: Limits | None) -> dict[str, Decimal]:
    if default is None or not claim.member:
        return {}
    asked = claim.request or {}
    return {key: _number(asked.get(key, value)) for key, value in default.items()}


def _turn(base: Mapping[str, Decimal], target: Mapping[str, Decimal]) -> tuple[bool, bool]:
    """Who only shrinks comes first, since others can count on that; then who shrinks in part: it may be refused, and
    then keeps everything."""
    shrinks = any(target.get(key, _ZERO) < value for key, value in base.items())
    grows = any(value > base.get(key, _ZERO) for key, value in target.items())
    return not shrinks, grows


def _number(text: str) -> Decimal:
    """Thousandths, as Kubernetes rounds a quota: up."""
    return (quantity(text) or _ZERO).quantize(_LEAST, ROUND_CEILING)


def _sum(many: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for amounts in many:
        for key, value in amounts.items():
            total[key] = total.get(key, _ZERO) + value
    return total


def _texts(amounts: Mapping[str, Decimal]) -> dict[str, str]:
    return {key: text(key, amounts[key]) for key in sorted(amounts)}


def text(key: str, amount: Decimal) -> str:
    """As people write it: memory and storage in the largest unit that fits."""
    if key.endswith(_BYTES) and amount:
        for size, unit in _UNITS:
            if amount % size == 0:
                return f"{int(amount / size)}{unit}"
    return written(amount)


def _pairs(amounts: Mapping[str, Decimal]) -> str:
    return " ".join(f"{key}={text(key, amounts[key])}" for key in sorted(amounts))
