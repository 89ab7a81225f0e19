"""Reads the world of a User."""

from __future__ import annotations

from drover.kinds.hub import Hub, age
from drover.kinds.parsed import Parsed
from drover.kinds.resources import GLOBAL_ROLES, USERS
from drover.kinds.user.world import World
from drover.kube.gvr import Key, Object
from drover.rules.conditions import is_true
from drover.rules.creators import noted
from drover.rules.objects import name_of


def gather(hub: Hub, parsed: Parsed, key: Key) -> World | None:
    """Everything that the decision depends on; None where the User does not exist."""
    user = hub.caches[USERS].get(key)
    if user is None:
        return None
    wanted = _wanted(user)
    roles = {name: hub.caches[GLOBAL_ROLES].get(Key("", name)) for name in wanted}
    has = {binding.role for binding in hub.rights.facts.bindings_naming(key.name)} if wanted else set()
    return World(
        user=user,
        namesake=_namesake(hub, user),
        # Who makes Users may not give every role: what the annotation asks for is given only where it is for everybody.
        first_roles=tuple(
            name for name, role in roles.items() if role and role.get("newUserDefault") is True and name not in has
        ),
        unknown=tuple(name for name, role in roles.items() if role is None),
        invalid=parsed.problem(user),
        now=hub.now(),
    )


def _wanted(user: Object) -> tuple[str, ...]:
    """The GlobalRoles that the User is to have at first; none where it had them once."""
    if is_true(user, "InitialRolesPopulated"):
        return ()
    note = noted(user)
    return tuple(name for name in note.required if name not in note.created) if note is not None else ()


def _namesake(hub: Hub, user: Object) -> str:
    username = user.get("username")
    if not isinstance(username, str) or not username:
        return ""
    first = min(hub.caches[USERS].by("username", username), key=age, default=user)
    return "" if first is user else name_of(first)
