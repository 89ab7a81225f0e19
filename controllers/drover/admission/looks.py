"""What the checks look up: what is known of the hub, and, where that may be too old, the hub itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from typing import cast

from drover.kube.gvr import Object
from drover.rules.rbac import reading
from drover.rules.rbac.facts import Facts, GlobalRole, RoleTemplate
from drover.rules.rbac.graph import KUBERNETES_ROLES, resolve
from drover.rules.rbac.held import Effect, effect

Fetch = Callable[[str, str], Awaitable[Object | None]]
"""An object as the hub has it now, by the plural name of its kind and its own: globalroles, roletemplates and
clusterroles."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What a RoleTemplate gives, and what would give more but does not exist, so that nobody can say what that is."""

    effect: Effect = field(default_factory=Effect)
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Looks:
    """`usernames` gives the names of the Users that have a `username`."""

    facts: Facts
    usernames: Callable[[str], Collection[str]]
    fetch: Fetch

    async def role_template(self, name: str) -> RoleTemplate | None:
        """A RoleTemplate. One that is not known may have been made a moment ago, with a binding right after it."""
        known = self.facts.role_template(name)
        return known if known is not None else reading.role_template(await self.fetch("roletemplates", name))

    async def global_role(self, name: str) -> GlobalRole | None:
        """A GlobalRole, in the same way."""
        known = self.facts.global_role(name)
        return known if known is not None else reading.global_role(await self.fetch("globalroles", name))

    async def granted(self, name: str, written: RoleTemplate | None = None) -> Granted:
        """What a RoleTemplate gives with all that it inherits; `written` is it as it is about to be."""
        roles = {name: written} if written is not None else {}
        absent: set[str] = set()
        while True:
            resolved = resolve(name, cast("Facts", _Over(roles, self.facts)))  # it asks for nothing but RoleTemplates
            if not (new := set(resolved.missing) - absent):
                break
            for each in sorted(new):
                role = await self.role_template(each)
                absent |= {each} if role is None else set()
                roles |= {} if role is None else {each: role}
        unknown = [f"RoleTemplate {each}" for each in resolved.missing]
        for role in resolved.externals:
            if not role.external_rules and role.name not in resolved.reserved:
                found = await self.fetch("clusterroles", role.name)
                unknown += [f"ClusterRole {role.name}"] if found is None else []
                rules = reading.rules(found.get("rules")) if found is not None else ()
                roles[role.name] = replace(role, external_rules=(*KUBERNETES_ROLES.get(role.name, ()), *rules))
        return Granted(effect(resolve(name, cast("Facts", _Over(roles, self.facts)))), tuple(unknown))


class _Over:
    """RoleTemplates that decide over those of the facts."""

    def __init__(self, roles: dict[str, RoleTemplate], facts: Facts) -> None:
        self._roles, self._facts = roles, facts

    def role_template(self, name: str) -> RoleTemplate | None:
        return self._roles.get(name) or self._facts.role_template(name)
