"""Whether anything that gives rights is left in a cluster, and who is told when it is gone."""

from __future__ import annotations

import asyncio

import pytest

from drover.api.keys import AGGREGATED, UNIT
from drover.kube.errors import Forbidden, ServerError
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, Key, Object
from drover.members.desired import Part
from drover.members.member import Connection, Member
from drover.rules.ownership import Owner
from tests.unit.members.cluster import Cluster
from tests.unit.members.rbac_cluster import RbacCluster, Ruled, cluster_role

OWNER = Owner("RoleTemplate.management.cattle.io", "", "view-pods", "uid-view")
AGGREGATES = "management.cattle.io/aggregates"


def part() -> Part:
    """A role that adds up one of somebody else."""
    rights = (cluster_role("view-pods"),)
    return Part(OWNER, "", unit="role/view-pods", rights=rights, aggregated={"view": {AGGREGATES: "view"}})


def ruled(cluster: RbacCluster | None = None, *, known: bool = True) -> tuple[Ruled, list[bool | None]]:
    """A cluster with a ClusterRole of somebody else, and what was left each time when somebody was told."""
    found, told = Ruled(cluster, known=known), list[bool | None]()
    found.rights.on_cleared = lambda: told.append(found.rights.left)
    return found, told


def with_view(labels: dict[str, str] | None = None) -> RbacCluster:
    cluster = RbacCluster()
    cluster.put(CLUSTER_ROLES, cluster_role("view", metadata={"name": "view", "labels": labels or {}}))
    return cluster


async def test_it_is_told_when_the_last_of_them_is_gone() -> None:
    found, told = ruled(with_view())
    assert (found.rights.left, told) == (False, [])
    await found.want(part())
    assert (found.rights.left, told) == (True, [])
    found.rights.index(part(), None)
    (mark, unit) = found.looks
    assert (mark, unit[0]) == (("mark", "view"), "unit")
    await found.rights.sweep(unit[1])
    assert (found.rights.left, told) == (True, [])  # the labels
    await found.rights.mark("view")
    assert (found.rights.left, told) == (False, [False])


async def test_nothing_is_told_while_parts_are_wanted_or_not_all_of_them_are_known() -> None:
    found, told = ruled(with_view(), known=False)
    await found.want(part())
    await found.drop(part())
    assert (found.rights.left, told) == (True, [])  # the labels may be wanted by a part that is not known yet
    found.rights.know_all()
    await found.settle()
    assert (found.rights.left, told[-1:]) == (False, [False])
    told.clear()
    await found.want(Part(OWNER, "", unit="role/other"))
    found.looks.append(("unit", "unknown"))
    await found.settle()
    assert told == []


async def test_where_nothing_is_wanted_and_nothing_there_it_is_told_at_once() -> None:
    found, told = ruled(known=False)
    found.rights.know_all()
    assert told == [False]


@pytest.mark.parametrize("error", [Forbidden(403, "Forbidden", "no"), ServerError(503, "Unavailable", "down")])
async def test_what_is_not_deleted_is_left_until_it_is(error: Exception) -> None:
    found, told = ruled()
    await found.want(Part(OWNER, "", unit="role/view-pods", rights=(cluster_role("view-pods"),)))
    found.cluster.fails["delete"].append(error)
    found.rights.index(found.parts["uid-view/role/view-pods"], None)
    (look,) = found.looks
    try:
        await found.settle()
    except ServerError:
        assert error.__class__ is ServerError
    assert (found.rights.left, told) == (True, [])
    found.looks.append(look)
    await found.settle()
    assert (found.rights.left, told) == (False, [False])


async def test_what_is_just_being_made_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = ruled(with_view())
    seen: list[bool | None] = []
    create = found.cluster.create

    async def slow(*args: object, **fields: object) -> Object:
        seen.append(found.rights.left)
        return await create(*args, **fields)  # type: ignore[arg-type]

    monkeypatch.setattr(found.cluster, "create", slow)
    await found.want(Part(OWNER, "", unit="role/view-pods", rights=(cluster_role("view-pods"),)))
    assert seen == [True]


async def test_labels_that_somebody_else_has_put_on_too_are_not_ours() -> None:
    """As from a backup: they stay, and no role adds them up any more."""
    found, told = ruled(with_view({AGGREGATES: "view", AGGREGATED: "true"}), known=False)
    assert (found.rights.left, told) == (True, [])
    found.rights.know_all()
    await found.settle()
    assert (found.rights.left, told) == (False, [False])
    await found.want(part())
    await found.drop(part())
    assert found.rights.left is False


async def test_what_may_not_be_read_is_not_known() -> None:
    found, _ = ruled()
    found.caches._rights[0].denied = True
    assert found.rights.left is None
    labels = {UNIT: "0123456789abcdef"}
    binding = {"kind": "ClusterRoleBinding", "metadata": {"name": "x", "labels": labels}, "roleRef": {}}
    found.cluster.put(CLUSTER_ROLE_BINDINGS, binding)
    found.caches.rights["ClusterRoleBinding"].observe(found.cluster.objects[CLUSTER_ROLE_BINDINGS.plural][Key("", "x")])
    assert found.rights.left is True


async def test_of_a_member_something_may_be_left_until_it_was_read_and_all_is_known() -> None:
    cluster, told = Cluster(), list[str]()

    async def connect(_version: str) -> Connection:
        return Connection(cluster.client, "1", "https://member.example:6443", "CA")

    may_write = asyncio.Event()
    may_write.set()
    member = Member(
        "edge",
        connect,
        reference="",
        may_write=may_write,
        expected_uid="",
        on_cluster=told.append,
        on_part=lambda _cluster, _key: None,
    )
    assert member.rights_left is True
    await member._probe(0)
    assert member.loop is not None
    async with asyncio.timeout(10.0):
        await member.loop.caches.wait_synced()
    assert member.rights_left is True
    told.clear()
    member.know_all_rights()
    assert (member.rights_left, told) == (False, ["edge"])
    await member._pause()
