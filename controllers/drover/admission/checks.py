"""Which check is for which request."""

from __future__ import annotations

from drover.admission import bindings, roles, users
from drover.admission.escalation import Ceiling
from drover.admission.looks import Looks
from drover.admission.naming import named
from drover.admission.review import Allowed, Denied, Request
from drover.admission.server import ADMINISTRATORS, MUTATE, VALIDATE, VALIDATE_WITH_VERB, Check
from drover.api.keys import MANAGEMENT

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
        return await judged(request, ceiling)

    async def validate_with_verb(request: Request) -> Allowed | Denied:
        return await judged(request, None)

    async def judged(request: Request, limit: Ceiling | None) -> Allowed | Denied:
        if request.group != MANAGEMENT:
            return _unasked(request)
        if request.resource == "users":
            return await users.user(request, looks, ceiling)
        if request.operation == "DELETE":
            return roles.deleted_role_template(request, looks) if request.resource == "roletemplates" else Allowed()
        write = _WRITES.get(request.resource)
        return await write(request, looks, limit) if write is not None else _unasked(request)

    async def administrators(request: Request) -> Allowed | Denied:
        known = request.group == MANAGEMENT and request.resource in ("users", "globalrolebindings")
        return await users.administrators(request, looks, ceiling) if known else _unasked(request)

    async def mutate(request: Request) -> Allowed | Denied:
        return named(request) if request.operation == "CREATE" else Allowed()

    return {
        VALIDATE: validate,
        VALIDATE_WITH_VERB: validate_with_verb,
        ADMINISTRATORS: administrators,
        MUTATE: mutate,
    }


def _unasked(request: Request) -> Denied:
    """Nobody should ask about other kinds; what is not judged is not allowed."""
    kind = f"{request.resource}.{request.group}"
    return Denied(422, f"Drover does not judge {kind}; take it out of the webhook configuration that asked")
