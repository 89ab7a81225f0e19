"""What somebody is told who gives a role in a wrong way, by the kube-apiserver or by the binding: what would do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from drover.kube.gvr import Object
from tests.cluster.admission.users import refused
from tests.cluster.attacks.ground import Ground
from tests.cluster.attacks.people import CHIEF, MEMBER, OWNER, People, settle
from tests.cluster.rights.objects import in_cluster, in_project, user
from tests.cluster.scene import condition, unique


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people(ground: Ground) -> AsyncIterator[People]:
    """People with roles that come with Drover."""
    yield await settle(ground)


def gives(people: People, role: str, **subject: Any) -> Object:
    """A binding in the project shop."""
    return in_project(unique("b"), role, people.shop, **(subject or {"userName": MEMBER}))


async def waits(people: People, type_: str, reason: str, binding: Object) -> str:
    """What the condition of a binding says that somebody made."""
    await people.ground.scene.apply(binding)
    found = await people.ground.scene.shows(binding, type_, "True" if type_ == "Stalled" else "False", reason)
    return str(condition(found, type_)["message"])


# --- Refused at once --------------------------------------------------------------------------------------------------
async def test_a_role_with_more_rights_is_refused_with_one_that_can_be_given(people: People) -> None:
    hub = people.ground.hub
    answer = hub.create(gives(people, "s-project", userName="plain"), user=OWNER)
    refused(answer, "RoleTemplate s-project gives rights in project edge:shop that you do not have there yourself", 403)
    refused(answer, "Bind a role that you have yourself, such as project-owner, or ask for the verb bind on", 403)
    assert hub.create(gives(people, "project-owner", userName="plain"), user=OWNER, dry_run=True).ok


async def test_a_role_that_does_not_exist_is_refused_with_one_that_has_a_name_like_it(people: People) -> None:
    answer = people.ground.hub.create(gives(people, "project-ownr"), user=OWNER)
    refused(answer, "RoleTemplate project-ownr does not exist", 403)
    refused(answer, "name another, such as project-owner", 403)


async def test_a_role_for_clusters_is_refused_in_a_project_with_one_for_projects(people: People) -> None:
    answer = people.ground.hub.create(gives(people, "cluster-owner"), user=OWNER)
    refused(answer, "is bound in a whole cluster, by a ClusterRoleTemplateBinding", 422)
    refused(answer, "name one with context project, such as project-member, project-owner, read-only", 422)
    answer = people.ground.hub.create(in_cluster(unique("b"), "project-owner", userName=MEMBER), user=CHIEF)
    refused(answer, "name one with context cluster, such as cluster-owner", 422)


# --- Told by the binding ----------------------------------------------------------------------------------------------
async def test_a_user_who_does_not_exist_is_told(people: People) -> None:
    told = await waits(people, "SubjectResolved", "UserNotFound", gives(people, "read-only", userName=unique("nobody")))
    assert "kubectl apply a User of that name" in told


async def test_a_username_in_place_of_a_name_is_told_without_a_word_of_whose_it_is(people: People) -> None:
    """Who makes bindings need not see all Users."""
    username, name = unique("ada"), unique("u")
    await people.ground.scene.apply(user(name, username=username))
    told = await waits(people, "SubjectResolved", "UserNotFound", gives(people, "read-only", userName=username))
    assert "named by the User's name (u-...), not by its username" in told
    assert name not in told


async def test_of_a_group_it_is_told_that_nobody_looked_for_it(people: People) -> None:
    binding = gives(people, "read-only", groupName="shop-develpers")
    await people.ground.scene.apply(binding)
    found = await people.ground.scene.shows(binding, "SubjectResolved", "True", "Group")
    told = condition(found, "SubjectResolved")["message"]
    assert told.startswith("group shop-develpers: for whoever logs in with a group of exactly this name")
