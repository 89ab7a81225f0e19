"""Reads the world of a provisioning Cluster."""

from __future__ import annotations

from drover.api.keys import MANAGEMENT_CLUSTER_NAME
from drover.kinds.hub import Hub
from drover.kinds.parsed import Parsed
from drover.kinds.provisioning.world import World
from drover.kinds.resources import CLUSTERS, PROVISIONING_CLUSTERS
from drover.kube.gvr import Key
from drover.rules import names
from drover.rules.objects import annotation, name_of, status, uid_of
from drover.rules.pod_security import named


def gather(hub: Hub, parsed: Parsed, key: Key) -> World | None:
    """Everything that the decision depends on; None where the provisioning Cluster does not exist."""
    cluster = hub.caches[PROVISIONING_CLUSTERS].get(key)
    if cluster is None:
        return None
    uid = uid_of(cluster)
    made = hub.caches[CLUSTERS].by("owner", uid)
    target = (
        str(status(cluster).get("clusterName") or "")
        or (name_of(made[0]) if made else "")
        or annotation(cluster, MANAGEMENT_CLUSTER_NAME)
        or names.management_cluster(key.namespace, key.name, uid)
    )
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
