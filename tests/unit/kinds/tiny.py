"""A reconciler of a kind that decides and reports as a test tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drover.kinds.hub import Hub
from drover.kinds.kind import Kind
from drover.kinds.notices import Recorder
from drover.kinds.plan import Create, Plan, SetFinalizers
from drover.kinds.reconciler import Reconciler
from drover.kinds.reporting import status_of
from drover.kinds.resources import CLUSTERS, PROJECTS
from drover.kube.cache import Change
from drover.kube.gvr import GVR, Key, Object
from drover.rules.conditions import summary
from drover.rules.findings import Finding
from tests.unit.kinds.apiserver import Apiserver, hub
from tests.unit.kinds.worlds import NOW, obj

KEY = Key("edge", "shop")
FINALIZER = SetFinalizers(("drover.dev/project",))
OTHER = Create(CLUSTERS, {"metadata": {"name": "other"}})

Decide = Callable[[Object], Plan]
Report = Callable[[Object, Finding | None], dict[str, Any] | None]


def conditions(found: Object, finding: Finding | None) -> dict[str, Any] | None:
    return status_of(found, summary(finding), NOW)


def nothing(_found: Object) -> Plan:
    return Plan()


def tiny(decided: Decide, reported: Report) -> type[Kind[Object]]:
    """A kind of Projects that decides and reports as it is told."""

    class Tiny(Kind[Object]):
        gvr = PROJECTS
        name = "tiny"
        manager = "drover-tiny"

        @staticmethod
        def decide(world: Object) -> Plan:
            return decided(world)

        @staticmethod
        def report(world: Object, finding: Finding | None) -> dict[str, Any] | None:
            return reported(world, finding)

        @staticmethod
        def model() -> Any:
            raise AssertionError("not asked for")

        def gather(self, key: Key) -> Object | None:
            return self._hub.caches[PROJECTS].get(key)

    return Tiny


class Scene:
    """A reconciler of a tiny kind with one Project."""

    def __init__(self, decided: Decide = nothing, reported: Report = conditions, **project: Any) -> None:
        self.apiserver = Apiserver()
        self.hub: Hub = hub(self.apiserver)
        self.told: list[tuple[GVR, Change]] = []
        self.reconciler = Reconciler(
            tiny(decided, reported)(self.hub),
            self.hub,
            Recorder(self.hub, "me"),
            lambda gvr, change: self.told.append((gvr, change)),
        )
        self.put(obj("Project", "shop", "edge", **project))

    def put(self, project: Object) -> None:
        self.hub.caches[PROJECTS].observe(self.apiserver.put(PROJECTS, project))

    async def reconcile(self) -> Finding | None:
        return await self.reconciler.reconcile(KEY)

    @property
    def project(self) -> Object:
        return self.apiserver.objects[PROJECTS, KEY]

    def condition(self, type_: str) -> tuple[str, str]:
        found = {entry["type"]: entry for entry in self.project["status"]["conditions"]}
        return found[type_]["status"], found[type_]["reason"]
