"""GlobalRoles and RoleTemplates of an upstream server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from drover.api.keys import MANAGEMENT
from drover.kube.gvr import Object
from drover.rules.conversion.inputs import Inputs
from drover.rules.conversion.result import Document, Remark, decide, few, note
from drover.rules.conversion.upstream_fields import bare, built_in, text, texts, titled, unknown
from drover.rules.objects import name_of
from drover.rules.rbac.catalogue import GLOBAL_ROLES, ROLE_TEMPLATES, SWITCHES

_BUILT_IN: Final = {(role["kind"], role["metadata"]["name"]): role for role in (*GLOBAL_ROLES, *ROLE_TEMPLATES)}
"""The roles that come with Drover."""

_CONTEXT_OF: Final = {"clusterCreatorDefault": "cluster", "projectCreatorDefault": "project"}


@dataclass
class Roles:
    """The roles that are written, and what bindings need to know of all: `contexts` are those of the RoleTemplates by
    name, of built-in ones too, and `global_roles` are the names of the GlobalRoles."""

    documents: list[Document] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    contexts: dict[str, str] = field(default_factory=dict)
    global_roles: set[str] = field(default_factory=set)


def roles(inputs: Inputs) -> Roles:
    """All roles: those of people, and what people switched on those that the server ships."""
    found = Roles()
    templates = {name_of(obj): obj for obj in inputs.of("RoleTemplate", MANAGEMENT)}
    found.contexts = {name: str(role["context"]) for (kind, name), role in _BUILT_IN.items() if kind == "RoleTemplate"}
    found.contexts |= {name: text(obj, "context") for name, obj in templates.items()}
    global_roles = inputs.of("GlobalRole", MANAGEMENT)
    found.global_roles = {name for kind, name in _BUILT_IN if kind == "GlobalRole"}
    found.global_roles |= {name_of(obj) for obj in global_roles}
    cluster_roles = {name_of(obj) for obj in inputs.of("ClusterRole", "rbac.authorization.k8s.io")}
    for obj in (*_parents_first(templates), *global_roles):
        ours = _BUILT_IN.get((obj["kind"], name_of(obj)))
        if ours is not None:
            found.documents += _switched(obj, ours)
            found.remarks += () if built_in(obj) else [_same_name(obj)]
            continue
        written = bare(obj)
        if built_in(obj):
            found.remarks.append(note(titled(obj), "is built in there and not here; written as a role of your own"))
        if obj["kind"] == "RoleTemplate":
            found.remarks += _corrected(written, obj, cluster_roles)
        found.documents.append(Document(written))
        found.remarks += _unread(obj)
    found.remarks += _missing(found, [*templates.values(), *global_roles])
    return found


def _parents_first(templates: Mapping[str, Object]) -> list[Object]:
    """A role that inherits another one is refused while that one is not there."""
    ordered: dict[str, Object] = {}

    def visit(name: str, below: frozenset[str]) -> None:
        obj = templates.get(name)
        if obj is None or name in ordered or name in below:
            return
        for parent in texts(obj, "roleTemplateNames"):
            visit(parent, below | {name})
        ordered[name] = obj

    for name in sorted(templates):
        visit(name, frozenset())
    return list(ordered.values())


def _switched(obj: Object, ours: Mapping[str, Any]) -> Iterator[Document]:
    """A built-in role comes with Drover; only what people switched on it is written, to be applied over it."""
    switches = {switch: bool(obj.get(switch)) for switch in SWITCHES[obj["kind"]]}
    changed = {switch: on for switch, on in switches.items() if on != bool(ours.get(switch))}
    if changed:
        made = {"apiVersion": f"{MANAGEMENT}/v3", "kind": obj["kind"], "metadata": {"name": name_of(obj)}, **changed}
        yield Document(made, ("A built-in role, with what was switched on it",))


def _same_name(obj: Object) -> Remark:
    told = "a built-in role has that name here, which is bound instead; give yours another name, and in its bindings"
    return decide(titled(obj), told)


def _corrected(written: Object, obj: Object, cluster_roles: set[str]) -> Iterator[Remark]:
    """Takes out of a RoleTemplate what is refused here."""
    about, context = titled(obj), text(obj, "context")
    if context not in ("", "cluster", "project"):
        del written["context"]
        yield decide(f"{about}: context", f"{context} is no context; left out, so that it can only be inherited")
    for switch, where in _CONTEXT_OF.items():
        if written.get(switch) and context != where:
            del written[switch]
            yield decide(f"{about}: {switch}", f"only a role with the context {where} can have it; left out")
    if "externalRules" in written and not written.get("external"):
        del written["externalRules"]
        yield decide(f"{about}: externalRules", "counts only where external is true; left out")
    if obj.get("administrative"):
        yield note(f"{about}: administrative", "has no meaning any more; left out")
    if written.get("external"):
        yield _external(about, name_of(obj), known=name_of(obj) in cluster_roles)


def _external(about: str, name: str, *, known: bool) -> Remark:
    must = "it must be in each cluster where the role is bound, and nothing makes it there"
    if known:
        return note(f"{about}: external", f"its rights are those of the ClusterRole {name}; {must}")
    return decide(f"{about}: external", f"its rights are those of the ClusterRole {name}, not in the input; {must}")


def _unread(obj: Object) -> Iterator[Remark]:
    if fields := unknown(obj):
        yield decide(f"{titled(obj)}: {few(fields)}", "not known; left out")


def _missing(found: Roles, objects: Iterable[Object]) -> Iterator[Remark]:
    """Roles that are inherited and not there: what inherits them has the rest of its rights only."""
    heirs: dict[str, list[str]] = {}
    for obj in objects:
        inherited = "inheritedClusterRoles" if obj["kind"] == "GlobalRole" else "roleTemplateNames"
        for parent in texts(obj, inherited):
            if parent not in found.contexts:
                heirs.setdefault(parent, []).append(titled(obj))
    for parent, names in sorted(heirs.items()):
        yield decide(f"RoleTemplate {parent}", f"is not in the input; {few(sorted(names))} would have inherited it")
