"""`projects.management.cattle.io`: the backing namespace, and which namespaces of the cluster are the project's."""

from __future__ import annotations

from typing import Any

from drover.kinds.hub import Hub
from drover.kinds.parsed import Parsed
from drover.kinds.plan import Plan
from drover.kinds.project.decide import MANAGER, decide
from drover.kinds.project.gather import gather
from drover.kinds.project.report import report
from drover.kinds.project.world import World
from drover.kinds.resources import PROJECTS
from drover.kube.gvr import Key, Object
from drover.rules.findings import Finding
from drover.rules.objects import namespace_of, uid_of


class ProjectKind:
    """The kind, for the reconciler."""

    gvr = PROJECTS
    name = "project"
    manager = MANAGER
    workers = 8

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._parsed = Parsed(_model)

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        return gather(self._hub, self._parsed, key)

    def object_of(self, world: World) -> Object:
        """The Project."""
        return world.project

    def decide(self, world: World) -> Plan:
        """The next step."""
        return decide(world)

    def report(self, world: World, finding: Finding | None) -> dict[str, Any] | None:
        """The status."""
        return report(world, finding)

    def vanished(self, old: Object) -> None:
        """Forgets the Project; the member takes its label off its namespaces, since no Project has that id any more."""
        self._parsed.forget(old)
        member = self._hub.fleet.get(namespace_of(old))
        if member is not None:
            member.drop(uid_of(old))


def _model() -> Any:
    from drover.api.management.project import ProjectSpec

    return ProjectSpec
