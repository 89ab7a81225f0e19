"""Users with rights of their own, and what they are told."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.cluster.admission.apiserver import Answer, Apiserver

DROVER = "system:serviceaccount:drover-system:drover"
NAMESPACE_CONTROLLER = "system:serviceaccount:kube-system:namespace-controller"
EDITOR = "editor"
"""May do everything with objects of the cattle groups, and read the Secret fleet-default/mine."""
CREATOR = "creator"
"""May make and change objects of the cattle groups."""

GROUPS = ["management.cattle.io", "provisioning.cattle.io", "project.cattle.io"]
CATTLE = {
    "apiGroups": GROUPS,
    "resources": [
        *("clusters", "projects", "workloads", "settings", "features"),
        *("cloudcredentials", "nodedrivers", "nodetemplates", "nodepools"),
    ],
    "verbs": ["*"],
}
SHARED = {
    "apiGroups": ["management.cattle.io"],
    "resources": ["podsecurityadmissionconfigurationtemplates", "fleetworkspaces"],
    "verbs": ["get", "create", "update", "patch", "delete", "deletecollection"],
}
"""Without `fleetaddcluster`, which is a right of its own."""
_EVERYTHING = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
_MINE = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["mine"], "verbs": ["get"]}


OWNED = {
    "metadata": {
        "ownerReferences": [{"apiVersion": "management.cattle.io/v3", "kind": "User", "name": "nobody", "uid": "gone"}]
    }
}
"""A change by which the garbage collector deletes an object: the owner does not exist."""


def grant_all(api: Apiserver) -> None:
    """The rights of the users above."""
    grant(api, "editor", [CATTLE, SHARED], EDITOR)
    grant(api, "drover", [_EVERYTHING], DROVER)
    grant(api, "namespaces", [_EVERYTHING], NAMESPACE_CONTROLLER)
    write = {"verbs": ["create", "update", "patch"]}
    grant(api, "creators", [{**CATTLE, **write}, {**SHARED, **write}], CREATOR)
    grant(api, "mine", [_MINE], EDITOR, namespace="fleet-default")


def grant(api: Apiserver, name: str, rules: list[dict[str, Any]], user: str, namespace: str = "") -> None:
    """Gives a user rights, everywhere or in a namespace."""
    kind = "Role" if namespace else "ClusterRole"
    metadata = {"name": f"test-{name}", **({"namespace": namespace} if namespace else {})}
    group = "rbac.authorization.k8s.io"
    base = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": metadata}
    reference = {"apiGroup": group, "kind": kind, "name": metadata["name"]}
    subjects = [{"apiGroup": group, "kind": "User", "name": user}]
    assert api.apply({**base, "rules": rules}).ok
    assert api.apply({**base, "kind": f"{kind}Binding", "roleRef": reference, "subjects": subjects}).ok


def until(ask: Callable[[], Answer], words: str, seconds: float = 30.0) -> None:
    """Asks until the answer has these words: a policy works some time after it was made."""
    deadline = time.monotonic() + seconds
    while words not in ((answer := ask()).message + " ".join(answer.warnings)):
        assert time.monotonic() < deadline, f"still not {words!r}, but {answer}"
        time.sleep(0.05)


def until_allowed(api: Apiserver, obj: dict[str, Any], user: str) -> None:
    """Waits until a user may make an object: a right works some time after it was given."""
    until(lambda: Answer(200, {}, (str(api.create(obj, user=user, dry_run=True).status),)), "201")


def refused(answer: Answer, words: str, status: int = 403) -> None:
    """The request was denied with these words."""
    assert answer.status == status, answer
    assert words in answer.message
