"""Reads the world of a template."""

from __future__ import annotations

from drover.kinds.hub import Hub
from drover.kinds.parsed import Parsed
from drover.kinds.pod_security.world import World
from drover.kinds.resources import CLUSTERS, PROVISIONING_CLUSTERS
from drover.kube.gvr import Key, key_of


def gather(hub: Hub, parsed: Parsed, key: Key) -> World | None:
    """Everything that the decision depends on; None where the template does not exist."""
    template = hub.template(key.name)
    if template is None:
        return None
    found = (
        str(key_of(cluster))
        for gvr in (CLUSTERS, PROVISIONING_CLUSTERS)
        for cluster in hub.caches[gvr].by("template", key.name)
    )
    return World(
        template=template,
        clusters=tuple(sorted(found)),
        invalid=parsed.problem(template),
        now=hub.now(),
    )
