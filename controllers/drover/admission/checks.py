"""Which check is for which request."""

from __future__ import annotations

from drover.admission import bindings, roles
from drover.admission.escalation import Ceiling
from drover.admission.looks import Looks
from drover.admission.naming import named
from drover.admission.review import Allowed, Denied, Request
from drover.admission.server import MUTATE, VALIDATE, Check
from drover.api.keys import MANAGEMENT
from drover.rules.rbac import reading

_WRITES = {
    "globalroles": roles.global_role,
    "roletemplates": roles.role_template,
    "globalrolebindings": bindings.global_binding,
    "clusterroletemplatebindings": bindings.cluster_binding,
    "projectroletemplatebindings": bindings.project_binding,
}


def checks(looks: Looks, ceiling: Ceiling) -> dict[str, Check]:
    """The checks by the path that the webhook configurations name."""

    async def validate(request: Request) -> Allowed | Denied:
        if request.group != MANAGEMENT:
            return _unasked(request)
        if request.operation == "DELETE":
            return roles.deleted_role_template(request, looks) if request.resource == "roletemplates" else Allowed()
        if request.resource == "users":
            return username(request, looks)
        write = _WRITES.get(request.resource)
        return await write(request, looks, ceiling) if write is not None else _unasked(request)

    async def mutate(request: Request) -> Allowed | Denied:
        return named(request) if request.operation == "CREATE" else Allowed()

    return {VALIDATE: validate, MUTATE: mutate}


def username(request: Request, looks: Looks) -> Allowed | Denied:
    """A User is written: nobody else logs in by its `username`."""
    user, name = reading.user(request.written), request.written.get("username")
    if user is None:
        return roles.UNREADABLE
    others = [other for other in looks.usernames(name) if other != user.name] if isinstance(name, str) and name else []
    if not others:
        return Allowed()
    return Denied(409, f'username: User {min(others)} has "{name}" already; choose another')


def _unasked(request: Request) -> Denied:
    """Nobody should ask about other kinds; what is not judged is not allowed."""
    kind = f"{request.resource}.{request.group}"
    return Denied(422, f"Drover does not judge {kind}; take it out of the webhook configuration that asked")
