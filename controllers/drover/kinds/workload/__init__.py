"""`workloads.project.cattle.io`: the native object that a Workload stands for, in the right namespace of the right
cluster."""

from __future__ import annotations

from typing import Any

from drover.kinds.hub import Hub
from drover.kinds.parsed import Parsed
from drover.kinds.plan import Plan
from drover.kinds.resources import WORKLOADS
from drover.kinds.workload.decide import MANAGER, decide
from drover.kinds.workload.gather import Renderings, gather
from drover.kinds.workload.report import report
from drover.kinds.workload.world import World
from drover.kube.gvr import Key, Object
from drover.kube.queue import LOW
from drover.members.desired import Part
from drover.rules.findings import Finding
from drover.rules.objects import uid_of


class WorkloadKind:
    """The kind, for the reconciler."""

    gvr = WORKLOADS
    name = "workload"
    manager = MANAGER
    workers = 32

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._parsed = Parsed(_model)
        self._renderings = Renderings()

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        return gather(self._hub, self._parsed, self._renderings, key)

    def object_of(self, world: World) -> Object:
        """The Workload."""
        return world.workload

    def decide(self, world: World) -> Plan:
        """The next step."""
        return decide(world)

    def report(self, world: World, finding: Finding | None) -> dict[str, Any] | None:
        """The status."""
        return report(world, finding)

    def vanished(self, old: Object) -> None:
        """Forgets the Workload; what it left behind (its finalizer was taken off by hand) is removed."""
        self._parsed.forget(old)
        self._renderings.forget(old)
        uid = uid_of(old)
        for member in self._hub.fleet:
            part = member.parts.get(uid)
            if part is None:
                continue
            state = member.part_state(uid)
            ended = part.ends and state is not None and state.gone
            collected = any("ownerReferences" in wanted.manifest["metadata"] for wanted in part.objects)
            if ended or collected:
                member.drop(uid)
            else:
                member.want(Part(part.owner, part.manager, ends=True), LOW)


def _model() -> Any:
    from drover.api.project.workload import WorkloadSpec

    return WorkloadSpec
