"""`projects.management.cattle.io`: the backing namespace, and which namespaces of the cluster are the project's."""

from __future__ import annotations

from typing import Any

from drover.kinds.kind import Kind
from drover.kinds.project.decide import MANAGER, decide
from drover.kinds.project.gather import gather
from drover.kinds.project.report import report
from drover.kinds.project.world import World
from drover.kinds.resources import PROJECTS
from drover.kube.gvr import Key, Object
from drover.rules.objects import namespace_of, uid_of


class ProjectKind(Kind[World]):
    """The kind, for the reconciler."""

    gvr = PROJECTS
    name = "project"
    manager = MANAGER
    decide = staticmethod(decide)
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of its spec."""
        from drover.api.management.project import ProjectSpec

        return ProjectSpec

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        return gather(self._hub, self._parsed, key)

    def vanished(self, old: Object) -> None:
        """The member takes its label off its namespaces, since no Project has that id any more."""
        super().vanished(old)
        self._hub.confirmed.discard(uid_of(old))
        member = self._hub.fleet.get(namespace_of(old))
        if member is not None:
            member.drop(uid_of(old))
