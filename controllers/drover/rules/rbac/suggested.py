"""Names of roles for somebody who named one that does not do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Final

from drover.rules.rbac.facts import Facts, RoleTemplate

USUAL: Final = frozenset({"cluster-owner", "cluster-member", "project-owner", "project-member", "read-only", "user"})
"""Roles that most bindings name."""

_MOST: Final = 3
_ALIKE: Final = 0.6


def alike(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Other names like one, three at most, the closest first; where nothing is alike, the usual ones among them."""
    known = [each for each in names if each != name]
    return tuple(get_close_matches(name, known, n=_MOST, cutoff=_ALIKE) or sorted(USUAL.intersection(known)))


def templates(name: str, context: str, cluster: str, facts: Facts) -> tuple[str, ...]:
    """RoleTemplates that a binding of a context (`cluster` or `project`) could name instead of one: those with a name
    like it among the usual ones and those that somebody has in the cluster, or the usual ones."""
    return alike(name, (one for one in {*USUAL, *facts.roles_in(cluster)} if fits(facts.role_template(one), context)))


def fits(role: RoleTemplate | None, context: str) -> bool:
    """Whether a new binding of a context may name a RoleTemplate."""
    return role is not None and role.context == context and not role.locked and not role.deleting


def such_as(names: Iterable[str]) -> str:
    """`, such as a, b`, the first three; nothing where there are no names."""
    found = ", ".join(islice(names, _MOST))
    return f", such as {found}" if found else ""
