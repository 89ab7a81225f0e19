"""Users of an upstream server."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from drover.api.keys import MANAGEMENT
from drover.kube.gvr import Object
from drover.rules.conversion.inputs import Inputs
from drover.rules.conversion.result import Document, Remark, decide, few, note
from drover.rules.conversion.upstream_fields import bare, is_system, text, texts, titled, unknown
from drover.rules.objects import name_of


@dataclass
class Users:
    """The Users that are written, and the names of all (`names`) and of those that the server made for itself
    (`system`)."""

    documents: list[Document] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    system: set[str] = field(default_factory=set)


def users(inputs: Inputs) -> Users:
    """All Users but those of the server itself."""
    found = Users()
    passwords: list[str] = []
    disabled: list[str] = []
    for obj in inputs.of("User", MANAGEMENT):
        name = name_of(obj)
        if is_system(texts(obj, "principalIds")):
            found.system.add(name)
            continue
        found.names.add(name)
        found.documents.append(Document(bare(obj)))
        passwords += [name] if obj.get("password") else []
        disabled += [name] if obj.get("enabled") is False else []
        if fields := unknown(obj):
            found.remarks.append(decide(f"{titled(obj)}: {few(fields)}", "not known; left out"))
    found.remarks += _shared(inputs, found)
    if passwords:
        told = "has a password in it, which is left out and never printed; it needs a new one"
        found.remarks.append(decide(f"User {few(passwords)}: password", told))
    if disabled:
        told = "disabled: here a disabled user has no rights in any cluster until it is enabled again"
        found.remarks.append(note(f"User {few(disabled)}: enabled", told))
    if found.system:
        told = "accounts that the server made for itself; left out, with what binds them"
        found.remarks.append(note(f"User {few(sorted(found.system))}", told))
    return found


def _shared(inputs: Inputs, found: Users) -> list[Remark]:
    """Names and identities that more than one User has: here only the first User with them counts."""
    holders: dict[str, list[str]] = defaultdict(list)
    for obj in inputs.of("User", MANAGEMENT):
        if name_of(obj) in found.names:
            for each in _identities(obj):
                holders[each].append(name_of(obj))
    return [
        decide(f"User {few(names)}: {identity}", "more than one has it, and only one may; take it from the others")
        for identity, names in sorted(holders.items())
        if len(names) > 1
    ]


def _identities(obj: Object) -> list[str]:
    username = text(obj, "username")
    return [*([f"username {username}"] if username else []), *dict.fromkeys(texts(obj, "principalIds"))]
