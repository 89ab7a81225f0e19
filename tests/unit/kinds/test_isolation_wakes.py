"""Projects wait for the System project of their cluster before they are isolated, and admit it."""

from __future__ import annotations

from drover.kinds.resources import PROJECTS
from tests.unit.kinds.test_manager import SHOP, Scene
from tests.unit.kinds.worlds import obj


async def test_projects_are_looked_at_again_when_the_system_project_of_their_cluster_changes() -> None:
    scene = Scene()
    label = {"authz.management.cattle.io/system-project": "true"}
    system = obj("Project", "p-system", "edge", uid="uid-s", metadata={"labels": label})
    assigned = {"conditions": [{"type": "SystemNamespacesAssigned", "status": "True"}]}
    for each in (SHOP, obj("Project", "till", "other", uid="uid-t")):
        scene.event(PROJECTS, each)
    for changed, woken in (
        (system, True),
        ({**system, "spec": {"description": "x"}}, False),
        ({**system, "status": assigned}, True),
        ({**system, "status": {**assigned, "namespaces": 3}}, False),
        (obj("Project", "p-system", "edge", uid="uid-s", status=assigned), True),
    ):
        scene.forget()
        scene.event(PROJECTS, changed)
        waiting = scene.waiting(PROJECTS)
        assert waiting.get("edge/shop") == ("low" if woken else None)
        assert "other/till" not in waiting
