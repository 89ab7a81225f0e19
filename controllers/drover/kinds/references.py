"""Which objects of the hub refer to which others, and by what names they are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from drover.kinds.resources import (
    CLOUD_CREDENTIALS,
    CLUSTERS,
    KONTAINER_DRIVERS,
    NODE_DRIVERS,
    NODE_POOLS,
    NODE_TEMPLATES,
    PROVISIONING_CLUSTERS,
)
from drover.kube.gvr import GVR, Object
from drover.rules import references

Names = Callable[[Object], Iterator[str]]

_REFERS: Final[dict[GVR, Names]] = {
    CLUSTERS: references.of_cluster,
    PROVISIONING_CLUSTERS: references.of_provisioning_cluster,
    NODE_TEMPLATES: references.of_node_template,
    NODE_POOLS: references.of_node_pool,
    CLOUD_CREDENTIALS: references.of_cloud_credential,
}
_KNOWN_AS: Final[dict[GVR, Names]] = {
    CLOUD_CREDENTIALS: references.names_of_cloud_credential,
    NODE_DRIVERS: references.names_of_node_driver,
    NODE_TEMPLATES: references.names_of_node_template,
    KONTAINER_DRIVERS: references.names_of_kontainer_driver,
}
FOLLOWING: Final = (NODE_TEMPLATES, NODE_POOLS, CLOUD_CREDENTIALS)
"""Kinds whose status depends on what they refer to."""


def refers(gvr: GVR, obj: Object) -> Iterable[str]:
    """The names that an object refers to, each once."""
    return dict.fromkeys(_REFERS[gvr](obj)) if gvr in _REFERS else ()


def known_as(gvr: GVR, obj: Object) -> Iterable[str]:
    """The names that an object is referred to by."""
    return _KNOWN_AS[gvr](obj) if gvr in _KNOWN_AS else ()


def known_kinds() -> Iterable[GVR]:
    """The kinds that others refer to."""
    return _KNOWN_AS
