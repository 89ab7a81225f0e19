"""Features: those of Drover are there, and a lock is a lock."""

from __future__ import annotations

import pytest

from drover.kinds.resources import FEATURES
from drover.kube.errors import Invalid
from tests.cluster.scene import Scene, condition, feature

FLAG = "multi-cluster-management"


async def test_a_feature_says_what_it_is_and_whether_it_is_on(scene: Scene) -> None:
    found = await scene.ready(feature(FLAG))
    status = found["status"]
    assert (status["default"], status["dynamic"], status["lockedValue"]) == (True, False, True)
    assert status["description"].endswith(".")
    assert condition(found, "Enabled")["status"] == "True"


async def test_invariant_16_the_opposite_of_a_lock_is_refused_and_the_same_value_is_taken(scene: Scene) -> None:
    await scene.ready(feature(FLAG))
    with pytest.raises(Invalid, match="the feature is locked to true; set that or remove the field"):
        await scene.apply(feature(FLAG, value=False))
    await scene.apply(feature(FLAG, value=True))
    found = await scene.ready(feature(FLAG))
    assert found["spec"] == {"value": True}
    await scene.apply(feature(FLAG))
    found = await scene.ready(feature(FLAG))
    assert found["spec"] == {}
    assert condition(found, "Enabled")["reason"] == "Locked"


async def test_a_feature_that_is_deleted_comes_back(scene: Scene) -> None:
    before = await scene.ready(feature(FLAG))
    await scene.delete(feature(FLAG))
    again = await scene.ready(feature(FLAG))
    assert again["metadata"]["uid"] != before["metadata"]["uid"]


async def test_a_feature_that_drover_does_not_have_is_kept_and_off(scene: Scene) -> None:
    theirs = feature("harvester", value=True)
    await scene.apply(theirs)
    found = await scene.shows(theirs, "Enabled", "False", "NotKnown")
    assert found["spec"] == {"value": True}
    assert condition(found, "Ready")["status"] == "True"
    await scene.delete(theirs)
    await scene.gone(theirs)
    assert {each["metadata"]["name"] for each in await scene.hub.list(FEATURES)} == {FLAG}
