"""People with the roles that come with Drover try to get more: by every kind of role and binding, through inheritance,
external roles and aggregation. What they may do is asked of both kube-apiservers before and after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

import pytest
import pytest_asyncio

from drover.kube.gvr import Object
from tests.cluster.admission.users import refused
from tests.cluster.attacks.ground import ALL, MANAGEMENT, READ, Ground, asks, becomes, may, never, role
from tests.cluster.attacks.people import CHIEF, EDITOR, MANAGER, MEMBER, OWNER, PLAIN, RBAC, People, settle
from tests.cluster.rights.objects import access, everywhere, in_cluster, in_project, user
from tests.cluster.scene import namespace, unique

SECRETS: Object = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
_SHOP = {"metadata": {"namespace": "edge", "name": "shop"}, "status": {"backingNamespace": "edge-shop"}}
_BANK = {"metadata": {"namespace": "edge", "name": "bank"}, "status": {"backingNamespace": "edge-bank"}}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people(ground: Ground) -> AsyncIterator[People]:
    """They have the same powers after all attacks as before."""
    found = await settle(ground)
    before = await found.settled_powers()
    yield found
    await asyncio.sleep(1)
    assert await found.powers() == before


def global_role(**fields: Any) -> Object:
    return access("GlobalRole", "evil", **fields)


def native(kind: str, lies_in: str = "", role_name: str = "cluster-admin", **metadata: Any) -> Object:
    """A binding of plain RBAC for everybody."""
    place = {"namespace": lies_in} if lies_in else {}
    subjects = [{"apiGroup": RBAC, "kind": "Group", "name": "system:authenticated"}]
    reference = {"apiGroup": RBAC, "kind": "ClusterRole", "name": role_name}
    metadata = {"name": "evil", **place, **metadata}
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata, "roleRef": reference, "subjects": subjects}


_RIGHTS, _BIND, _ROLES = "that you do not have there yourself", "verb bind on", "verb escalate on"
_FLEET = "inheritedFleetWorkspacePermissions"
MADE: list[tuple[str, Object, str]] = [
    (MANAGER, global_role(rules=[ALL]), _ROLES),
    (MANAGER, global_role(rules=[{"nonResourceURLs": ["*"], "verbs": ["*"]}]), _ROLES),
    (MANAGER, global_role(namespacedRules={"kube-system": [SECRETS]}), _ROLES),
    (MANAGER, global_role(inheritedNamespacedRules={"vault": [SECRETS]}), _ROLES),
    (MANAGER, global_role(inheritedClusterRoles=["cluster-owner"]), _ROLES),
    (MANAGER, global_role(inheritedClusterRoles=["s-heir"]), _ROLES),
    (MANAGER, global_role(inheritedClusterRoles=["not-yet"]), _ROLES),
    (MANAGER, global_role(**{_FLEET: {"resourceRules": [SECRETS]}}), _ROLES),
    (MANAGER, global_role(**{_FLEET: {"workspaceVerbs": ["*"]}}), _ROLES),
    (MANAGER, role("evil", "cluster", ALL), _ROLES),
    (MANAGER, role("evil", "project", SECRETS), _ROLES),
    (MANAGER, role("evil", "", SECRETS), _ROLES),
    (MANAGER, role("evil", "cluster", {**SECRETS, "verbs": ["escalate", "bind"], "apiGroups": [RBAC]}), _ROLES),
    (MANAGER, role("evil", "cluster", {**ALL, "apiGroups": [MANAGEMENT], "resources": ["clusters"]}), _ROLES),
    *((MANAGER, role("evil", context, roleTemplateNames=["s-base"]), _ROLES) for context in ("cluster", "project", "")),
    (MANAGER, role("evil", "cluster", roleTemplateNames=["not-yet"]), _ROLES),
    *((MANAGER, role("evil", context, external=True), _ROLES) for context in ("cluster", "project", "")),
    (MANAGER, role("evil", "project", external=True, externalRules=[]), _ROLES),
    (MANAGER, role("cattle-globalrole-s-global", "cluster", external=True), "are made by Drover"),
    (MANAGER, everywhere("evil", "admin", userName=MANAGER), _BIND),
    (MANAGER, everywhere("evil", "user", userName=MANAGER), _BIND),
    (MANAGER, everywhere("evil", "s-global", groupPrincipalName="system:authenticated"), _BIND),
    (MANAGER, everywhere("evil", "not-yet", userName=MANAGER), _BIND),
    (MANAGER, everywhere("evil", "admin", userPrincipalName=f"local://{MANAGER}"), _BIND),
    *(
        (MANAGER, in_cluster("evil", name, userName=MANAGER), _BIND)
        for name in ("cluster-owner", "cluster-admin", "s-heir", "s-external", "not-yet")
    ),
    (MANAGER, in_cluster("evil", "cluster-owner", "local", groupName="system:authenticated"), _BIND),
    (MANAGER, in_project("evil", "project-owner", _BANK, userName=MANAGER), _BIND),
    (MANAGER, in_project("evil", "admin", _BANK, serviceAccount="web:default"), _BIND),
    (MANAGER, user("evil", principalIds=["github_user://1"]), "may impersonate"),
    (CHIEF, global_role(inheritedClusterRoles=["cluster-owner"]), "cannot create"),
    (CHIEF, role("evil", "cluster", ALL), "cannot create"),
    (CHIEF, everywhere("evil", "admin", userName=CHIEF), "cannot create"),
    (CHIEF, in_cluster("evil", "cluster-owner", "local", userName=CHIEF), "cannot create"),
    (CHIEF, in_cluster("evil", "not-yet", userName=CHIEF), _BIND),
    (OWNER, in_cluster("evil", "cluster-owner", userName=OWNER), "cannot create"),
    (OWNER, in_project("evil", "s-project", _SHOP, userName=OWNER), _BIND),
    (OWNER, in_project("evil", "not-yet", _SHOP, userName=OWNER), _BIND),
    (OWNER, in_project("evil", "project-owner", _BANK, userName=OWNER), "cannot create"),
    (OWNER, native("RoleBinding", "edge-shop"), "cannot create"),
    (OWNER, native("RoleBinding", "edge-bank"), "cannot create"),
    (MEMBER, in_project("evil", "project-member", _SHOP, userName=MEMBER), "cannot create"),
    (MEMBER, in_cluster("evil", "cluster-member", userName=MEMBER), "cannot create"),
    (PLAIN, global_role(rules=[]), "cannot create"),
    (PLAIN, role("evil", "cluster"), "cannot create"),
    (PLAIN, everywhere("evil", "admin", userName=PLAIN), "cannot create"),
    (PLAIN, in_cluster("evil", "cluster-owner", userName=PLAIN), "cannot create"),
    (PLAIN, in_project("evil", "project-owner", _SHOP, userName=PLAIN), "cannot create"),
    (EDITOR, native("ClusterRoleBinding"), "is attempting to grant RBAC permissions not currently held"),
    (EDITOR, native("RoleBinding", "edge-shop", "project-owner"), "not found"),
]


@pytest.mark.parametrize(("who", "written", "words"), MADE)
async def test_nobody_makes_a_role_or_binding_with_more_than_they_have(
    people: People, who: str, written: Object, words: str
) -> None:
    answer = people.ground.hub.create(written, user=who)
    assert answer.status in (403, 404, 422), answer
    assert words in answer.message


CHANGED: list[tuple[str, Object, Object, str]] = [
    (MANAGER, access("GlobalRole", "writes-roles"), {"rules": [ALL]}, _ROLES),
    (MANAGER, access("GlobalRole", "writes-roles"), {"inheritedClusterRoles": ["cluster-owner"]}, _ROLES),
    (MANAGER, access("GlobalRole", "writes-roles"), {"inheritedNamespacedRules": {"vault": [SECRETS]}}, _ROLES),
    (MANAGER, access("GlobalRole", "s-global"), {"newUserDefault": True}, _ROLES),
    (MANAGER, access("GlobalRole", "users-manage"), {"rules": [ALL]}, "may not be changed"),
    (MANAGER, role("s-nodes", "project"), {"context": "cluster"}, _ROLES),
    (MANAGER, role("s-nodes", "project"), {"roleTemplateNames": ["s-base"]}, _ROLES),
    (MANAGER, role("s-cluster", "cluster"), {"clusterCreatorDefault": True}, _ROLES),
    (MANAGER, role("s-cluster", "cluster"), {"roleTemplateNames": ["s-heir"]}, "circular"),
    (MANAGER, role("s-external", "cluster"), {"externalRules": [READ]}, _ROLES),
    (MANAGER, role("view", "project"), {"external": False}, "may not be changed"),
    (MANAGER, everywhere("plain-user", ""), {"globalRoleName": "admin"}, "the role of a binding stays"),
    (MANAGER, everywhere(f"{MANAGER}-users-manage", ""), {"userPrincipalName": "local://x"}, _BIND),
    (MANAGER, in_cluster("chief-owns", ""), {"userName": MANAGER}, "make another binding"),
    (MANAGER, user(CHIEF), {"principalIds": ["github_user://666"]}, "may impersonate"),
    (OWNER, in_project("owner-owns", "", _SHOP), {"projectName": "edge:bank"}, "in the other project"),
    (OWNER, in_project("owner-owns", "", _SHOP), {"roleTemplateName": "s-project"}, "the role of a binding stays"),
    (OWNER, access("Project", "shop", "edge"), {"spec": {"clusterName": "local"}}, "clusterName"),
    (CHIEF, in_cluster("chief-owns", ""), {"clusterName": "local"}, "in the other cluster"),
]


@pytest.mark.parametrize(("who", "obj", "changes", "words"), CHANGED)
async def test_nobody_changes_a_role_binding_or_user_to_get_more(
    people: People, who: str, obj: Object, changes: Object, words: str
) -> None:
    answer = people.ground.hub.merge(obj, changes, user=who, dry_run=False)
    assert answer.status in (403, 422), answer
    assert words in answer.message


async def test_check_4_a_project_owner_gives_no_right_that_it_lacks_and_is_told_only_those(people: People) -> None:
    """A project owner reads nodes and pods by the built-in role and Kubernetes' own, and they are not told of."""
    lacks = {"apiGroups": [RBAC], "resources": ["clusterroles"], "verbs": ["escalate"]}
    name = await people.ground.role("project", {**READ, "resources": ["nodes", "pods"], "verbs": ["get"]}, lacks)
    answer = people.ground.hub.create(in_project("evil", name, _SHOP, userName=OWNER), user=OWNER)
    refused(answer, "escalate clusterroles.rbac.authorization.k8s.io", 403)
    assert "nodes" not in answer.message
    assert "pods" not in answer.message
    owner = in_project("evil", "cluster-owner", _SHOP, userName=OWNER)
    refused(people.ground.hub.create(owner, user=OWNER), 'has context "cluster"', 422)


async def test_a_project_owner_gives_the_built_in_roles_of_its_project(people: People) -> None:
    name = await people.ground.somebody()
    for given in ("project-owner", "project-member", "read-only", "configmaps-view"):
        answer = people.ground.hub.create(in_project("more", given, _SHOP, userName=name), user=OWNER, dry_run=True)
        assert answer.ok, answer.message


async def test_check_19_with_bind_on_the_role_of_administrators_one_is_made(people: People) -> None:
    ground, name = people.ground, await people.ground.somebody()
    verb = {"apiGroups": [MANAGEMENT], "resources": ["globalroles"], "resourceNames": ["admin"], "verbs": ["bind"]}
    writes = {"apiGroups": [MANAGEMENT], "resources": ["globalrolebindings"], "verbs": ["create"]}
    may_bind = unique("binds")
    await ground.scene.apply(access("GlobalRole", may_bind, rules=[verb, writes]))
    await ground.scene.apply(everywhere(unique("b"), may_bind, userName=name))
    await becomes(ground.scene.hub, True, name, asks("bind", "globalroles", "", MANAGEMENT, "admin"))
    made = everywhere(unique("b"), "admin", userName=await ground.somebody())
    refused(ground.hub.create(made, user=MANAGER), _BIND, 403)
    assert ground.hub.create(made, user=name).status == 201
    refused(ground.hub.create(everywhere(unique("b"), "s-global", userName=name), user=name), "s-global", 403)
    await ground.scene.delete(made)


async def test_a_user_is_given_no_role_by_a_promise_that_its_maker_writes(people: People) -> None:
    """Who makes Users writes the annotation by which a login promises the first roles."""
    scene, name = people.ground.scene, unique("u")
    obj = user(name)
    obj["metadata"]["annotations"] = {
        "authz.management.cattle.io/creator-role-bindings": '{"required":["admin","s-global","user-base"]}'
    }
    assert people.ground.hub.create(obj, user=MANAGER).ok
    await scene.shows(obj, "InitialRolesPopulated", "True")
    await never(scene.hub, name, asks("get", "secrets"))
    assert not await may(scene.member, name, asks("get", "secrets"))


# --- Rules that look like more than they say --------------------------------------------------------------------------
_FOREIGN = "example.com"


async def test_rules_about_another_api_group_give_nothing_in_those_of_the_same_resource(people: People) -> None:
    """`namespaces`, `nodes`, `projects` or `clusters` of another group are neither Kubernetes' nor Drover's."""
    ground = people.ground
    every = ["namespaces", "nodes", "secrets", "projects", "clusters", "clusterroletemplatebindings"]
    rule = {"apiGroups": [_FOREIGN], "resources": every, "verbs": ["*"]}
    apart = [
        {**rule, "resources": [each], "verbs": [verb]} for each in every for verb in ("create", "own", "updatepsa")
    ]
    wide, narrow = [await ground.role(context, rule, *apart) for context in ("cluster", "project")]
    ann, bob = await ground.somebody(), await ground.somebody()
    given = [in_cluster(unique("b"), wide, userName=ann), in_project(unique("b"), narrow, people.shop, userName=bob)]
    for obj in given:
        await ground.scene.apply(obj)
        await ground.scene.ready(obj)
    await becomes(ground.scene.member, True, ann, asks("get", "nodes", "", _FOREIGN))
    await becomes(ground.scene.member, True, bob, asks("get", "secrets", "web", _FOREIGN))
    for who in (ann, bob):
        for client in (ground.scene.hub, ground.scene.member):
            for request in (
                asks("create", "namespaces"),
                asks("delete", "namespaces", "web", "", "web"),
                asks("get", "nodes"),
                asks("get", "secrets", "edge-shop"),
                asks("get", "secrets", "web"),
                asks("delete", "projects", "edge", MANAGEMENT, "shop"),
                asks("delete", "clusters", "", MANAGEMENT, "edge"),
                asks("manage-namespaces", "projects", "", MANAGEMENT, "shop"),
                asks("updatepsa", "projects", "", MANAGEMENT, "shop"),
                asks("create", "clusterroletemplatebindings", "edge", MANAGEMENT),
            ):
                assert not await may(client, who, request), (who, request)


async def test_a_project_owner_does_not_loosen_the_pod_security_of_its_namespaces(people: People) -> None:
    ground = people.ground
    loose = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}}
    refused(ground.edge.merge(namespace("web"), loose, user=OWNER), "may not updatepsa on projects")
    assert ground.edge.merge(namespace("web"), {"metadata": {"labels": {"team": "a"}}}, user=OWNER).ok
    assert ground.edge.merge(namespace("web"), loose, user=CHIEF).ok


async def test_an_external_role_gives_what_its_cluster_role_gives_and_its_editors_add_only_what_they_have(
    people: People,
) -> None:
    ground, name = people.ground, unique("outside")
    theirs = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": [READ]}
    assert ground.edge.create(theirs).ok
    await ground.scene.apply(role(name, "cluster", external=True, externalRules=[READ]))
    ann = await ground.somebody()
    await ground.scene.apply(in_cluster(unique("b"), name, userName=ann))
    await becomes(ground.scene.member, True, ann, asks("get"))
    answer = ground.edge.merge(theirs, {"rules": [READ, SECRETS]}, user=EDITOR, dry_run=False)
    refused(answer, "is attempting to grant RBAC permissions not currently held", 403)
    assert not await may(ground.scene.member, ann, asks("get", "secrets"))
    more = deepcopy(theirs) | {"rules": [READ, SECRETS]}
    assert ground.edge.merge(theirs, {"rules": more["rules"]}, dry_run=False).ok
    await becomes(ground.scene.member, True, ann, asks("get", "secrets"))
    assert ground.edge.merge(theirs, {"rules": []}, dry_run=False).ok
    await becomes(ground.scene.member, False, ann, asks("get"))
