"""Which rights an audit log shows as used."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import orjson

from drover.dev.audit import OPERATOR
from drover.preflight import PROJECT_SECRET_RIGHTS, RIGHTS, SECRET_RIGHT, Right, lease_right

_EVERYBODY = ("selfsubjectaccessreviews", "selfsubjectrulesreviews")
"""What Kubernetes grants to everybody who is logged in, besides discovery."""
_IMPLIED = ("bind", "escalate")
"""Nobody asks for these: the kube-apiserver looks for them when a role or a binding is written."""


class Use(NamedTuple):
    """A verb on a resource; `namespace` only where the right is for one namespace."""

    verb: str
    group: str
    resource: str
    namespace: str = ""


def granted(namespace: str, workspaces: list[str]) -> set[Use]:
    """What the chart grants, one entry a verb."""
    found = {use for right in (*RIGHTS, *PROJECT_SECRET_RIGHTS) for use in _uses(right)}
    found |= set(_uses(lease_right(namespace), namespace))
    return found.union(*(_uses(SECRET_RIGHT, workspace) for workspace in workspaces))


def _uses(right: Right, namespace: str = "") -> list[Use]:
    return [Use(verb, right.gvr.group, right.resource, namespace) for verb in right.verbs if verb not in _IMPLIED]


def used(log: Path, workspaces: list[str]) -> tuple[set[Use], list[str]]:
    """What the operator did, and its requests for which it lacked a right. A watch is logged when it ends."""
    uses, refused = set(), []
    whole, _, _ = log.read_bytes().rpartition(b"\n")  # the last line may be half written
    for line in whole.splitlines():
        entry = orjson.loads(line)
        if entry["user"].get("username") != OPERATOR:
            continue
        code = (entry.get("responseStatus") or {}).get("code")
        if (entry.get("annotations") or {}).get("authorization.k8s.io/decision") == "forbid":
            refused.append(f"{entry['verb']} {entry['requestURI']}")
        target = entry.get("objectRef")
        if target is None or "resource" not in target or target["resource"] in _EVERYBODY:
            continue
        resource = "/".join(filter(None, (target["resource"], target.get("subresource"))))
        namespace = target.get("namespace", "")
        if target["resource"] != "leases" and (target["resource"] != "secrets" or namespace not in workspaces):
            namespace = ""
        uses.add(Use(entry["verb"], target.get("apiGroup", ""), resource, namespace))
        if entry["verb"] == "patch" and code == 201:  # an apply that made the object, which needs both rights
            uses.add(Use("create", target.get("apiGroup", ""), resource, namespace))
    return uses, refused
