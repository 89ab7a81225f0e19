"""The members by name: who is told when one comes and goes."""

from __future__ import annotations

import asyncio

from drover.members.desired import Part
from drover.members.fleet import Fleet
from drover.members.member import Connection, NoAccess
from drover.rules.ownership import Owner

PART = Part(Owner("Project.management.cattle.io", "edge", "shop", "uid-shop"), "m", project="edge:shop")


async def nowhere(_version: str) -> Connection:
    raise NoAccess("AwaitingKubeconfig", "there is no kubeconfig")


async def test_a_new_member_is_told_of_once_and_what_it_knew_when_it_goes() -> None:
    attached: list[str] = []
    told: list[tuple[str, str]] = []
    fleet = Fleet(
        on_cluster=lambda _cluster: None,
        on_part=lambda cluster, key: told.append((cluster, key)),
        on_local_namespace=lambda _change: None,
        on_attached=attached.append,
    )
    fleet.attach("edge", nowhere).want(PART, 0)
    fleet.attach("edge", nowhere)
    await asyncio.sleep(0)
    assert attached == ["edge"]
    told.clear()
    await fleet.detach("edge")
    assert (told, fleet.get("edge")) == ([("edge", "uid-shop")], None)
