"""Checks of Users: nobody edits, disables or deletes one who has more rights, and an administrator is left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from drover.admission.bindings import in_project
from drover.admission.escalation import HAS, Bypass, Ceiling, Demand, who
from drover.admission.looks import Granted, Looks
from drover.admission.review import Allowed, Denied, Request, Requester
from drover.admission.roles import UNREADABLE, global_demands, in_cluster
from drover.rules.rbac import held, of_user, reading, subjects
from drover.rules.rbac.cover import ALL
from drover.rules.rbac.facts import Binding, Rule, User
from drover.rules.rbac.graph import resolve
from drover.rules.rbac.policy import rule

_EVERYTHING = (rule(ALL, ALL, ALL), Rule((ALL,), urls=(ALL,)))


async def user(request: Request, looks: Looks, ceiling: Ceiling) -> Allowed | Denied:
    """A User is made, changed or deleted: nobody else logs in by its `username`, and whoever changes it has all of its
    rights, of which a disabled one counts as enabled. With another owner it counts as deleted: the garbage collector
    deletes what has an owner that is not there."""
    old, new = (reading.user(each) for each in (request.old, request.obj))
    if (old is None) != (request.old is None) or (new is None) != (request.obj is None):
        return UNREADABLE
    if new is not None and (taken := _username(request, new, looks)):
        return taken
    if old is None or is_user(request.requester, old):
        return Allowed()
    bypass = Bypass("manage-users", "users", old.name)
    async for demand in _demands(old, request, looks, ceiling):
        if denied := await ceiling.exceeded(request.requester, [demand], bypass, HAS):
            return denied
    return Allowed()


async def administrators(request: Request, looks: Looks, ceiling: Ceiling) -> Allowed | Denied:
    """A User is disabled, deleted or given an owner to go with, or a GlobalRoleBinding is deleted: somebody is left who
    may do everything. Who may do everything in the hub without being one of them, by its own credential, is only
    warned: they can make another."""
    gone = reading.user(request.old) if request.resource == "users" else None
    binding = reading.global_binding(request.old) if gone is None else None
    without = frozenset({binding.uid} if binding is not None else ())
    if not of_user.administrators(looks.facts) or of_user.administrators(looks.facts, without, gone):
        return Allowed()
    told = f"User {request.name} is" if gone is not None else f"GlobalRoleBinding {request.name} names"
    told += " the last administrator: no other enabled User, and no group, has a GlobalRole that allows everything"
    if await ceiling.everything(request.requester):
        return Allowed(warning=f"{told}; give somebody the GlobalRole admin")
    return Denied(403, f"{told}; give somebody the GlobalRole admin first, or ask one who may do everything in the hub")


def is_user(requester: Requester, named: User) -> bool:
    """Whether a requester is a User, by its name or by an identity of it."""
    return any(subjects.matches(subject, requester.name, ()) for subject in subjects.of_user(named))


def _username(request: Request, written: User, looks: Looks) -> Denied | None:
    name = request.written.get("username")
    if not isinstance(name, str) or not name:
        return None
    others = [other for other in looks.usernames(name) if other != written.name]
    return Denied(409, f'username: User {min(others)} has "{name}" already; choose another') if others else None


async def _demands(old: User, request: Request, looks: Looks, ceiling: Ceiling) -> AsyncIterator[Demand]:
    """What a User has, place by place, and what the requester has there. By RBAC that others have made, only whether it
    has everything."""
    field, groups = f"User {old.name}", await looks.groups(old.name)
    if await ceiling.everything(Requester(old.name, (*sorted(groups), "system:authenticated"))):
        yield Demand(field, "in the hub", _EVERYTHING)
    mine = _Mine(request.requester, looks)
    for binding in of_user.bindings(old, groups, looks.facts):
        for demand in await _of_binding(binding, field, request, looks, mine):
            yield demand


async def _of_binding(binding: Binding, field: str, request: Request, looks: Looks, mine: _Mine) -> list[Demand]:
    if not binding.cluster:
        role = await looks.global_role(binding.role)
        found = await global_demands(role, looks, request) if role is not None and not role.deleting else []
        return [replace(demand, field=field, unknown=()) for demand in found]
    if resolve(binding.role, looks.facts).problem("project" if binding.project else "cluster"):
        return []  # it gives nothing to anybody
    granted = Granted((await looks.granted(binding.role)).effect)
    around = await mine.there(binding.cluster)
    if not binding.project:
        return in_cluster(field, f"cluster {binding.cluster}", granted, around, binding.cluster)
    return in_project(field, binding, granted, await mine.there(binding.cluster, binding.project), around)


class _Mine:
    """What the requester has by roles of Drover, looked up once for each place."""

    def __init__(self, requester: Requester, looks: Looks) -> None:
        self._who = who(requester)
        self._looks = looks
        self._found: dict[tuple[str, str], held.Effect] = {}

    async def there(self, cluster: str, project: str = "") -> held.Effect:
        """In a cluster, or in one of its projects."""
        if (cluster, project) not in self._found:
            facts = self._looks.facts
            roles = (
                held.in_project(facts, cluster, project, self._who)
                if project
                else held.in_cluster(facts, cluster, self._who)
            )
            self._found[cluster, project] = await self._looks.held(roles)
        return self._found[cluster, project]
