"""Names of bindings that leave theirs to be generated: the same binding always gets the same, so that there is one."""

from __future__ import annotations

from drover.admission.review import Allowed, Request
from drover.kube.gvr import Object
from drover.rules.rbac.names import LONGEST, letters

_SUBJECTS = ("userPrincipalName", "userName", "groupPrincipalName", "groupName", "serviceAccount")


def named(request: Request) -> Allowed:
    """Sets the name where only `generateName` is given; it stays the prefix."""
    metadata = request.written["metadata"]
    prefix = metadata.get("generateName")
    if metadata.get("name") or not isinstance(prefix, str) or not prefix:
        return Allowed()
    told = _hash(request.written)
    name = f"{prefix[: LONGEST - len(told)]}{told}"
    return Allowed(({"op": "add", "path": "/metadata/name", "value": name},))


def _hash(binding: Object) -> str:
    """Of the subject, the role and the place, as upstream's clients know it."""
    subject = next((str(binding[field]) for field in _SUBJECTS if binding.get(field)), "")
    place = binding.get("clusterName") or binding.get("projectName") or ""
    return letters(f"{subject}/{binding.get('roleTemplateName') or ''}/{place}")
