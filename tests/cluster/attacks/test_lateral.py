"""From one project or cluster into another: by moving namespaces, by bindings in foreign places, and by names that are
like those of others."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from drover.api.keys import PROJECT_ID
from drover.kube.gvr import Object
from tests.cluster.admission.users import refused
from tests.cluster.attacks.ground import MANAGEMENT, READ, Ground, asks, becomes, may, never
from tests.cluster.attacks.people import CHIEF, MANAGER, MEMBER, OWNER, People, settle
from tests.cluster.rights.objects import access, everywhere, in_cluster, in_project
from tests.cluster.scene import cluster, namespace, project, unique


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people(ground: Ground) -> AsyncIterator[People]:
    """Nobody of shop has anything in bank after all of it."""
    found = await settle(ground)
    yield found
    for who in (OWNER, MEMBER):
        for request in (asks("get", "pods", "vault"), asks("create", "deployments", "vault", "apps")):
            assert not await may(ground.scene.member, who, request)
        assert not await may(ground.scene.hub, who, asks("get", "secrets", "edge-bank"))


def moved(where: str | None) -> Object:
    return {"metadata": {"annotations": {PROJECT_ID: where}}}


# --- Namespaces -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", [OWNER, MEMBER])
async def test_no_namespace_is_moved_into_or_out_of_a_foreign_project(people: People, who: str) -> None:
    """Both ways give rights: what runs in bank to those of shop, or what they run to the network of bank."""
    edge = people.ground.edge
    for name, where in (("vault", "edge:shop"), ("web", "edge:bank"), ("kube-system", "edge:shop"), ("vault", None)):
        answer = edge.merge(namespace(name), moved(where), user=who, dry_run=False)
        assert answer.status == 403, (name, where, answer)
    refused(edge.create(namespace("evil", "edge:bank"), user=who), "may not manage-namespaces")
    labelled = {"metadata": {"labels": {PROJECT_ID: "bank"}}}
    refused(edge.merge(namespace("web"), labelled, user=who, dry_run=False), "may not manage-namespaces")


async def test_a_namespace_goes_between_two_projects_by_who_manages_both_with_all_rights(people: People) -> None:
    scene, name = people.ground.scene, unique("n")
    both, reader = await people.ground.somebody(), await people.ground.somebody()
    for each in (people.shop, people.bank):
        await scene.apply(in_project(f"{both}-owns", "project-owner", each, userName=both))
    await scene.apply(in_project(unique("b"), "read-only", people.bank, userName=reader))
    for owned in ("shop", "bank"):
        await becomes(scene.member, True, both, asks("manage-namespaces", "projects", "", MANAGEMENT, owned))
    await becomes(scene.member, True, both, asks("create", "namespaces"))
    assert people.ground.edge.create(namespace(name, "edge:shop"), user=both).ok
    await becomes(scene.member, True, OWNER, asks("get", "pods", name))
    assert not await may(scene.member, reader, asks("get", "pods", name))
    await becomes(scene.member, True, both, asks("patch", "namespaces", name, "", name))
    assert people.ground.edge.merge(namespace(name), moved("edge:bank"), user=both, dry_run=False).ok
    await becomes(scene.member, True, reader, asks("get", "pods", name))
    await becomes(scene.member, False, OWNER, asks("get", "pods", name))
    await becomes(scene.member, False, OWNER, asks("delete", "namespaces", name, "", name))


# --- Bindings in foreign places ---------------------------------------------------------------------------------------
async def test_check_2_a_cluster_binding_in_the_namespace_of_another_cluster_is_refused(people: People) -> None:
    for who in ("", MANAGER, CHIEF):
        away = in_cluster("evil", "cluster-member", "local", userName=CHIEF)
        away["metadata"]["namespace"] = "edge"
        refused(people.ground.hub.create(away, user=who), "clusterName: local is not the namespace", 422)


async def test_a_project_binding_in_the_namespace_of_another_project_is_refused(people: People) -> None:
    for project_name in ("edge:bank", "local:shop", "edge:none"):
        away = in_project("evil", "project-owner", people.shop, userName=OWNER) | {"projectName": project_name}
        refused(people.ground.hub.create(away, user=OWNER), "is not the backing namespace", 422)


async def test_rights_in_a_cluster_are_none_in_the_hub_or_in_another(people: People) -> None:
    hub, scene = people.ground.hub, people.ground.scene
    assert not await may(scene.hub, CHIEF, asks("get", "secrets", "fleet-default"))
    assert not await may(scene.hub, CHIEF, asks("*", "*", "", "*"))
    assert await may(scene.member, CHIEF, asks("*", "*", "", "*"))
    owner = in_cluster("evil", "cluster-owner", "local", userName=CHIEF)
    refused(hub.create(owner, user=CHIEF), "cannot create")
    refused(hub.create(access("Project", "evil", "local", spec={"clusterName": "local"}), user=CHIEF), "cannot create")
    refused(hub.create(everywhere("evil", "admin", userName=CHIEF), user=CHIEF), "cannot create")


# --- Names ------------------------------------------------------------------------------------------------------------
async def test_projects_of_one_name_in_two_clusters_are_two(people: People) -> None:
    scene, name = people.ground.scene, unique("twin")
    ann = await people.ground.somebody()
    twins = [project(name, each) for each in ("edge", "local")]
    for obj in twins:
        await scene.apply(obj)
    here, there = [await scene.ready(obj) for obj in twins]
    assert here["status"]["backingNamespace"] != there["status"]["backingNamespace"]
    near, far = unique("n"), unique("n")
    await scene.apply(namespace(near, f"edge:{name}"), client=scene.member)
    await scene.apply(namespace(far, f"local:{name}"))
    given = in_project(unique("b"), "project-member", here, userName=ann)
    await scene.apply(given)
    await becomes(scene.member, True, ann, asks("get", "pods", near))
    await becomes(scene.hub, True, ann, asks("get", "projects", "edge", MANAGEMENT, name))
    await never(scene.hub, ann, asks("get", "pods", far))
    assert not await may(scene.hub, ann, asks("get", "projects", "local", MANAGEMENT, name))
    # Another cluster's project does not count for a namespace, whatever its annotation says.
    await scene.apply(namespace(unique("n"), f"local:{name}"), client=scene.member)


async def test_projects_whose_names_come_to_the_same_have_a_namespace_each(people: People) -> None:
    """`c` in cluster `edge-b` and `b-c` in cluster `edge` would both be `edge-b-c`: the first is."""
    scene, owner = people.ground.scene, await people.ground.somebody()
    other = cluster("edge-b")
    await scene.apply(other)
    await scene.shows(other, "BackingNamespaceCreated", "True")
    first, second = project("b-c", "edge"), project("c", "edge-b")
    mine = await _backed(people, first)
    theirs = await _backed(people, second)
    assert mine["status"]["backingNamespace"] == "edge-b-c"
    assert theirs["status"]["backingNamespace"] not in ("", "edge-b-c")
    await scene.apply(in_project("owns", "project-owner", mine, userName=owner))
    await becomes(scene.hub, True, owner, asks("create", "projectroletemplatebindings", "edge-b-c", MANAGEMENT))
    thief = in_project("evil", "project-owner", mine, userName=owner) | {"projectName": "edge-b:c"}
    refused(people.ground.hub.create(thief, user=owner), "is not the backing namespace of project edge-b:c", 422)
    await never(scene.hub, owner, asks("get", "projects", "edge-b", MANAGEMENT, "c"))
    for obj in (second, first, other):
        await scene.delete(obj)
        await scene.gone(obj)


async def test_a_namespace_that_somebody_made_before_is_not_taken_for_that_of_a_project(people: People) -> None:
    """Who may write in it would give themselves the project, and read its Secrets."""
    scene, mallory = people.ground.scene, await people.ground.somebody()
    place, obj = "edge-trap", project("trap")
    assert people.ground.hub.create(namespace(place)).ok
    found = await _backed(people, obj)
    assert found["status"]["backingNamespace"] not in ("", place)
    given = in_project("evil", "project-owner", {**found, "status": {"backingNamespace": place}}, userName=mallory)
    refused(people.ground.hub.create(given), "is not the backing namespace", 422)
    await scene.delete(obj)
    await scene.gone(obj)


async def _backed(people: People, obj: Object) -> Object:
    await people.ground.scene.apply(obj)
    return await people.ground.scene.shows(obj, "BackingNamespaceCreated", "True")


async def test_a_cluster_with_the_name_of_a_namespace_that_is_there_gives_nothing_in_it(people: People) -> None:
    """Who creates clusters chooses their names: that of somebody's project, or one of the system."""
    scene, ground = people.ground.scene, people.ground
    creator, maker = await ground.somebody(), unique("maker")
    rule = {"apiGroups": [MANAGEMENT], "resources": ["clusters"], "verbs": ["create"]}
    await scene.apply(access("GlobalRole", maker, rules=[rule]))
    await scene.apply(everywhere(unique("b"), maker, userName=creator))
    await becomes(scene.hub, True, creator, asks("create", "clusters", "", MANAGEMENT))
    for name in ("edge-shop", "drover-system", "default"):
        obj = cluster(name)
        obj["metadata"]["annotations"] = {"field.cattle.io/creatorId": creator}
        answer = ground.hub.create(obj, user=creator)
        if not answer.ok:
            assert answer.status in (403, 422)
            continue
        await scene.shows(obj, "BackingNamespaceCreated", "False")
        await never(scene.hub, creator, asks("get", "secrets", name))
        assert not await may(scene.hub, creator, asks("create", "projectroletemplatebindings", name, MANAGEMENT)), name
        assert not await may(scene.hub, creator, asks("create", "clusterroletemplatebindings", name, MANAGEMENT)), name
        await scene.delete(obj)
        await scene.gone(obj)


async def test_a_service_account_of_one_cluster_is_nobody_in_another(people: People) -> None:
    scene, account = people.ground.scene, "system:serviceaccount:web:builder"
    given = in_project(unique("b"), "project-member", people.shop, serviceAccount="web:builder")
    await scene.apply(given)
    groups = ["system:serviceaccounts", "system:serviceaccounts:web"]
    await becomes(scene.member, True, account, asks("get", "pods", "web"), groups)
    assert not await may(scene.member, account, asks("get", "pods", "vault"), groups)
    other = await people.ground.role("project", READ)
    assert not await may(scene.hub, account, asks("get", "roletemplates", "", MANAGEMENT, other), groups)
