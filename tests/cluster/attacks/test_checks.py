"""Acceptance checks of rights on a whole installation that no other file has, by their numbers."""

from __future__ import annotations

import time

import pytest

from drover.api.keys import AGGREGATED, AGGREGATES, UNIT
from drover.kube.client import Client
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES, Object
from drover.rules.rbac.names import label, of_principal
from tests.cluster.attacks.conftest import guarded
from tests.cluster.attacks.ground import MANAGEMENT, READ, WRITE, Ground, asks, becomes, may, role
from tests.cluster.rights.objects import access, everywhere, in_cluster, in_project, user
from tests.cluster.scene import cluster, condition, eventually, import_member, namespace, project, unique

_OWN = {"apiGroups": [MANAGEMENT], "resources": ["clusters"], "verbs": ["own"]}
_NOTE = "authz.management.cattle.io/creator-role-bindings"


async def test_check_1_a_group_with_the_role_of_users_has_it_before_anybody_of_it_has_logged_in(ground: Ground) -> None:
    """Up to the login, which makes the User under the name of the identity, with the first roles in an annotation."""
    scene, group, identity = ground.scene, f"github_team://{unique('t')}", f"github_user://{unique('i')}"
    settings = asks("list", "settings", "", MANAGEMENT)
    await scene.apply(everywhere(unique("b"), "user", groupPrincipalName=group))
    await becomes(scene.hub, True, identity, settings, [group])
    assert not await may(scene.hub, identity, settings)
    obj = user(of_principal(identity), principalIds=[identity])
    obj["metadata"]["annotations"] = {_NOTE: '{"required":["user"]}'}
    await scene.apply(obj)
    await scene.shows(obj, "InitialRolesPopulated", "True", "RolesGiven")
    await becomes(scene.hub, True, obj["metadata"]["name"], settings)
    await becomes(scene.hub, True, identity, settings)


async def test_check_5_a_role_that_no_longer_owns_makes_members_in_every_cluster(ground: Ground) -> None:
    scene, ann, owner = ground.scene, await ground.somebody(), await ground.role("cluster", READ, _OWN)
    for where in ("edge", "local"):
        await scene.apply(in_cluster(unique("b"), owner, where, userName=ann))
        await becomes(scene.hub, True, ann, asks("delete", "clusters", "", MANAGEMENT, where))
    await scene.apply(role(owner, "cluster", READ))
    for where in ("edge", "local"):
        await becomes(scene.hub, False, ann, asks("delete", "clusters", "", MANAGEMENT, where))
        await becomes(scene.hub, True, ann, asks("get", "clusters", "", MANAGEMENT, where))

        async def gone(name: str = f"{where}-clusterowner") -> bool:
            found = await scene.hub.find(CLUSTER_ROLE_BINDINGS, name)
            return all(each["name"] != ann for each in (found or {}).get("subjects") or ())

        await eventually(gone, f"nobody owns {where} by it")


async def test_check_8_what_two_bindings_promote_stays_until_the_last_one_goes(ground: Ground) -> None:
    scene, ann = ground.scene, await ground.somebody()
    nodes = await ground.role("project", {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]})
    given = [in_project(unique("b"), nodes, await scene.project(), userName=ann) for _ in range(2)]
    for obj in given:
        await scene.apply(obj)
        await scene.ready(obj)
    sees = [asks("get", "projects", "edge", MANAGEMENT, obj["projectName"].split(":")[1]) for obj in given]
    await becomes(scene.member, True, ann, asks("get", "nodes"))
    for each in sees:
        await becomes(scene.hub, True, ann, each)
    await scene.delete(given[0])
    await scene.gone(given[0])
    await becomes(scene.hub, False, ann, sees[0])
    assert await may(scene.member, ann, asks("get", "nodes"))
    await scene.delete(given[1])
    await becomes(scene.member, False, ann, asks("get", "nodes"))


async def test_check_11_a_cluster_that_is_deleted_with_bindings_goes_with_all_of_them(ground: Ground) -> None:
    """It has never been reached, so that nothing can be removed there."""
    scene, ann, place = ground.scene, await ground.somebody(), unique("c")
    obj = cluster(place)
    await scene.apply(obj)
    await scene.shows(obj, "BackingNamespaceCreated", "True")
    home = project(unique("p"), place)
    await scene.apply(home)
    made = await scene.shows(home, "BackingNamespaceCreated", "True")
    given = [
        in_cluster(unique("b"), "cluster-owner", place, userName=ann),
        in_cluster(unique("b"), "cluster-member", place, userName=ann),
        in_project(unique("b"), "project-owner", made, userName=ann),
    ]
    for each in given:
        await scene.apply(each)
    await becomes(scene.hub, True, ann, asks("delete", "clusters", "", MANAGEMENT, place))
    assert await scene.hub.find(CLUSTER_ROLES, f"{place}-clusterowner") is not None
    await scene.delete(obj)
    for each in (*given, home, obj):
        await scene.gone(each)
    await becomes(scene.hub, False, ann, asks("get", "clusters", "", MANAGEMENT, place))

    async def none() -> bool:
        found = [each["metadata"]["name"] for each in await scene.hub.list(CLUSTER_ROLES)]
        return not [name for name in found if name.startswith(f"{place}-")]

    await eventually(none, "no role of the cluster is left")


@pytest.mark.parametrize("runs", [True, False], ids=["running", "stopped"])
async def test_check_11_a_cluster_that_answers_is_not_left_before_all_rights_are_gone_from_there(
    ground: Ground, runs: bool
) -> None:
    """By whatever is left then, somebody would have rights for good. Afterwards it is imported again."""
    scene, ann, outside = ground.scene, await ground.somebody(), unique("outside")
    home = await scene.project()
    place = await scene.namespace(home)
    theirs: Object = {"apiVersion": CLUSTER_ROLES.api_version, "kind": "ClusterRole", "rules": [READ]}
    await scene.member.create(CLUSTER_ROLES, {**theirs, "metadata": {"name": outside}}, manager="test")
    await scene.apply(role(outside, "cluster", external=True))
    given = [
        in_project(unique("b"), await ground.role("project", WRITE), home, userName=ann),
        in_cluster(unique("b"), await ground.role("cluster", READ), userName=ann),
        in_cluster(unique("b"), await ground.role("cluster", roleTemplateNames=[outside]), userName=ann),
    ]
    for each in given:
        await scene.apply(each)
        await scene.ready(each)
    await becomes(scene.member, True, ann, asks("update", place=place))
    await becomes(scene.member, True, ann, asks("get"))
    labels = (await scene.member.get(CLUSTER_ROLES, outside))["metadata"]["labels"]
    assert labels[AGGREGATES] == outside
    obj = cluster("edge")
    try:
        if not runs:
            scene.drover.stop()
        await scene.delete(obj)
        since = time.monotonic()
        if not runs:
            ground.start()
        await scene.gone(obj)
        assert time.monotonic() - since < (3.0 if runs else 15.0)
        assert await _of_drover(scene.member) == []
        assert not await may(scene.member, ann, asks("get"))
        assert not await may(scene.member, ann, asks("update", place=place))
    finally:
        if not runs:
            await ground.judged()
        await import_member(scene, "edge", "edge-kubeconfig")
        await guarded(ground)


async def _of_drover(member: Client) -> list[str]:
    """What gives rights and is Drover's, and other ClusterRoles with its labels."""
    kinds = (ROLES, CLUSTER_ROLES, ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS)
    found = [obj | {"kind": gvr.kind} for gvr in kinds for obj in await member.list(gvr)]
    marks = {UNIT, AGGREGATED, AGGREGATES}
    return [
        f"{obj['kind']} {obj['metadata']['name']}" for obj in found if marks & {*(obj["metadata"].get("labels") or ())}
    ]


async def test_check_21_a_binding_of_an_external_role_gives_what_its_cluster_role_says_whatever_its_external_rules(
    ground: Ground,
) -> None:
    scene, name, ann = ground.scene, unique("outside"), await ground.somebody()
    home = await scene.project()
    place = await scene.namespace(home)
    theirs = {
        "apiVersion": CLUSTER_ROLES.api_version,
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": [READ],
    }
    await scene.member.create(CLUSTER_ROLES, theirs, manager="test")
    await scene.apply(role(name, "project", external=True, externalRules=[WRITE]))
    given = in_project(unique("b"), name, home, userName=ann)
    await scene.apply(given)
    await scene.ready(given)
    await becomes(scene.member, True, ann, asks("get", place=place))
    bound = await scene.member.get(ROLE_BINDINGS, f"rt-{name}", place)
    adds = await scene.member.get(CLUSTER_ROLES, bound["roleRef"]["name"])
    assert [each["matchLabels"] for each in adds["aggregationRule"]["clusterRoleSelectors"]] == [
        {AGGREGATES: name},
        {AGGREGATES: label(f"{name}:namespaces")},
    ]
    assert not await may(scene.member, ann, asks("update", place=place))


# --- Bad inputs that need more than one object ------------------------------------------------------------------------
async def test_a_binding_in_a_cluster_that_does_not_exist_waits_for_it(ground: Ground) -> None:
    scene, ann, place = ground.scene, await ground.somebody(), unique("later")
    await scene.apply(access("RoleTemplate", "looks", context="cluster", rules=[READ]))
    await scene.apply(namespace(place))
    given = in_cluster(unique("b"), "looks", place, userName=ann)
    await scene.apply(given)

    async def waits() -> bool:
        found = await scene.get(given)
        return condition(found, "Ready").get("status") in ("False", "Unknown")

    await eventually(waits, "it is not Ready")
    assert not await may(scene.hub, ann, asks("get", "clusters", "", MANAGEMENT, place))
    await scene.delete(given)


async def test_roles_inherit_over_fifty_steps_and_over_two_ways_and_never_in_a_circle(ground: Ground) -> None:
    scene, ann, name = ground.scene, await ground.somebody(), unique("deep")
    await scene.apply(role(f"{name}-0", "cluster", READ))
    for number in range(1, 50):
        inherits = [f"{name}-{number - 1}", *([f"{name}-{number - 2}"] if number > 1 else [])]
        await scene.apply(role(f"{name}-{number}", "cluster", roleTemplateNames=inherits))
    await scene.apply(in_cluster(unique("b"), f"{name}-49", userName=ann))
    await becomes(scene.member, True, ann, asks("get"))
    closing = ground.hub.merge(role(f"{name}-0", "cluster"), {"roleTemplateNames": [f"{name}-49"]}, dry_run=False)
    assert closing.status == 422
    assert "circular" in closing.message
    await scene.apply(role(f"{name}-0", "cluster"))
    await becomes(scene.member, False, ann, asks("get"))
