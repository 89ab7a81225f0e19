"""Reads the world of a Workload."""

from __future__ import annotations

from drover.api.keys import LOCAL_CLUSTER, PROJECT_ID
from drover.kinds.hub import Hub
from drover.kinds.parsed import Parsed
from drover.kinds.resources import WORKLOADS
from drover.kinds.workload.place import Place, place
from drover.kinds.workload.world import Rendering, World
from drover.kube.gvr import Key, Object
from drover.rules import workload as rules
from drover.rules.findings import Finding, Terminal
from drover.rules.objects import annotation, name_of, namespace_of, spec, status, uid_of


class Renderings:
    """The native object of each Workload, made once a generation and place: rendering is the dearest part of a
    reconcile that changes nothing."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, str, Rendering | Finding]] = {}

    def of(self, workload: Object, namespace: str) -> Rendering | Finding:
        """The rendering of a Workload in a namespace."""
        uid, generation = uid_of(workload), workload["metadata"]["generation"]
        known = self._known.get(uid)
        if known is not None and known[0] == generation and known[1] == namespace:
            return known[2]
        result = _render(workload, namespace)
        self._known[uid] = (generation, namespace, result)
        return result

    def forget(self, workload: Object) -> None:
        """The Workload is gone."""
        self._known.pop(uid_of(workload), None)


def _render(workload: Object, namespace: str) -> Rendering | Finding:
    try:
        kind = rules.kind(spec(workload))
        name = rules.name(spec(workload), name_of(workload))
        return Rendering(kind, rules.render(spec(workload), name=name, namespace=namespace))
    except rules.InvalidWorkload as error:
        return Terminal("InvalidSpec", f"{error.path}: {error.message}")


def gather(hub: Hub, parsed: Parsed, renderings: Renderings, key: Key) -> World | None:
    """Everything that the decision depends on; None where the Workload does not exist."""
    workload = hub.caches[WORKLOADS].get(key)
    if workload is None:
        return None
    namespace = hub.namespace(key.namespace)
    project = _project(hub, namespace)
    where = place(workload, namespace, project)
    home = (
        where.cluster if isinstance(where, Place) else namespace_of(project) if project is not None else LOCAL_CLUSTER
    )
    member = hub.fleet.get(home)
    problem = parsed.problem(workload)
    if problem:
        rendering: Rendering | Finding = Terminal("InvalidSpec", problem)
    else:
        rendering = renderings.of(workload, where.namespace if isinstance(where, Place) else key.namespace)
    return World(
        workload=workload,
        owner=hub.owner(WORKLOADS, workload),
        place=where,
        rendering=rendering,
        home=home,
        recorded_uid=str(status(hub.cluster(home) or {}).get("kubeSystemUID") or ""),
        member=member.state if member is not None else None,
        way_in=hub.way_in(home),
        state=member.part_state(uid_of(workload)) if member is not None else None,
        now=hub.now(),
        patience=hub.settings.patience,
    )


def _project(hub: Hub, namespace: Object | None) -> Object | None:
    """The Project that a namespace of the hub backs, else the one of the local cluster that it is in."""
    if namespace is None:
        return None
    backed = hub.project_of_namespace(namespace)
    if backed is not None:
        return backed
    cluster, _, name = annotation(namespace, PROJECT_ID).partition(":")
    return hub.project(LOCAL_CLUSTER, name) if cluster == LOCAL_CLUSTER else None
