"""What becomes of the namespaces of a Project that is deleted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from drover.api.keys import (
    DELETION_PROTECTION,
    NAMESPACE_DELETION_POLICY,
    OWNER_UID,
    RESERVED_NAMESPACES,
    SYSTEM_NAMESPACE,
)
from drover.rules.initial_namespaces import DEFAULT, SYSTEM
from drover.rules.objects import Obj, annotation, deleting, label, name_of

_SYSTEM: Final = frozenset({*RESERVED_NAMESPACES, *SYSTEM, *DEFAULT})


def deletes_namespaces(project: Obj, cluster: Obj | None, lies_in: Obj | None) -> bool:
    """Whether a Project asks to delete its namespaces with it.

    It is not asked where the Project only goes with its Cluster, or with the hub's namespace that it lies in: that
    takes a cluster out of Drover's hands, and nothing that runs there is to end by it.
    """
    stays = all(obj is not None and not deleting(obj) for obj in (cluster, lies_in))
    return stays and annotation(project, NAMESPACE_DELETION_POLICY) == "Delete"


def spared(namespace: Obj, system: Collection[str] = ()) -> str:
    """Why a namespace is not deleted with its project, but released; empty where it is deleted. `system` are further
    names of system namespaces."""
    name = name_of(namespace)
    if annotation(namespace, DELETION_PROTECTION) == "true":
        return f"it is annotated with {DELETION_PROTECTION}"
    if name in _SYSTEM or name in system or annotation(namespace, SYSTEM_NAMESPACE) == "true":
        return "it is a system namespace"
    return "it belongs to another object of Drover" if label(namespace, OWNER_UID) else ""
