"""The rights of who made a Cluster or a Project: a binding for each role that creators are given, made once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from drover.api.keys import CREATOR_BINDING, CREATOR_BINDINGS
from drover.kinds.hub import Hub
from drover.kinds.plan import Action, Create, Merge
from drover.kinds.resources import ROLE_TEMPLATES
from drover.kube.gvr import GVR, Key, Object
from drover.rules.creators import noted, open_creator
from drover.rules.names import shortened
from drover.rules.objects import name_of
from drover.rules.rbac.catalogue import ROLE_TEMPLATES as SHIPPED


@dataclass(frozen=True, slots=True)
class Creator:
    """`roles` are the RoleTemplates that creators are given now, None while those that come with Drover are not all
    there; `bindings` are the names of the bindings in the namespace `lies_in`, and `fields` what each has of where it
    is in force."""

    user: str
    roles: tuple[str, ...] | None
    lies_in: str
    bindings: frozenset[str]
    fields: dict[str, str] = field(default_factory=dict)


def creator(hub: Hub, obj: Object, gvr: GVR, lies_in: str, **fields: str) -> Creator | None:
    """Who is to be given rights on an object, by bindings of a kind; None for nobody (any more)."""
    user = open_creator(obj)
    if not user or not lies_in:
        return None
    default = f"{'project' if 'projectName' in fields else 'cluster'}CreatorDefault"
    templates = hub.caches[ROLE_TEMPLATES]
    complete = all(templates.get(key) is not None for key in _SHIPPED)
    roles = tuple(sorted(name_of(role) for role in templates if role.get(default) is True)) if complete else None
    bindings = frozenset(name_of(binding) for binding in hub.caches[gvr].by("namespace", lies_in))
    return Creator(user, roles, lies_in, bindings, fields)


def given(obj: Object, gvr: GVR, found: Creator | None) -> tuple[Action, ...]:
    """What is left to do for a creator: bindings are made, then it is noted which, so that one that is deleted later
    is not made again."""
    note = noted(obj)
    if found is None or found.roles is None or (note is not None and note.complete):
        return ()
    # Who makes an object writes its annotations: it may ask for fewer roles than creators are given, not for others.
    wanted = [role for role in found.roles if note is None or (role in note.required and role not in note.created)]
    lacking = [role for role in wanted if binding_name(role) not in found.bindings]
    if lacking:
        return tuple(Create(gvr, _binding(gvr, found, role)) for role in lacking)
    created = sorted({*wanted, *(note.created if note is not None else ())})
    told = json.dumps({"created": created, "required": created}, separators=(",", ":"))
    return (Merge({"metadata": {"annotations": {CREATOR_BINDINGS: told}}}),)


def binding_name(role: str) -> str:
    """The name of the binding that gives a creator a role."""
    return shortened(f"creator-{role}")


def _binding(gvr: GVR, found: Creator, role: str) -> Object:
    return {
        "apiVersion": gvr.api_version,
        "kind": gvr.kind,
        "metadata": {
            "name": binding_name(role),
            "namespace": found.lies_in,
            "annotations": {CREATOR_BINDING: "true"},
        },
        "userName": found.user,
        "roleTemplateName": role,
        **found.fields,
    }


_SHIPPED = [Key("", name_of(role)) for role in SHIPPED]
