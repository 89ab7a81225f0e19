"""Reads the world of a provisioning Cluster."""

from __future__ import annotations

from drover.kinds.hub import Hub
from drover.kinds.parsed import Parsed
from drover.kinds.provisioning.world import World
from drover.kinds.resources import CLUSTERS, PROVISIONING_CLUSTERS
from drover.kube.gvr import Key
from drover.rules import names
from drover.rules.objects import name_of, uid_of
from drover.rules.pod_security import named


def gather(hub: Hub, parsed: Parsed, key: Key) -> World | None:
    """Everything that the decision depends on; None where the provisioning Cluster does not exist."""
    cluster = hub.caches[PROVISIONING_CLUSTERS].get(key)
    if cluster is None:
        return None
    made = hub.caches[CLUSTERS].by("owner", uid_of(cluster))
    target = names.management_cluster_of(cluster, name_of(made[0]) if made else "")
    return World(
        cluster=cluster,
        owner=hub.owner(PROVISIONING_CLUSTERS, cluster),
        target=target,
        management=hub.cluster(target),
        invalid=parsed.problem(cluster),
        now=hub.now(),
        patience=hub.settings.patience,
        template=hub.template(named(cluster)),
    )
