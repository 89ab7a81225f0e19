"""Reads the world of a Cluster."""

from __future__ import annotations

from drover.kinds.cluster.pod_security import in_force
from drover.kinds.cluster.world import World
from drover.kinds.creator import creator
from drover.kinds.hub import Hub
from drover.kinds.parsed import Parsed
from drover.kinds.resources import CLUSTER_BINDINGS, CLUSTERS, PROJECTS
from drover.kube.gvr import Key, Object
from drover.members.member import Member
from drover.rules.objects import deleting, uid_of


def gather(hub: Hub, parsed: Parsed, key: Key) -> World | None:
    """Everything that the decision depends on; None where the Cluster does not exist."""
    cluster = hub.caches[CLUSTERS].get(key)
    if cluster is None:
        return None
    member = hub.fleet.get(key.name)
    projects = tuple(hub.caches[PROJECTS].by("namespace", key.name))
    return World(
        cluster=cluster,
        owner=hub.owner(CLUSTERS, cluster),
        namespace=hub.namespace(key.name),
        projects=projects,
        member=member.state if member is not None else None,
        state=member.part_state(uid_of(cluster)) if member is not None else None,
        may_leave=hub.settings.may_leave,
        reference=member.reference if member is not None else "",
        errors=tuple(member.loop.caches.errors) if member is not None and member.loop is not None else (),
        invalid=parsed.problem(cluster),
        now=hub.now(),
        patience=hub.settings.patience,
        pod_security=in_force(hub, cluster, projects),
        creator=creator(hub, cluster, CLUSTER_BINDINGS, key.name, clusterName=key.name),
        rights_left=_rights_left(cluster, member),
    )


def _rights_left(cluster: Object, member: Member | None) -> bool | None:
    if not deleting(cluster):
        return False  # nobody asks
    return member.rights_left if member is not None else True
