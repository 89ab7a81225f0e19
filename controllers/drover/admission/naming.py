"""Names of bindings that leave theirs to be generated: the same binding always gets the same, so that there is one."""

from __future__ import annotations

import base64
import hashlib

from drover.admission.review import Allowed, Request
from drover.kube.gvr import Object

_SUBJECTS = ("userPrincipalName", "userName", "groupPrincipalName", "groupName", "serviceAccount")
_LONGEST = 63
_HASH = 10


def named(request: Request) -> Allowed:
    """Sets the name where only `generateName` is given; it stays the prefix."""
    metadata = request.written["metadata"]
    prefix = metadata.get("generateName")
    if metadata.get("name") or not isinstance(prefix, str) or not prefix:
        return Allowed()
    name = f"{prefix[: _LONGEST - _HASH]}{_hash(request.written)}"
    return Allowed(({"op": "add", "path": "/metadata/name", "value": name},))


def _hash(binding: Object) -> str:
    """Of the subject, the role and the place, as upstream's clients know it."""
    subject = next((str(binding[field]) for field in _SUBJECTS if binding.get(field)), "")
    place = binding.get("clusterName") or binding.get("projectName") or ""
    digest = hashlib.sha256(f"{subject}/{binding.get('roleTemplateName') or ''}/{place}".encode()).digest()
    return base64.b32encode(digest).decode().lower()[:_HASH]
