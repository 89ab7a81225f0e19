"""Names of derived objects: the same from the same input, so that a retry finds what it made and never makes a
second."""

from __future__ import annotations

import hashlib

from drover.api.keys import MANAGEMENT_CLUSTER_NAME
from drover.rules.objects import Obj, annotation, name_of, namespace_of, status, uid_of

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Letters of generated names in Kubernetes: no vowels, so that no words come out."""

LONGEST_LABEL = 63


def suffix(*parts: str, length: int = 8) -> str:
    """Letters that follow from the parts."""
    number = int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "".join(letters)


def shortened(name: str, *, limit: int = LONGEST_LABEL) -> str:
    """A name that is at most `limit` long; a longer one is cut, and told apart by letters from the whole."""
    if len(name) <= limit:
        return name
    return f"{name[: limit - 9].rstrip('-.')}-{suffix(name)}"


def initial_project(cluster_uid: str, which: str) -> str:
    """The name of a cluster's Default or System project: `p-` and five letters, as generated names look."""
    return f"p-{suffix(cluster_uid, which, length=5)}"


def management_cluster(namespace: str, name: str, uid: str) -> str:
    """The management Cluster of a provisioning Cluster: `c-m-` and eight letters."""
    return f"c-m-{suffix(namespace, name, uid)}"


def management_cluster_of(provisioning: Obj, made: str = "") -> str:
    """The same, of one that is there: what its status has is kept for good, else the name of one that was `made`
    already, else what it asks for."""
    recorded = str(status(provisioning).get("clusterName") or "")
    asked = annotation(provisioning, MANAGEMENT_CLUSTER_NAME)
    names = namespace_of(provisioning), name_of(provisioning), uid_of(provisioning)
    return recorded or made or asked or management_cluster(*names)


def backing_namespace(cluster: str, project: str) -> str:
    """The backing namespace of a project: `<cluster>-<project>`."""
    return shortened(f"{cluster}-{project}".lower())


def backing_namespace_beside(cluster: str, project: str, uid: str) -> str:
    """The backing namespace of a project where the plain name is somebody else's."""
    return shortened(f"{cluster}-{project}".lower(), limit=LONGEST_LABEL - 9) + f"-{suffix(uid)}"
