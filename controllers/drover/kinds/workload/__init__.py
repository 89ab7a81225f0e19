"""`workloads.project.cattle.io`: the native object that a Workload stands for, where it is to run."""

from __future__ import annotations

from typing import Any

from drover.kinds.hub import Hub
from drover.kinds.kind import Kind
from drover.kinds.resources import WORKLOADS
from drover.kinds.workload.decide import MANAGER, decide
from drover.kinds.workload.gather import Renderings, gather
from drover.kinds.workload.report import report
from drover.kinds.workload.world import World
from drover.kube.gvr import Key, Object
from drover.kube.queue import LOW
from drover.members.desired import Part
from drover.rules.objects import uid_of


class WorkloadKind(Kind[World]):
    """The kind, for the reconciler."""

    gvr = WORKLOADS
    name = "workload"
    manager = MANAGER
    workers = 32
    decide = staticmethod(decide)
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of its spec."""
        from drover.api.project.workload import WorkloadSpec

        return WorkloadSpec

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self._renderings = Renderings()

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        return gather(self._hub, self._parsed, self._renderings, key)

    def vanished(self, old: Object) -> None:
        """What it left behind (its finalizer was taken off by hand) is removed."""
        super().vanished(old)
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
