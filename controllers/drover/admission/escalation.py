"""Whether a requester has what an object would give, or a verb that stands for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from drover.admission.authorizer import Authorizer
from drover.admission.review import Denied, Requester
from drover.api.keys import MANAGEMENT
from drover.rules.rbac.cover import ALL, MOST, TooMany, UnitRule, listed, uncovered
from drover.rules.rbac.facts import Rule
from drover.rules.rbac.held import Who


@dataclass(frozen=True, slots=True)
class Demand:
    """What an object gives in one place. `owned` is what the requester has there by roles of Drover; what that does not
    cover is looked for in the hub: everywhere, or in a `namespace`. `unknown` would give more, and does not exist.
    `field` is where the object says it, `place` is how a person calls it."""

    field: str
    place: str
    granted: tuple[Rule, ...]
    owned: tuple[Rule, ...] = ()
    namespace: str = ""
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bypass:
    """The verb on one role that stands for having all of its rights."""

    verb: str
    resource: str
    name: str

    def __str__(self) -> str:
        return f'verb {self.verb} on {self.resource}.{MANAGEMENT} "{self.name}"'


class Words(NamedTuple):
    """How a refusal is put: what an object does with rights, what helps who lacks them, besides the verb, and what
    helps where a role does not exist."""

    does: str
    way_out: str
    absent: str = "create it first"


GIVES: Final = Words("gives rights", "Get them first, leave them out")
HAS: Final = Words("has rights", "Get them first")


def who(requester: Requester) -> Who:
    """The requester as a subject of bindings."""
    return Who(requester.name, frozenset(requester.groups))


class Ceiling:
    """What requesters may give: no more than they have."""

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    async def may(self, requester: Requester, bypass: Bypass) -> bool:
        """Whether the requester has the verb that makes comparing needless."""
        return await self._authorizer.may(requester, bypass.verb, MANAGEMENT, bypass.resource, bypass.name)

    async def exceeded(
        self, requester: Requester, demands: Iterable[Demand], bypass: Bypass, words: Words = GIVES
    ) -> Denied | None:
        """Why the requester may not write an object with these demands; None when they may. The verb is asked about
        last: who has it seldom comes here."""
        for demand in demands:
            problem = await self._problem(requester, demand, words)
            if problem:
                if await self.may(requester, bypass):
                    return None
                return Denied(403, f"{demand.field}: {problem}, or ask for the {bypass}")
        return None

    async def everything(self, requester: Requester) -> bool:
        """Whether the requester may do everything in the hub."""
        lacking, _ = await self._authorizer.lacking(requester, (UnitRule(ALL, ALL, "", "", ALL),))
        return not lacking

    async def _problem(self, requester: Requester, demand: Demand, words: Words) -> str:
        if demand.unknown:
            names = ", ".join(demand.unknown[:3])
            return f"{names} does not exist, so that nobody can say what it gives; {words.absent}"
        try:
            left = uncovered(demand.granted, demand.owned)
        except TooMany:
            return f"there are more than {MOST} rights, too many to compare; split the role"
        lacking, more = await self._authorizer.lacking(requester, left, demand.namespace)
        if not lacking:
            return ""
        return (
            f"{words.does} {demand.place} that you do not have there yourself: {listed(lacking, more=more)}. "
            f"{words.way_out}"
        )
