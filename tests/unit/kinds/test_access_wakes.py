"""Which bindings, roles and users are looked at again when something changes."""

from __future__ import annotations

from typing import Any

import pytest

from drover.kinds.resources import (
    CLUSTER_BINDINGS,
    CLUSTERS,
    GLOBAL_ROLE_BINDINGS,
    GLOBAL_ROLES,
    PROJECT_BINDINGS,
    PROJECTS,
    ROLE_TEMPLATES,
    USERS,
)
from drover.kube.gvr import GVR, Object
from tests.unit.kinds.rights_worlds import KINDS, binding
from tests.unit.kinds.test_manager import Scene
from tests.unit.kinds.worlds import obj

ANN = obj("User", "ann", uid="uid-ann", principalIds=["github_user://1"])
EDGE = obj("Cluster", "edge", uid="uid-c")
SHOP = obj("Project", "shop", "edge", uid="uid-p")


@pytest.fixture
async def scene() -> Scene:
    """A binding of each kind that names ann."""
    found = Scene()
    for gvr in KINDS:
        found.event(gvr, binding(gvr), "ADDED")
    for gvr, each in ((USERS, ANN), (CLUSTERS, EDGE), (PROJECTS, SHOP)):
        found.event(gvr, each, "ADDED")
    found.forget()
    return found


RULE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}


def woken(scene: Scene) -> set[GVR]:
    return {gvr for gvr in KINDS if scene.waiting(gvr)}


def changed(found: Object, **content: Any) -> Object:
    return {**found, **content}


@pytest.mark.parametrize(
    "change", [{"enabled": False}, {"principalIds": []}, {"username": "x"}], ids=lambda change: next(iter(change))
)
async def test_a_user_who_becomes_another_wakes_its_bindings(scene: Scene, change: dict[str, Any]) -> None:
    scene.event(USERS, changed(ANN, **change))
    assert woken(scene) == set(KINDS)


async def test_a_user_who_goes_wakes_its_bindings_by_identity_too(scene: Scene) -> None:
    by_identity = binding(CLUSTER_BINDINGS, userName="", userPrincipalName="github_user://1")
    scene.event(CLUSTER_BINDINGS, by_identity)
    scene.forget()
    scene.event(USERS, ANN, "DELETED")
    assert woken(scene) == set(KINDS)


async def test_what_does_not_matter_wakes_nothing(scene: Scene) -> None:
    scene.event(USERS, changed(ANN, displayName="Ann", status={"conditions": []}))
    scene.event(CLUSTERS, changed(EDGE, status={"nodeCount": 1}))
    scene.event(PROJECTS, changed(SHOP, status={"namespaces": 1}))
    scene.event(USERS, obj("User", "bob", uid="uid-bob"), "ADDED")
    scene.event(ROLE_TEMPLATES, obj("RoleTemplate", "other", uid="uid-r"), "ADDED")
    assert woken(scene) == set()


async def test_a_role_that_comes_or_goes_wakes_its_bindings(scene: Scene) -> None:
    for gvr, name, kinds in (
        (GLOBAL_ROLES, "admin", {GLOBAL_ROLE_BINDINGS}),
        (ROLE_TEMPLATES, "cluster-owner", {CLUSTER_BINDINGS}),
        (ROLE_TEMPLATES, "project-owner", {PROJECT_BINDINGS}),
    ):
        role = obj(gvr.kind, name, uid=f"uid-{name}", rules=[RULE])
        scene.event(gvr, role, "ADDED")
        assert woken(scene) == kinds
        scene.event(gvr, changed(role, rules=[RULE, RULE]), generation=2)
        assert woken(scene) == set()  # that its rights are written again is told by who writes them
        scene.event(gvr, changed(role, rules=[]), generation=3)
        assert woken(scene) == kinds  # they say that it allows nothing
        scene.event(gvr, role, "DELETED")
        assert woken(scene) == kinds


async def test_a_role_for_something_else_now_wakes_its_bindings(scene: Scene) -> None:
    role = obj("RoleTemplate", "cluster-owner", uid="uid-r", context="cluster")
    scene.event(ROLE_TEMPLATES, role, "ADDED")
    scene.forget()
    scene.event(ROLE_TEMPLATES, changed(role, context="project"))
    assert woken(scene) == {CLUSTER_BINDINGS}


async def test_a_cluster_or_project_that_comes_or_goes_wakes_the_bindings_in_it(scene: Scene) -> None:
    scene.event(CLUSTERS, EDGE, deletionTimestamp="2026-01-01T00:00:00Z")
    assert woken(scene) == {CLUSTER_BINDINGS, PROJECT_BINDINGS}
    scene.event(PROJECTS, changed(SHOP, status={"backingNamespace": "edge-shop"}))
    assert woken(scene) == {PROJECT_BINDINGS}
    scene.event(PROJECTS, SHOP, "DELETED")
    assert woken(scene) == {PROJECT_BINDINGS}


async def test_a_role_wakes_those_that_build_on_it_through_others_too(scene: Scene) -> None:
    heir = obj("RoleTemplate", "heir", uid="uid-h", roleTemplateNames=["base"])
    far = obj("RoleTemplate", "far", uid="uid-f", roleTemplateNames=["heir"])
    gives = obj("GlobalRole", "gives", uid="uid-g", inheritedClusterRoles=["base"])
    for gvr, each in ((ROLE_TEMPLATES, heir), (ROLE_TEMPLATES, far), (GLOBAL_ROLES, gives)):
        scene.event(gvr, each, "ADDED")
    scene.forget()
    scene.event(ROLE_TEMPLATES, obj("RoleTemplate", "base", uid="uid-b"), "ADDED")
    assert scene.waiting(ROLE_TEMPLATES) == {"base": "high", "heir": "low", "far": "low"}
    assert scene.waiting(GLOBAL_ROLES) == {"gives": "low"}


async def test_a_role_wakes_the_bindings_of_those_that_build_on_it(scene: Scene) -> None:
    """They may allow something now."""
    scene.event(ROLE_TEMPLATES, obj("RoleTemplate", "cluster-owner", uid="uid-h", roleTemplateNames=["base"]), "ADDED")
    scene.forget()
    scene.event(ROLE_TEMPLATES, obj("RoleTemplate", "base", uid="uid-b", rules=[RULE]), "ADDED")
    assert woken(scene) == {CLUSTER_BINDINGS}


async def test_a_username_that_is_free_again_wakes_who_wants_it(scene: Scene) -> None:
    other = obj("User", "bob", uid="uid-bob", username="same")
    scene.event(USERS, changed(ANN, username="same"))
    scene.event(USERS, other, "ADDED")
    scene.forget()
    scene.event(USERS, ANN, "DELETED")
    assert scene.waiting(USERS) == {"ann": "high", "bob": "low"}


async def test_a_new_role_wakes_creators_who_had_nothing_yet(scene: Scene) -> None:
    notes: Object = {"annotations": {"field.cattle.io/creatorId": "ann"}}
    scene.event(CLUSTERS, EDGE, **notes)
    scene.event(PROJECTS, SHOP, **notes)
    scene.forget()
    scene.event(ROLE_TEMPLATES, obj("RoleTemplate", "cluster-owner", uid="uid-r"), "ADDED")
    assert scene.waiting(CLUSTERS) == {"edge": "low"}
    assert scene.waiting(PROJECTS) == {"edge/shop": "low"}
