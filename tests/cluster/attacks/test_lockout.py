"""Nobody locks themselves or everybody out by mistake, and there is a way back."""

from __future__ import annotations

from drover.kinds.resources import GLOBAL_ROLE_BINDINGS
from tests.cluster.admission.users import refused
from tests.cluster.attacks.ground import EVERYTHING, MANAGEMENT, Ground, asks, becomes, may
from tests.cluster.rights.objects import access, everywhere, user
from tests.cluster.scene import unique


async def administrator(ground: Ground) -> str:
    """A new User who may do everything everywhere."""
    name = await ground.somebody()
    await ground.scene.apply(everywhere(f"{name}-admin", "admin", userName=name))
    for client in (ground.scene.hub, ground.scene.member):
        await becomes(client, True, name, EVERYTHING)
    return name


async def test_an_administrator_neither_disables_nor_deletes_themselves(ground: Ground) -> None:
    name = await administrator(ground)
    refused(ground.hub.merge(user(name), {"enabled": False}, user=name, dry_run=False), "may not disable yourself")
    refused(ground.hub.delete(user(name), user=name, dry_run=False), "may not delete yourself")
    assert await may(ground.scene.hub, name, EVERYTHING)


async def test_the_role_of_administrators_neither_shrinks_nor_goes(ground: Ground) -> None:
    name, admin = await administrator(ground), access("GlobalRole", "admin")
    refused(ground.hub.merge(admin, {"rules": []}, user=name, dry_run=False), "its rules may not be changed")
    refused(ground.hub.delete(admin, user=name, dry_run=False), "is built in and may not be deleted")
    refused(ground.hub.merge(admin, {"builtin": False}, user=name, dry_run=False), "its builtin may not be changed")


async def test_who_only_manages_users_gives_the_last_administrator_s_role_to_nobody(ground: Ground) -> None:
    clerk = await ground.somebody()
    await ground.scene.apply(everywhere(f"{clerk}-manages", "users-manage", userName=clerk))
    await becomes(ground.scene.hub, True, clerk, asks("create", "globalrolebindings", "", MANAGEMENT))
    answer = ground.hub.create(everywhere(unique("b"), "admin", userName=clerk), user=clerk)
    refused(answer, 'verb bind on globalroles.management.cattle.io "admin"')


async def test_without_any_administrator_the_hub_s_own_credential_makes_one(ground: Ground) -> None:
    """Not even policies or webhooks stand between `system:masters`, who has every right, and a new binding."""
    name = await administrator(ground)
    for found in await ground.scene.hub.list(GLOBAL_ROLE_BINDINGS):
        if found["globalRoleName"] == "admin":
            await ground.scene.delete({**found, "apiVersion": f"{MANAGEMENT}/v3", "kind": "GlobalRoleBinding"})
    for client in (ground.scene.hub, ground.scene.member):
        await becomes(client, False, name, EVERYTHING)
    again = everywhere(unique("b"), "admin", userName=name)
    assert ground.hub.create(again).status == 201
    for client in (ground.scene.hub, ground.scene.member):
        await becomes(client, True, name, EVERYTHING)
    await ground.scene.delete(again)
