"""Users with one name for the login, made at the same time, as no check before it can see."""

from __future__ import annotations

import asyncio

from drover.kinds.hub import age
from drover.kinds.resources import USERS
from drover.kube.gvr import Object
from tests.cluster.rights.objects import user
from tests.cluster.scene import Scene, condition, unique

_PAIRS = 8


async def pair(scene: Scene) -> tuple[Object, Object]:
    """Two Users of one username, the older one first."""
    username = unique("login")
    both = [user(unique("u"), username=username) for _ in range(2)]
    made = await asyncio.gather(*(scene.hub.create(USERS, one, manager="test") for one in both))
    older, younger = sorted(made, key=age)
    return older, younger


async def test_the_older_of_two_users_has_the_username_and_the_other_says_whose_it_is(scene: Scene) -> None:
    pairs = await asyncio.gather(*(pair(scene) for _ in range(_PAIRS)))
    for older, younger in pairs:
        await scene.ready(older)
        found = await scene.shows(younger, "Stalled", "True", "UsernameTaken")
        assert f"User {older['metadata']['name']} has this username" in condition(found, "Stalled")["message"]
        await scene.ready(older)
    older, younger = pairs[0]
    await scene.delete(older)
    await scene.ready(younger)


async def test_who_is_older_has_it_also_where_they_took_it_later(scene: Scene) -> None:
    """Creation times have whole seconds; within one the name decides."""
    first, second = user(unique("u")), user(unique("u"), username=(username := unique("login")))
    await scene.apply(first)
    await asyncio.sleep(1.1)
    await scene.apply(second)
    await scene.ready(second)
    await scene.apply({**first, "username": username})
    await scene.shows(second, "Stalled", "True", "UsernameTaken")
    await scene.ready(first)
