"""What bindings, roles and users say of themselves, and what goes with what, on a real kube-apiserver."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from drover.dev import audit, beside
from drover.dev.cluster import ControlPlane
from drover.kube.gvr import Object
from drover.rules.rbac.catalogue import GLOBAL_ROLES, ROLE_TEMPLATES
from tests.cluster.rights.objects import access, everywhere, in_cluster, in_project, user
from tests.cluster.scene import Scene, cluster, condition, eventually, project, unique

CREATOR = "field.cattle.io/creatorId"
NOTE = "authz.management.cattle.io/creator-role-bindings"
SYNCED = ("SubjectResolved", "RoleResolved", "LocalSynced", "RemoteSynced", "Ready")


async def known(scene: Scene, **content: Any) -> str:
    """A new User, by name."""
    obj = user(unique("u"), **content)
    await scene.apply(obj)
    await scene.ready(obj)
    return str(obj["metadata"]["name"])


def writes_about(control_plane: ControlPlane, since: int, obj: Object) -> list[str]:
    """What Drover wrote to an object itself."""
    name, lies_in = obj["metadata"]["name"], obj["metadata"].get("namespace", "")
    plural = f"{obj['kind'].lower()}s"
    found = audit.writes(control_plane.hub.audit_log, since)
    return [write.what for write in found if (write.resource, write.name, write.namespace) == (plural, name, lies_in)]


# --- In force ---------------------------------------------------------------------------------------------------------
async def test_each_kind_of_binding_is_ready_after_one_write_of_its_status(
    scene: Scene, control_plane: ControlPlane
) -> None:
    ann, shop = await known(scene), await scene.project()
    for obj in (
        everywhere(unique("b"), "user", userName=ann),
        in_cluster(unique("b"), "cluster-member", userName=ann),
        in_project(unique("b"), "project-member", shop, userName=ann),
        in_project(unique("b"), "read-only", shop, groupPrincipalName="github_org://7"),
    ):
        since = audit.size(control_plane.hub.audit_log)
        await scene.apply(obj)
        found = await scene.ready(obj)
        assert {condition(found, type_)["status"] for type_ in SYNCED} == {"True"}
        assert found["status"]["summary"] == "Completed"
        await asyncio.sleep(0.5)
        assert writes_about(control_plane, since, obj) == [f"patch {obj['kind'].lower()}s/status"]
        since = audit.size(control_plane.hub.audit_log)
        await scene.delete(obj)
        await scene.gone(obj)
        await asyncio.sleep(0.3)
        assert writes_about(control_plane, since, obj) == []


async def test_roles_that_come_with_drover_are_there_and_ready(scene: Scene) -> None:
    for role in (*GLOBAL_ROLES, *ROLE_TEMPLATES):
        found = await scene.ready(dict(role))
        assert found["builtin"] is True
        assert condition(found, "RoleResolved")["status"] == "True"


# --- What is missing --------------------------------------------------------------------------------------------------
async def test_a_binding_may_come_before_its_user(scene: Scene) -> None:
    name = unique("u")
    obj = in_cluster(unique("b"), "cluster-member", userName=name)
    await scene.apply(obj)
    found = await scene.shows(obj, "SubjectResolved", "False")
    assert condition(found, "LocalSynced")["reason"] == "NothingGranted"
    await scene.apply(user(name))
    await scene.ready(obj)


async def test_a_binding_may_come_before_its_role_and_says_which_would_do(scene: Scene) -> None:
    ann, role = await known(scene), unique("cluster-ownr")
    obj = in_cluster(unique("b"), role, userName=ann)
    await scene.apply(obj)
    found = await scene.shows(obj, "RoleResolved", "False", "RoleNotFound")
    assert "cluster-owner" in condition(found, "Ready")["message"]
    rules = [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}]
    await scene.apply(access("RoleTemplate", role, context="cluster", rules=rules))
    await scene.ready(obj)


async def test_a_role_of_a_project_in_a_whole_cluster_stalls(scene: Scene) -> None:
    """The webhook refuses it where it is installed; a role may also change after its bindings were made."""
    ann, role = await known(scene), access("RoleTemplate", unique("r"), context="cluster", rules=[])
    await scene.apply(role)
    obj = in_cluster(unique("b"), role["metadata"]["name"], userName=ann)
    await scene.apply(obj)
    await scene.ready(obj)
    await scene.apply({**role, "context": "project"})
    found = await scene.shows(obj, "Stalled", "True", "ContextMismatch")
    assert "ProjectRoleTemplateBinding" in condition(found, "Ready")["message"]


async def test_a_role_says_what_it_lacks(scene: Scene) -> None:
    parent, heir = access("RoleTemplate", unique("r"), rules=[]), unique("r")
    child = access("RoleTemplate", heir, context="cluster", roleTemplateNames=[parent["metadata"]["name"]])
    far = access("RoleTemplate", unique("r"), context="cluster", roleTemplateNames=[heir])
    for obj in (child, far):
        await scene.apply(obj)
        await scene.shows(obj, "RoleResolved", "False", "RoleNotFound")
    await scene.apply(parent)
    for obj in (child, far):
        await scene.ready(obj)


async def test_a_role_whose_parents_have_no_rules_says_so_and_so_do_its_bindings(
    scene: Scene,
) -> None:
    parent, heir = access("RoleTemplate", unique("r"), rules=[]), unique("r")
    child = access("RoleTemplate", heir, context="cluster", roleTemplateNames=[parent["metadata"]["name"]])
    given = in_cluster(unique("b"), heir, userName=await known(scene))
    for obj in (parent, child, given):
        await scene.apply(obj)
    for obj in (child, given):
        found = await scene.shows(obj, "RoleResolved", "True", "NoRules")
        assert "it has no rules, and inherits none" in condition(found, "RoleResolved")["message"]
    rules = [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}]
    await scene.apply({**parent, "rules": rules})
    for obj in (child, given):
        await scene.shows(obj, "RoleResolved", "True", "RoleFound")


async def test_a_disabled_user_has_nothing_and_keeps_the_bindings(scene: Scene) -> None:
    ann = await known(scene)
    obj = in_cluster(unique("b"), "cluster-member", userName=ann)
    await scene.apply(obj)
    await scene.ready(obj)
    await scene.apply(user(ann, enabled=False))
    await scene.shows(obj, "SubjectResolved", "False", "UserDisabled")
    await scene.apply(user(ann, enabled=True))
    await scene.ready(obj)


async def test_a_member_that_does_not_answer_leaves_the_remote_part_unknown(
    scene: Scene, hub_kubeconfig: Path, clusters: tuple[Any, ...]
) -> None:
    kubeconfig, name = Path(clusters[2].kubeconfig), unique("far")
    nowhere = await asyncio.to_thread(beside.member_kubeconfig, kubeconfig, "https://127.0.0.1:1")
    await asyncio.to_thread(beside.put_secret, hub_kubeconfig, name, nowhere)
    far = cluster(name, name)
    await scene.apply(cluster(name))
    await scene.shows(far, "BackingNamespaceCreated", "True")
    obj = in_cluster(unique("b"), "cluster-member", name, groupPrincipalName="github_org://9")
    await scene.apply(obj)
    await scene.shows(obj, "RemoteSynced", "Unknown", "ClusterUnreachable")  # nobody has said where it is
    await scene.apply(far)
    await scene.shows(far, "Connected", "False")
    await scene.shows(obj, "LocalSynced", "True")
    found = await scene.shows(obj, "RemoteSynced", "Unknown", "ClusterUnreachable")
    assert condition(found, "LocalSynced")["status"] == "True"
    assert name in condition(found, "Ready")["message"]
    right = await asyncio.to_thread(beside.member_kubeconfig, kubeconfig)
    await asyncio.to_thread(beside.put_secret, hub_kubeconfig, name, right)
    await scene.ready(obj)
    await scene.delete(far)
    await scene.gone(obj)
    await scene.gone(far)


# --- What goes with what ----------------------------------------------------------------------------------------------
async def test_check_10_the_bindings_of_a_user_go_with_it(scene: Scene) -> None:
    identity = f"github_user://{unique('i')}"
    ann, shop = await known(scene, principalIds=[identity]), await scene.project()
    bindings = [
        everywhere(unique("b"), "user", userName=ann),
        in_cluster(unique("b"), "cluster-member", userName=ann),
        in_cluster(unique("b"), "nodes-view", userPrincipalName=identity),
        in_project(unique("b"), "project-member", shop, userName=ann),
    ]
    other = in_cluster(unique("b"), "cluster-member", groupPrincipalName="github_org://8")
    for obj in (*bindings, other):
        await scene.apply(obj)
        await scene.ready(obj)
    await scene.delete(user(ann))
    for obj in bindings:
        await scene.gone(obj)
    await scene.ready(other)


async def test_a_global_binding_goes_with_its_role_and_others_stay(scene: Scene) -> None:
    ann = await known(scene)
    rules = [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}]
    role = access("GlobalRole", unique("r"), rules=rules)
    template = access("RoleTemplate", unique("r"), context="cluster", rules=rules)
    for obj in (role, template):
        await scene.apply(obj)
        await scene.ready(obj)
    goes = everywhere(unique("b"), role["metadata"]["name"], userName=ann)
    stays = in_cluster(unique("b"), template["metadata"]["name"], userName=ann)
    for obj in (goes, stays):
        await scene.apply(obj)
        await scene.ready(obj)
    await scene.delete(role)
    await scene.gone(goes)
    await scene.delete(template)
    await scene.shows(stays, "RoleResolved", "False", "RoleNotFound")


# --- Creators ---------------------------------------------------------------------------------------------------------
async def test_who_makes_a_project_owns_it_once(scene: Scene) -> None:
    administrator = await scene.hub.user()
    obj = project(unique("p"))
    obj["metadata"]["annotations"] = {CREATOR: administrator}
    await scene.apply(obj)
    found = await scene.shows(obj, "CreatorMadeOwner", "True", "RolesGiven")
    assert condition(found, "InitialRolesPopulated")["status"] == "True"
    note = json.loads(found["metadata"]["annotations"][NOTE])
    assert note == {"created": ["project-owner"], "required": ["project-owner"]}
    made = in_project("creator-project-owner", "project-owner", found)
    binding = await scene.get(made)
    assert binding is not None
    assert binding["userName"] == administrator
    await scene.delete(made)
    await scene.gone(made)
    await scene.apply({**obj, "spec": {**obj["spec"], "description": "changed"}})
    await scene.ready(obj)
    assert await scene.get(made) is None


async def test_a_new_user_gets_the_roles_that_it_was_promised(scene: Scene) -> None:
    obj = user(unique("u"))
    obj["metadata"]["annotations"] = {NOTE: '{"required":["user","admin"]}'}  # admin is not for every new user
    await scene.apply(obj)
    await scene.shows(obj, "InitialRolesPopulated", "True", "RolesGiven")

    async def roles() -> list[str]:
        items = (await scene.hub.get_path("/apis/management.cattle.io/v3/globalrolebindings"))["items"]
        return [item["globalRoleName"] for item in items if item.get("userName") == obj["metadata"]["name"]]

    assert await roles() == ["user"]
    await scene.delete(obj)

    async def none() -> bool:
        return not await roles()

    await eventually(none, "its binding goes with it")
