"""The NetworkPolicy that keeps pods of other projects away from those of a namespace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from drover.api.keys import NETWORK_ISOLATION, PROJECT_ID
from drover.kube.apply import digest
from drover.kube.gvr import NETWORK_POLICIES
from drover.rules.objects import Obj, annotation
from drover.rules.ownership import Owner

NAME: Final = "np-default"
"""Of the policy, in each namespace."""

_FIELDS: Final = ("podSelector", "policyTypes", "ingress")


def spec(projects: Sequence[str], nodes: Sequence[str]) -> dict[str, Any]:
    """The spec of the policy: what may come in to every pod of the namespace; egress is left as it is.

    `projects` are the names of the projects whose namespaces may come in, `nodes` the addresses of nodes as networks.
    Raises ValueError where one is empty: kubelets and the pods of the project itself always come in, and a rule
    without peers would let everybody in. All peers are in one object, since two would be written one after the other,
    and the first alone keeps out what the second lets in.
    """
    if not (projects and nodes and all(projects) and all(nodes)):
        raise ValueError("a policy needs the project and the address of a node at least")
    peers: list[dict[str, Any]] = [{"podSelector": {}}]  # the namespace itself, also before it has its label
    peers += [{"namespaceSelector": {"matchLabels": {PROJECT_ID: project}}} for project in sorted(set(projects))]
    peers += [{"ipBlock": {"cidr": node}} for node in sorted(set(nodes))]
    return {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": peers}]}


def manifest(namespace: str, owner: Owner, content: Mapping[str, Any]) -> dict[str, Any]:
    """The policy of a namespace with this spec."""
    metadata = {"name": NAME, "namespace": namespace, "labels": owner.labels(), "annotations": owner.annotations()}
    return {
        "apiVersion": NETWORK_POLICIES.api_version,
        "kind": NETWORK_POLICIES.kind,
        "metadata": metadata,
        "spec": dict(content),
    }


def stamp(content: Mapping[str, Any]) -> str:
    """Tells two specs of the policy apart by what decides over ingress."""
    return digest({field: content.get(field) for field in _FIELDS})


def exempt(obj: Obj) -> bool:
    """Whether a namespace or a Project asks not to be isolated."""
    return annotation(obj, NETWORK_ISOLATION) == "false"
