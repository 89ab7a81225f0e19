"""What every kind asks of the hub."""

from __future__ import annotations

from typing import Any

import pytest

from drover.kinds.resources import CLUSTERS, PROJECTS
from drover.kube.gvr import NAMESPACES, NODES, Key, Object
from tests.unit.kinds.apiserver import Apiserver, hub
from tests.unit.kinds.worlds import obj, owned


def project(uid: str = "uid-1", version: str = "1", **metadata: Any) -> Object:
    return obj("Project", "shop", "edge", uid=uid, metadata={"resourceVersion": version, **metadata})


async def test_the_answer_to_an_own_write_is_known_at_once() -> None:
    known = hub(Apiserver())
    assert known.observe(PROJECTS, project()) is not None
    assert known.project("edge", "shop") is not None
    assert known.observe(PROJECTS, project()) is None


async def test_an_answer_that_ends_an_object_removes_it() -> None:
    known = hub(Apiserver())
    known.observe(PROJECTS, project())
    ending: Object = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["x"]}
    assert known.observe(PROJECTS, project(version="2", **ending)) is not None
    assert known.project("edge", "shop") is not None
    assert known.observe(PROJECTS, project(version="3", **(ending | {"finalizers": []}))) is not None
    assert known.project("edge", "shop") is None


async def test_what_is_not_followed_is_not_kept() -> None:
    known = hub(Apiserver())
    assert known.observe(NODES, obj("Node", "x", "y")) is None
    assert known.observe(PROJECTS, {"kind": "Status", "metadata": {}}) is None
    assert known.observe(NAMESPACES, owned("x")) is None
    assert (known.namespace("x"), known.namespaces_of("uid-1"), known.local) == (None, [], None)


@pytest.mark.parametrize(("living", "adopts"), [(True, ""), (False, "uid-0")])
async def test_nothing_is_adopted_from_an_owner_that_lives(living: bool, adopts: str) -> None:
    known = hub(Apiserver())
    if living:
        known.observe(PROJECTS, {**project("uid-0"), "metadata": {**project("uid-0")["metadata"], "name": "old"}})
    found = project(annotations={"drover.dev/adopt-uid": "uid-0"})
    owner = known.owner(PROJECTS, found)
    assert (owner.uid, owner.adopts, owner.kind) == ("uid-1", adopts, "Project.management.cattle.io")


async def test_an_object_is_found_by_what_made_it_and_by_its_uid() -> None:
    known = hub(Apiserver())
    known.observe(PROJECTS, project(labels={"drover.dev/owner-uid": "uid-c"}))
    assert len(known.caches[PROJECTS].by("owner", "uid-c")) == 1
    assert known.lives(PROJECTS, "uid-1")
    assert not known.lives(PROJECTS, "uid-c")
    assert not known.lives(PROJECTS, "")
    assert known.project_of_namespace(owned("edge-shop", "uid-1")) == known.project("edge", "shop")
    assert known.project_of_namespace(owned("edge-shop", "")) is None
    assert known.caches[CLUSTERS].get(Key("", "edge")) is None
