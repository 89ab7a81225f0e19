"""What the checks look up: what is known of the hub, and, where that may be too old, the hub itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

from drover.kube.gvr import Object
from drover.rules.rbac import reading
from drover.rules.rbac.facts import Facts, GlobalRole, RoleTemplate, Rule
from drover.rules.rbac.graph import KUBERNETES_ROLES, Resolved, closed
from drover.rules.rbac.held import Effect, effect, together

Fetch = Callable[[str, str], Awaitable[Object | None]]
"""An object as the hub has it now, by the plural name of its kind and its own: globalroles, roletemplates, clusterroles
and userattributes."""


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

    async def groups(self, user: str) -> frozenset[str]:
        """The groups that a User was in when it last logged in."""
        return reading.groups(await self.fetch("userattributes", user))

    async def granted(self, name: str, written: RoleTemplate | None = None) -> Granted:
        """What a RoleTemplate gives with all that it inherits; `written` is it as it is about to be."""
        roles = {name: written} if written is not None else {}
        absent: set[str] = set()

        def find(each: str) -> RoleTemplate | None:
            return roles.get(each) or self.facts.role_template(each)

        while True:
            resolved = closed(name, find)
            if not (new := set(resolved.missing) - absent):
                break
            for each in sorted(new):
                role = await self.role_template(each)
                absent |= {each} if role is None else set()
                roles |= {} if role is None else {each: role}
        unknown = [f"RoleTemplate {each}" for each in resolved.missing]
        for role in _unstated(resolved):
            rules = await self._cluster_role(role.name)
            unknown += [f"ClusterRole {role.name}"] if rules is None else []
            roles[role.name] = replace(role, external_rules=(*KUBERNETES_ROLES.get(role.name, ()), *(rules or ())))
        return Granted(effect(closed(name, find)), tuple(unknown))

    async def held(self, roles: Iterable[Resolved]) -> Effect:
        """What somebody has by roles. Of an external one it is, where it is bound, what its ClusterRole in the hub
        says, as of one that is given: who owns a project could give nobody a role in it otherwise. In other places it
        is only what the compiler gives there, whatever the ClusterRole says."""
        found = together(held := tuple(roles))
        unstated = {role.name for one in held for role in _unstated(one)}
        names = sorted(unstated & KUBERNETES_ROLES.keys())
        more = [rule for name in names for rule in await self._cluster_role(name) or ()]
        return replace(found, rules=(*found.rules, *more))

    async def _cluster_role(self, name: str) -> tuple[Rule, ...] | None:
        found = await self.fetch("clusterroles", name)
        return reading.rules(found.get("rules")) if found is not None else None


def _unstated(resolved: Resolved) -> Iterable[RoleTemplate]:
    """The external roles of a closure whose rules are not written in the RoleTemplate."""
    return (role for role in resolved.externals if not role.external_rules and role.name not in resolved.reserved)
