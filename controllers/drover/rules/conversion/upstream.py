"""Users, roles and bindings of an upstream server (`management.cattle.io/v3`), to be applied where Drover runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from drover.api.keys import MANAGEMENT
from drover.kube.gvr import Object
from drover.rules.conversion.inputs import Inputs
from drover.rules.conversion.result import CannotConvert, Conversion, Document, Remark, decide, few, note
from drover.rules.conversion.upstream_bindings import Bindings
from drover.rules.conversion.upstream_fields import FIELDS
from drover.rules.conversion.upstream_roles import roles
from drover.rules.conversion.upstream_users import users
from drover.rules.objects import name_of


@dataclass(frozen=True, slots=True)
class Options:
    """`clusters` are names that Clusters have here, by those that they had."""

    clusters: Mapping[str, str] = field(default_factory=dict)


def convert(objects: Iterable[Object], options: Options) -> Conversion:
    """The objects of people for the hub, without what controllers added; nothing is for a member. The same input gives
    the same output, in an order in which it can be applied."""
    inputs = Inputs(objects)
    people, known = users(inputs), roles(inputs)
    bound = Bindings(inputs, people, known, options.clusters)
    if unused := sorted(new for new in options.clusters.values() if new not in bound.clusters):
        raise CannotConvert(f"--cluster ...={unused[0]}: no binding is in that cluster; correct the name before the =")
    first, last, locked = _unlocked(known.documents, bound)
    told = {*people.remarks, *known.remarks, *bound.remarks, *locked, *_places(bound), *_others(inputs)}
    hub = (*people.documents, *first, *bound.documents, *last)
    return Conversion(hub, (), tuple(sorted(told)))


def _unlocked(documents: Iterable[Document], bound: Bindings) -> tuple[list[Document], list[Document], list[Remark]]:
    """What is applied before the bindings and after them: a locked role takes no new ones."""
    named = {document.obj.get("roleTemplateName") for document in bound.documents}
    first: list[Document] = []
    last: list[Document] = []
    remarks = []
    for document in documents:
        name = name_of(document.obj)
        if not document.obj.get("locked") or name not in named:
            first.append(document)
        elif document.comment:  # of a built-in role, that is all that is written
            last.append(document)
        else:
            obj = {field: value for field, value in document.obj.items() if field != "locked"}
            first.append(Document(obj))
            told = "a locked role takes no new bindings, and some here name it; left out: lock it when they are applied"
            remarks.append(decide(f"RoleTemplate {name}: locked", told))
    return first, last, remarks


def _places(bound: Bindings) -> list[Remark]:
    """What must be there before the bindings have an effect."""
    found = []
    if bound.clusters:
        found.append(note(f"Cluster {few(sorted(bound.clusters))}", "must be there under that name; see --cluster"))
    if bound.projects:
        told = "must be there under that name; bindings go into the backing namespace, <cluster>-<project> here"
        found.append(note(f"Project {few(sorted(bound.projects))}", told))
    return found


def _others(inputs: Inputs) -> list[Remark]:
    others = [kind for kind in inputs.kinds(MANAGEMENT) if kind not in FIELDS]
    if not others:
        return []
    return [note(few(others), "not read: only users, roles and bindings are converted")]
