"""RoleBindings as lines of comment at a Project: there is no kind for access by Project yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Grant:
    """A role for subjects in namespaces; `source` is where it was found."""

    role: str
    subjects: tuple[str, ...]
    source: str
    namespaces: frozenset[str]


def subjects(given: Any) -> tuple[str, ...]:
    """The subjects of a RoleBinding as text: `Group shop`, `ServiceAccount ci/deployer`."""
    found = []
    for each in given or []:
        name, namespace = str(each.get("name", "")), each.get("namespace")
        found.append(
            f"{each.get('kind', 'User')} {namespace}/{name}" if namespace else f"{each.get('kind', 'User')} {name}"
        )
    return tuple(sorted(found))


def role_of(binding: Mapping[str, Any]) -> str:
    """The role of a RoleBinding as text: `ClusterRole admin`."""
    reference = binding.get("roleRef") or {}
    return f"{reference.get('kind', 'Role')} {reference.get('name', '')}"


def comment(grants: Iterable[Grant], members: Sequence[str]) -> tuple[str, ...]:
    """The lines for one Project: first what holds in all of its namespaces, then what holds in some."""
    everywhere, somewhere = [], []
    here = [grant for grant in grants if not grant.namespaces.isdisjoint(members)]
    for grant in sorted(here, key=lambda grant: (grant.role, grant.subjects, grant.source)):
        there = [name for name in members if name in grant.namespaces]
        line = f"  {grant.role}: {', '.join(grant.subjects) or 'nobody'} ({grant.source})"
        if len(there) == len(members):
            everywhere.append(line)
        else:
            somewhere.append(f"{line} in {', '.join(there)}")
    lines = []
    if everywhere:
        lines += ["ACCESS, not applied: in all namespaces of this Project", *everywhere]
    if somewhere:
        lines += ["ACCESS, not applied: in some of its namespaces", *somewhere]
    return tuple(lines)
