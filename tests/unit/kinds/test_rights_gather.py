"""What is read for a decision about bindings, roles, users and creators."""

from __future__ import annotations

from typing import Any

import pytest

from drover.kinds.binding import BindingKind
from drover.kinds.cluster import ClusterKind
from drover.kinds.cluster_role_template_binding import ClusterRoleTemplateBindingKind
from drover.kinds.global_role import GlobalRoleKind
from drover.kinds.global_role_binding import GlobalRoleBindingKind
from drover.kinds.hub import Hub
from drover.kinds.kind import Kind
from drover.kinds.plan import Absent
from drover.kinds.project import ProjectKind
from drover.kinds.project_role_template_binding import ProjectRoleTemplateBindingKind
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
from drover.kinds.role_template import RoleTemplateKind
from drover.kinds.user import UserKind
from drover.kube.gvr import GVR, Key, Object
from drover.rules.rbac.catalogue import ROLE_TEMPLATES as SHIPPED
from tests.unit.kinds.known import known_hub
from tests.unit.kinds.rights_worlds import NOT_TRIED, Rights, binding, told, with_rights
from tests.unit.kinds.worlds import obj

NOTE = "authz.management.cattle.io/creator-role-bindings"
BINDINGS: dict[GVR, type[BindingKind]] = {
    GLOBAL_ROLE_BINDINGS: GlobalRoleBindingKind,
    CLUSTER_BINDINGS: ClusterRoleTemplateBindingKind,
    PROJECT_BINDINGS: ProjectRoleTemplateBindingKind,
}
RULE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}


class Known:
    """The Cluster edge with its Project shop, the User ann, and a role of each kind."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.rights: Rights = with_rights(hub)
        self.put(USERS, obj("User", "ann", uid="uid-ann", principalIds=["github_user://1"]))
        self.put(GLOBAL_ROLES, obj("GlobalRole", "admin", uid="uid-gr"))
        self.put(ROLE_TEMPLATES, obj("RoleTemplate", "cluster-owner", uid="uid-co", context="cluster"))
        self.put(ROLE_TEMPLATES, obj("RoleTemplate", "project-owner", uid="uid-po", context="project"))

    def put(self, gvr: GVR, found: Object) -> None:
        self.hub.observe(gvr, {"apiVersion": gvr.api_version, **found})

    def binding(self, gvr: GVR, lies_in: str = "", **content: Any) -> Any:
        """The world of a binding."""
        found = binding(gvr, **content)
        if lies_in:
            found["metadata"]["namespace"] = lies_in
        self.put(gvr, found)
        kind = BINDINGS[gvr](self.hub)
        return kind.gather(Key(found["metadata"].get("namespace", ""), "b"))

    def decided(self, gvr: GVR, **content: Any) -> Any:
        """What its status says, or the actions."""
        world = self.binding(gvr, **content)
        plan = BINDINGS[gvr].decide(world)
        return plan.actions or told(BINDINGS[gvr].report(world, plan.finding))


@pytest.fixture
async def known() -> Known:
    return Known(await known_hub())


async def test_nothing_is_read_for_an_object_that_is_gone(known: Known) -> None:
    kinds: tuple[type[Kind[Any]], ...] = (*BINDINGS.values(), UserKind, GlobalRoleKind, RoleTemplateKind)
    for kind in kinds:
        assert kind(known.hub).gather(Key("", "gone")) is None


# --- Bindings ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("gvr", BINDINGS, ids=lambda gvr: gvr.kind)
async def test_a_binding_in_force(known: Known, gvr: GVR) -> None:
    world = known.binding(gvr)
    assert (world.user.name, world.role.uid[:4], world.invalid) == ("ann", "uid-", "")
    assert world.units
    assert {waiter[1:] for waiter in known.rights.waiters} == {(gvr, Key(world.lies_in, "b"))}
    assert known.decided(gvr)["Ready"] == ("True", "Reconciled")


async def test_a_binding_that_gives_nothing_waits_for_no_units(known: Known) -> None:
    assert known.binding(CLUSTER_BINDINGS, userName="nobody").units == ()
    assert known.rights.waiters == []


async def test_a_binding_by_identity_finds_the_user(known: Known) -> None:
    for identity in ("github_user://1", "local://ann"):
        fields = {"userName": "", "userPrincipalName": identity}
        version = {"resourceVersion": str(len(identity))}
        assert known.binding(CLUSTER_BINDINGS, metadata=version, **fields).user.name == "ann"


async def test_a_username_in_place_of_a_name_finds_nobody_and_is_told_alike_whoever_has_it(known: Known) -> None:
    """Who makes bindings need not see all Users."""
    nobody = known.binding(CLUSTER_BINDINGS, userName="carol")
    known.put(USERS, obj("User", "u-1", uid="uid-1", username="carol"))
    version: Object = {"metadata": {"resourceVersion": "2"}}
    found = known.binding(CLUSTER_BINDINGS, userName="carol", **version)
    assert (found.user, found.subjects) == (None, nobody.subjects)
    assert "named by the User's name (u-...), not by its username" in found.subjects.message


async def test_a_binding_that_lies_elsewhere_says_where_it_belongs(known: Known) -> None:
    assert known.decided(CLUSTER_BINDINGS, clusterName="other")["Ready"] == ("False", "WrongNamespace")
    wrong = known.decided(PROJECT_BINDINGS, lies_in="tools-web")
    assert wrong["Ready"] == ("False", "WrongNamespace")


async def test_roles_with_a_name_like_it_are_suggested_or_the_usual_ones(known: Known) -> None:
    assert known.binding(CLUSTER_BINDINGS, roleTemplateName="cluster-ownr").suggested == ("cluster-owner",)
    odd: Object = {"roleTemplateName": "xyz", "metadata": {"resourceVersion": "2"}}
    assert known.binding(CLUSTER_BINDINGS, **odd).suggested == ("cluster-owner",)
    other: Object = {"roleTemplateName": "project-owner", "metadata": {"resourceVersion": "3"}}
    assert known.decided(CLUSTER_BINDINGS, **other)["Stalled"] == ("True", "ContextMismatch")
    assert known.binding(GLOBAL_ROLE_BINDINGS, globalRoleName="admn").suggested == ("admin",)


async def test_an_external_role_with_a_name_of_ours_is_seen(known: Known) -> None:
    name = "cluster-owner-aggregator"
    known.put(ROLE_TEMPLATES, obj("RoleTemplate", name, uid="uid-x", context="cluster", external=True))
    assert known.decided(CLUSTER_BINDINGS, roleTemplateName=name)["Stalled"] == ("True", "ReservedName")


async def test_check_10_the_user_of_the_status_is_looked_for(known: Known) -> None:
    gone = {"status": {"userName": "bob"}, "userName": "bob"}
    assert known.decided(CLUSTER_BINDINGS, **gone)[0] == Absent(USERS, "bob")
    assert known.binding(PROJECT_BINDINGS, status={"userName": "ann"}).recorded.name == "ann"


async def test_nothing_is_said_again_after_a_start_before_the_clusters_were_asked(known: Known) -> None:
    world = known.binding(CLUSTER_BINDINGS)
    written = ClusterRoleTemplateBindingKind.report(world, None)
    known.rights.states = {unit: NOT_TRIED for unit, _ in world.units}
    again = known.binding(CLUSTER_BINDINGS, status=written, metadata={"resourceVersion": "2"})
    plan = ClusterRoleTemplateBindingKind.decide(again)
    assert plan.at_work
    assert ClusterRoleTemplateBindingKind.report(again, plan.finding) is None


async def test_a_cluster_without_a_way_in_is_not_waited_for(known: Known) -> None:
    known.rights.states = {unit: NOT_TRIED for unit, _ in known.binding(CLUSTER_BINDINGS).units}
    again: dict[str, Any] = {"metadata": {"resourceVersion": "2"}}
    states = {
        state.connected for unit, state in known.binding(CLUSTER_BINDINGS, **again).units if unit.cluster == "edge"
    }
    assert states == {False}
    cluster = known.hub.cluster("edge")
    assert cluster is not None
    metadata = {**cluster["metadata"], "resourceVersion": "2"}
    config = {"importedConfig": {"kubeconfigSecretRef": {"name": "kc"}}}
    known.put(CLUSTERS, {**cluster, "metadata": metadata, "spec": config})
    again = {"metadata": {"resourceVersion": "3"}}
    assert all(state == NOT_TRIED for _, state in known.binding(CLUSTER_BINDINGS, **again).units)


async def test_an_invalid_binding_is_told(known: Known) -> None:
    wrong = known.decided(CLUSTER_BINDINGS, groupName="devs")
    assert wrong["Stalled"] == ("True", "InvalidSpec")


# --- Roles ------------------------------------------------------------------------------------------------------------
async def test_what_a_role_builds_on(known: Known) -> None:
    kind = RoleTemplateKind(known.hub)
    known.put(ROLE_TEMPLATES, obj("RoleTemplate", "a", uid="uid-a", roleTemplateNames=["b", "cluster-owner"]))
    known.put(ROLE_TEMPLATES, obj("RoleTemplate", "b", uid="uid-b", roleTemplateNames=["gone"]))
    world = kind.gather(Key("", "a"))
    assert world is not None
    assert (world.missing, world.cycle, world.shipped) == (("gone",), (), None)
    known.put(ROLE_TEMPLATES, obj("RoleTemplate", "gone", uid="uid-g", roleTemplateNames=["a"]))
    world = kind.gather(Key("", "a"))
    assert world is not None
    assert (world.missing, world.cycle) == ((), ("a", "b", "gone"))


async def test_what_a_global_role_gives(known: Known) -> None:
    gives = ["cluster-owner", "project-owner", "gone"]
    known.put(GLOBAL_ROLES, obj("GlobalRole", "g", uid="uid-g", inheritedClusterRoles=gives))
    world = GlobalRoleKind(known.hub).gather(Key("", "g"))
    assert world is not None
    assert (world.missing, world.misplaced, world.shipped) == (("gone",), ("project-owner",), None)


@pytest.mark.parametrize(
    ("fields", "empty"),
    [
        ({}, True),
        ({"roleTemplateNames": ["cluster-owner", "gone"]}, True),
        ({"rules": [RULE]}, False),
        ({"roleTemplateNames": ["reader"]}, False),
        ({"external": True}, False),
        ({"roleTemplateNames": ["outside"]}, False),
    ],
)
async def test_whether_a_role_template_allows_anything(known: Known, fields: dict[str, Any], empty: bool) -> None:
    known.put(ROLE_TEMPLATES, obj("RoleTemplate", "reader", uid="uid-r", rules=[RULE]))
    known.put(ROLE_TEMPLATES, obj("RoleTemplate", "outside", uid="uid-o", external=True))
    known.put(ROLE_TEMPLATES, obj("RoleTemplate", "a", uid="uid-a", context="cluster", **fields))
    world = RoleTemplateKind(known.hub).gather(Key("", "a"))
    assert world is not None
    assert world.empty is empty
    reason = ("True", "NoRules" if empty else "RoleFound")
    assert known.decided(CLUSTER_BINDINGS, roleTemplateName="a")["RoleResolved"] == reason


@pytest.mark.parametrize(
    ("fields", "empty"),
    [
        ({}, True),
        ({"inheritedFleetWorkspacePermissions": {}}, True),
        ({"rules": [RULE]}, False),
        ({"namespacedRules": {"a": [RULE]}}, False),
        ({"inheritedNamespacedRules": {"a": [RULE]}}, False),
        ({"inheritedClusterRoles": ["cluster-owner"]}, False),
        ({"inheritedFleetWorkspacePermissions": {"workspaceVerbs": ["get"]}}, False),
    ],
)
async def test_whether_a_global_role_allows_anything(known: Known, fields: dict[str, Any], empty: bool) -> None:
    known.put(GLOBAL_ROLES, obj("GlobalRole", "g", uid="uid-g", **fields))
    world = GlobalRoleKind(known.hub).gather(Key("", "g"))
    assert world is not None
    assert world.empty is empty
    reason = ("True", "NoRules" if empty else "RoleFound")
    assert known.decided(GLOBAL_ROLE_BINDINGS, globalRoleName="g")["RoleResolved"] == reason


async def test_roles_that_come_with_drover_are_made_where_they_are_missing(known: Known) -> None:
    for kind in (GlobalRoleKind(known.hub), RoleTemplateKind(known.hub)):
        seeds = kind.seeds()
        assert seeds
        key = next(iter(seeds))
        assert known.hub.caches[kind.gvr].get(Key("", "not-one-of-them")) is None
        known.put(kind.gvr, {**seeds[key], "metadata": {**seeds[key]["metadata"], "uid": "u", "resourceVersion": "9"}})


# --- Users ------------------------------------------------------------------------------------------------------------
def promised(*names: str, **content: Any) -> Object:
    required = ",".join(f'"{name}"' for name in names)
    return obj(
        "User", "bob", uid="uid-bob", metadata={"annotations": {NOTE: f'{{"required":[{required}]}}'}}, **content
    )


async def test_only_roles_for_every_new_user_are_given_to_one(known: Known) -> None:
    known.put(GLOBAL_ROLES, obj("GlobalRole", "user", uid="uid-u", newUserDefault=True))
    known.put(USERS, promised("user", "admin", "gone"))
    world = UserKind(known.hub).gather(Key("", "bob"))
    assert world is not None
    assert (world.first_roles, world.unknown) == (("user",), ("gone",))


async def test_a_role_that_the_user_has_or_had_is_not_given(known: Known) -> None:
    known.put(GLOBAL_ROLES, obj("GlobalRole", "user", uid="uid-u", newUserDefault=True))
    known.put(GLOBAL_ROLE_BINDINGS, binding(GLOBAL_ROLE_BINDINGS, userName="bob", globalRoleName="user"))
    known.put(USERS, promised("user"))
    kind = UserKind(known.hub)
    world = kind.gather(Key("", "bob"))
    assert world is not None
    assert world.first_roles == ()
    had = {"conditions": [{"type": "InitialRolesPopulated", "status": "True"}]}
    known.hub.caches[GLOBAL_ROLE_BINDINGS].replace([], "100")
    found = promised("user", status=had)
    known.put(USERS, {**found, "metadata": {**found["metadata"], "resourceVersion": "2"}})
    world = kind.gather(Key("", "bob"))
    assert world is not None
    assert world.first_roles == ()


async def test_the_oldest_user_with_a_username_has_it(known: Known) -> None:
    for index, name in enumerate(("old", "new")):
        metadata = {"creationTimestamp": f"2026-01-0{index + 1}T00:00:00Z"}
        known.put(USERS, obj("User", name, uid=f"uid-{name}", username="same", metadata=metadata))
    kind = UserKind(known.hub)
    assert [getattr(kind.gather(Key("", name)), "namesake", None) for name in ("old", "new", "ann")] == ["", "old", ""]


# --- Creators ---------------------------------------------------------------------------------------------------------
async def test_a_creator_is_given_what_creators_are_given_once_all_roles_are_there(known: Known) -> None:
    notes = {"annotations": {"field.cattle.io/creatorId": "ann"}, "resourceVersion": "2"}
    cluster, project = known.hub.cluster("edge"), known.hub.project("edge", "shop")
    assert cluster is not None
    assert project is not None
    for gvr, found in ((CLUSTERS, cluster), (PROJECTS, project)):
        known.put(gvr, {**found, "metadata": {**found["metadata"], **notes}})
    of_cluster = ClusterKind(known.hub).gather(Key("", "edge"))
    assert of_cluster is not None
    assert of_cluster.creator is not None
    assert of_cluster.creator.roles is None
    for role in SHIPPED:
        metadata = {**role["metadata"], "uid": f"uid-{role['metadata']['name']}", "resourceVersion": "3"}
        known.put(ROLE_TEMPLATES, {**role, "metadata": metadata})
    of_cluster, of_project = (
        ClusterKind(known.hub).gather(Key("", "edge")),
        ProjectKind(known.hub).gather(Key("edge", "shop")),
    )
    assert of_cluster is not None
    assert of_project is not None
    assert of_cluster.creator is not None
    assert of_project.creator is not None
    assert (of_cluster.creator.roles, of_cluster.creator.lies_in) == (("cluster-owner",), "edge")
    assert (of_project.creator.roles, of_project.creator.lies_in) == (("project-owner",), "edge-shop")
