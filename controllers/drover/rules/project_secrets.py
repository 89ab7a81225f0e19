"""Project-scoped secrets: which Secret goes into which namespaces of a project."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final

from drover.api.keys import ORIGINAL, PROJECT_SCOPED, PROJECT_SCOPED_COPY
from drover.rules.objects import Obj, annotation, deleting, label

NOT_COPIED: Final = ("kubernetes.io/service-account-token",)
"""Types of Secrets that cannot be copied: the token controller of a cluster deletes each that names no ServiceAccount
of its own namespace, by uid."""

NAME_TAKEN: Final = "NameTaken"
"""Why a namespace has no copy: a Secret of that name is somebody else's."""

OVER_QUOTA: Final = "OverQuota"
"""... a ResourceQuota leaves no room for it."""

FORBIDDEN: Final = "Forbidden"
"""... a right is missing, or admission denies it."""

REFUSED: Final = "Refused"
"""... the kube-apiserver does not take it."""

_ENTRY = re.compile(r"[a-z0-9*-]{1,63}")


def is_source(secret: Obj, project: str) -> bool:
    """Whether a Secret of a project's backing namespace is meant for the namespaces of the project."""
    return label(secret, PROJECT_SCOPED) == project and not deleting(secret)


def ignored(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The entries of an ignore list, and those of them that are not understood.

    An entry is the name of a namespace, or a pattern in which `*` stands for any letters, also none. Upstream takes an
    entry with `*` for a regular expression, so `.*` is read as `*`, and `^` and `$` around a pattern change nothing.
    No other sign of regular expressions is understood: there is no pattern whose matching takes long.
    """
    entries = [entry.strip() for entry in text.split(",")]
    read = {entry: _plain(entry) for entry in entries if entry}
    wrong = tuple(sorted(entry for entry, plain in read.items() if not _ENTRY.fullmatch(plain)))
    return tuple(sorted(set(read.values()))) if not wrong else (), wrong


def _plain(entry: str) -> str:
    if "*" not in entry:
        return entry
    return re.sub(r"\*+", "*", entry.removeprefix("^").removesuffix("$").replace(".*", "*"))


def matches(entry: str, namespace: str) -> bool:
    """Whether an entry of an ignore list means a namespace; it always means the whole name."""
    first, *rest = entry.split("*")
    if not rest:
        return entry == namespace
    *middle, last = rest
    if not namespace.startswith(first):
        return False
    at = len(first)
    for piece in middle:
        found = namespace.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return namespace.endswith(last) and len(namespace) - len(last) >= at


def goes_into(ignores: Iterable[str], namespace: str) -> bool:
    """Whether a namespace of the project gets a Secret with this ignore list."""
    return not any(matches(entry, namespace) for entry in ignores)


def adoptable(secret: Obj, project: str) -> bool:
    """Whether a Secret is a copy that an upstream server made for this project, and so is taken over.

    Its marks prove nothing, and need not: whoever can set them on the Secret can write it anyhow, and gains nothing by
    having it replaced with what the namespace is given. One that Drover made elsewhere is its author's.
    """
    upstream = annotation(secret, PROJECT_SCOPED_COPY) == "true" and label(secret, PROJECT_SCOPED) == project
    return upstream and not annotation(secret, ORIGINAL)


def told(problems: Mapping[str, str]) -> str:
    """Why a namespace lacks copies, by the name of the Secret, as a text; empty where it lacks none."""
    return json.dumps(problems, sort_keys=True) if problems else ""


def understood(text: str) -> dict[str, str]:
    """What `told` wrote."""
    return dict(json.loads(text)) if text else {}
