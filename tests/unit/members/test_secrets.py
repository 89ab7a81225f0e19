"""Copies of a project's secrets: made, changed, removed, and never over a Secret of somebody else."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, cast

import pytest

from drover.api.keys import (
    ORIGINAL,
    OWNER_UID,
    PROJECT_ID,
    PROJECT_SCOPED,
    PROJECT_SCOPED_CLUSTER,
    PROJECT_SCOPED_COPY,
)
from drover.kube.client import Client
from drover.kube.errors import (
    AlreadyExists,
    ApiError,
    Conflict,
    Forbidden,
    Invalid,
    ServerError,
    TooManyRequests,
)
from drover.kube.gvr import Key, Object, key_of
from drover.members.caches import MemberCaches
from drover.members.desired import Part, SecretSource
from drover.members.secrets import SecretKeeper
from drover.rules.ownership import Owner
from drover.rules.project_secrets import understood
from drover.rules.secret_copy import Content


def encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


class Member:
    """A member's apiserver, as far as Secrets go; `fails` is raised by the next writes."""

    def __init__(self) -> None:
        self.objects: dict[Key, Object] = {}
        self.writes: list[tuple[str, str]] = []
        self.bodies: list[Object] = []
        self.fails: list[Exception] = []
        self.version = 100

    def put(self, obj: Object) -> Object:
        self.version += 1
        metadata = {"uid": f"uid-{self.version}", **obj["metadata"], "resourceVersion": str(self.version)}
        self.objects[key_of(obj)] = {"type": "Opaque", **obj, "metadata": metadata}
        return copied(self.objects[key_of(obj)])

    async def find(self, _gvr: object, name: str, namespace: str) -> Object | None:
        found = self.objects.get(Key(namespace, name))
        return copied(found) if found is not None else None

    async def create(self, _gvr: object, obj: Object, *, manager: str) -> Object:
        self._write("create", obj)
        if key_of(obj) in self.objects:
            raise AlreadyExists(409, "AlreadyExists", "there is one")
        return self.put(obj)

    async def merge(self, _gvr: object, patch: Object, *, manager: str) -> Object:
        self._write("patch", patch)
        known = self.objects[key_of(patch)]
        metadata = dict(patch["metadata"])
        for field in ("uid", "resourceVersion"):
            if metadata.pop(field) != known["metadata"][field]:
                raise Conflict(409, "Conflict", "changed meanwhile")
        if known.get("immutable") and {"data", "type"} & patch.keys():
            raise Invalid(422, "Invalid", "field is immutable")
        return self.put(merged(known, {**patch, "metadata": metadata}))

    async def delete(self, _gvr: object, name: str, namespace: str, *, uid: str) -> Object:
        self._write("delete", {"metadata": {"name": name, "namespace": namespace}})
        if self.objects[Key(namespace, name)]["metadata"]["uid"] != uid:
            raise Conflict(409, "Conflict", "another uid")
        del self.objects[Key(namespace, name)]
        return {}

    def _write(self, verb: str, obj: Object) -> None:
        self.writes.append((verb, "/".join(key_of(obj))))
        self.bodies.append(obj)
        if self.fails:
            raise self.fails.pop(0)


def copied(obj: Object) -> Object:
    return {**obj, "metadata": {**obj["metadata"]}}


def merged(live: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result = dict(live) if isinstance(live, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


class Scene:
    """A keeper on a member, and the project's secrets in the hub."""

    def __init__(self) -> None:
        self.member = Member()
        self.hub: dict[str, Object] = {}
        client = cast("Client", cast("Any", self.member))

        def ignore(*_: Any) -> None:
            return None

        self.caches = MemberCaches(
            client,
            on_object=ignore,
            on_namespace=ignore,
            on_nodes=ignore,
            on_autoscaler=ignore,
            on_given=ignore,
            on_access=ignore,
            on_error=ignore,
        )
        self.keeper = SecretKeeper("edge", client, self.caches, self._content)

    async def _content(self, source: SecretSource) -> Content | None:
        found = self.hub.get(source.name)
        return Content(found) if found is not None else None

    def secret(self, name: str = "registry", value: str = "one", **content: Any) -> None:
        """A project's secret in the hub."""
        marks = {PROJECT_SCOPED: "shop", PROJECT_SCOPED_CLUSTER: "edge"}
        metadata = {"name": name, "namespace": "edge-shop", "uid": f"s-{name}", "labels": marks}
        self.hub[name] = {"metadata": metadata, "data": {"key": encoded(value)}, **content}

    def part(self, ignores: Mapping[str, tuple[str, ...] | None] | None = None, project: str = "shop") -> Part:
        sources = tuple(
            SecretSource("edge-shop", name, f"s-{name}", "1", (ignores or {}).get(name, ())) for name in self.hub
        )
        owner = Owner("Project.management.cattle.io", "edge", project, f"uid-{project}")
        return Part(owner, "drover-project", project=f"edge:{project}", secrets=sources)

    async def give(
        self, namespace: str = "web", part: Part | None = None, labels: dict[str, str] | None = None
    ) -> dict[str, str]:
        """What the keeper says of a namespace after it was given what it should have."""
        part = part or self.part()
        obj = {"metadata": {"name": namespace, "annotations": {PROJECT_ID: part.project}, "labels": labels or {}}}
        return understood(await self.keeper.give(part, obj))

    def holds(self, namespace: str = "web") -> dict[str, str]:
        """The value of each Secret in a namespace."""
        return {
            key.name: base64.b64decode(obj["data"].get("key", "")).decode()
            for key, obj in self.member.objects.items()
            if key.namespace == namespace
        }

    def drift(self, **changes: Any) -> None:
        """Somebody changes the copy, and the watch tells of it."""
        obj = self.member.put(merged(self.member.objects[Key("web", "registry")], changes))
        if OWNER_UID in obj["metadata"]["labels"]:
            self.caches.secrets.observe(obj)
        else:
            self.caches.secrets.forget(obj)

    def restarted(self) -> Scene:
        """The same member after a restart: what the label finds is known again."""
        new = Scene()
        new.hub, new.member.objects, new.member.version = self.hub, self.member.objects, self.member.version
        for obj in self.member.objects.values():
            if {OWNER_UID, PROJECT_SCOPED} <= (obj["metadata"].get("labels") or {}).keys():
                new.caches.secrets.observe(copied(obj))
        return new


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    scene.secret()
    return scene


async def test_a_copy_is_made_by_one_write_and_not_written_again(scene: Scene) -> None:
    assert await scene.give() == {}
    assert await scene.give() == {}
    assert scene.holds() == {"registry": "one"}
    assert scene.member.writes == [("create", "web/registry")]
    again = scene.restarted()
    assert await again.give() == {}
    assert again.member.writes == []


async def test_what_changes_in_the_hub_changes_by_one_write(scene: Scene) -> None:
    await scene.give()
    scene.secret(value="two")
    await scene.give()
    await scene.give()
    assert scene.holds() == {"registry": "two"}
    assert scene.member.writes == [("create", "web/registry"), ("patch", "web/registry")]


async def test_what_is_no_more_or_ignored_is_removed(scene: Scene) -> None:
    scene.secret("tls")
    await scene.give()
    await scene.give(part=scene.part({"tls": ("we*",)}))
    assert scene.holds() == {"registry": "one"}
    scene.hub.clear()
    await scene.give()
    assert scene.holds() == {}


async def test_nothing_is_removed_while_secrets_are_not_known(scene: Scene) -> None:
    await scene.give()
    part = scene.part()
    unknown = Part(part.owner, part.manager, project=part.project, secrets=None)
    await scene.give(part=unknown)
    assert scene.holds() == {"registry": "one"}


async def test_the_copies_of_a_secret_whose_list_is_not_understood_stay_as_they_are(scene: Scene) -> None:
    await scene.give("web")
    scene.secret(value="two")
    for namespace in ("web", "new"):
        await scene.give(namespace, scene.part({"registry": None}))
    assert (scene.holds("web"), scene.holds("new")) == ({"registry": "one"}, {})


async def test_a_secret_of_somebody_else_is_told_and_left_and_the_rest_goes_on(scene: Scene) -> None:
    scene.member.put({"metadata": {"name": "registry", "namespace": "web"}, "data": {"key": encoded("theirs")}})
    scene.secret("tls")
    for _ in range(3):
        assert await scene.give() == {"registry": "NameTaken"}
    assert scene.holds() == {"registry": "theirs", "tls": "one"}
    assert scene.member.writes.count(("create", "web/registry")) == 1  # then it is looked at first
    del scene.member.objects[Key("web", "registry")]
    assert await scene.give() == {}
    assert scene.holds() == {"registry": "one", "tls": "one"}


async def test_a_copy_of_upstream_is_taken_over_for_its_project_only(scene: Scene) -> None:
    for project, namespace in (("shop", "web"), ("bank", "lab")):
        marks = {"labels": {PROJECT_SCOPED: project}, "annotations": {PROJECT_SCOPED_COPY: "true"}}
        scene.member.put({"metadata": {"name": "registry", "namespace": namespace, **marks}, "data": {}})
    assert await scene.give("web") == {}
    assert await scene.give("lab") == {"registry": "NameTaken"}
    assert (scene.holds("web"), scene.holds("lab")) == ({"registry": "one"}, {"registry": ""})
    assert scene.member.objects[Key("web", "registry")]["metadata"]["labels"][OWNER_UID] == "uid-shop"


async def test_a_copy_of_a_copy_is_its_authors(scene: Scene) -> None:
    await scene.give("web")
    original = scene.member.objects[Key("web", "registry")]
    for place in (Key("elsewhere", "registry"), Key("web", "mine"), Key("lab", "registry")):
        marks = {**original["metadata"], "namespace": place.namespace, "name": place.name, "uid": str(place)}
        scene.caches.secrets.observe(scene.member.put({**original, "metadata": marks}))
    await scene.keeper.clear("elsewhere")
    assert await scene.give("lab") == {"registry": "NameTaken"}
    await scene.keeper.clear("web")
    assert scene.member.objects.keys() == {
        Key("elsewhere", "registry"),
        Key("web", "mine"),
        Key("lab", "registry"),
    }


@pytest.mark.parametrize(
    "drift",
    [
        {"data": {"key": encoded("theirs"), "more": encoded("x")}},
        {"data": {"key": None}},
        {"metadata": {"labels": {OWNER_UID: None}}},
        {"metadata": {"labels": {OWNER_UID: "x", PROJECT_SCOPED: "x"}}},
        {"metadata": {"annotations": {ORIGINAL: None}}},
    ],
)
async def test_drift_is_put_right(scene: Scene, drift: dict[str, Any]) -> None:
    await scene.give()
    made = scene.member.objects[Key("web", "registry")]
    scene.drift(**drift)
    assert await scene.give() == {}
    now = scene.member.objects[Key("web", "registry")]
    assert now["data"] == made["data"]
    for field in ("labels", "annotations"):
        assert now["metadata"][field] == made["metadata"][field]


async def test_a_copy_that_somebody_deletes_comes_back(scene: Scene) -> None:
    await scene.give()
    scene.caches.secrets.forget(scene.member.objects.pop(Key("web", "registry")))
    await scene.give()
    assert scene.holds() == {"registry": "one"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"immutable": True}, {"immutable": True}),
        ({"immutable": True}, {}),
        ({"type": "Opaque"}, {"type": "kubernetes.io/tls"}),
    ],
)
async def test_what_cannot_be_changed_is_made_anew(scene: Scene, before: Object, after: Object) -> None:
    scene.secret(value="one", **before)
    await scene.give()
    scene.secret(value="two", **after)
    assert await scene.give() == {}
    assert scene.holds() == {"registry": "two"}
    assert [verb for verb, _ in scene.member.writes] == ["create", "delete", "create"]


async def test_a_namespace_that_moves_has_the_secrets_of_the_other_project(scene: Scene) -> None:
    scene.secret("old")
    await scene.give()
    del scene.hub["old"]
    scene.secret(value="of the bank")
    assert await scene.give(part=scene.part(project="bank")) == {}
    assert scene.holds() == {"registry": "of the bank"}
    assert scene.member.objects[Key("web", "registry")]["metadata"]["labels"][OWNER_UID] == "uid-bank"


async def test_a_namespace_that_leaves_loses_its_copies_and_keeps_the_rest(scene: Scene) -> None:
    scene.member.put({"metadata": {"name": "own", "namespace": "web"}, "data": {"key": encoded("x")}})
    await scene.give()
    await scene.keeper.clear("web")
    assert scene.holds() == {"own": "x"}


async def test_a_namespace_that_drover_made_gets_no_copy(scene: Scene) -> None:
    assert await scene.give("edge-shop", labels={OWNER_UID: "uid-shop"}) == {}
    assert scene.member.writes == []


async def test_a_copy_that_is_being_deleted_is_waited_for(scene: Scene) -> None:
    await scene.give()
    scene.drift(metadata={"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["x"]})
    await scene.give()
    await scene.keeper.clear("web")
    assert len(scene.member.writes) == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Forbidden(403, "Forbidden", "POST /x: exceeded quota"), "OverQuota"),
        (Forbidden(403, "Forbidden", "POST /x: Forbidden"), "Forbidden"),
        (Invalid(422, "Invalid", "POST /x: Invalid"), "Refused"),
        (ApiError(413, "", "POST /x: 413"), "Refused"),
    ],
)
async def test_what_the_cluster_refuses_is_told_and_the_rest_goes_on(
    scene: Scene, error: Exception, reason: str
) -> None:
    scene.secret("tls")
    scene.member.fails = [error]
    assert await scene.give() == {"registry": reason}
    assert scene.holds() == {"tls": "one"}
    assert await scene.give() == {}


async def test_a_server_that_goes_on_failing_is_told_and_the_rest_goes_on(scene: Scene) -> None:
    scene.secret("tls")
    for _ in range(6):
        scene.member.fails = [ServerError(500, "", "x")]
        with pytest.raises(ServerError):
            await scene.give()
    scene.member.fails = [ServerError(500, "", "x")]
    assert await scene.give() == {"registry": "Refused"}
    assert scene.holds() == {"tls": "one"}
    assert await scene.give() == {}
    scene.member.fails = [ServerError(500, "", "x")]
    scene.secret(value="two")
    with pytest.raises(ServerError):
        await scene.give()


@pytest.mark.parametrize(
    "error", [Conflict(409, "Conflict", "x"), TooManyRequests(429, "", "x"), ServerError(500, "", "x")]
)
async def test_what_passes_by_itself_is_tried_again_and_not_told(scene: Scene, error: Exception) -> None:
    scene.member.fails = [error]
    with pytest.raises(type(error)):
        await scene.give()
    assert await scene.give() == {}


async def test_without_the_right_nothing_is_tried(scene: Scene) -> None:
    scene.caches._secrets.denied = True
    assert await scene.give() == {"registry": "Forbidden"}
    assert scene.member.writes == []


async def test_a_source_that_has_just_gone_is_left_to_the_next_part(scene: Scene) -> None:
    part = scene.part()
    await scene.give(part=part)
    scene.hub.clear()
    assert await scene.give(part=part) == {}
    assert scene.holds() == {"registry": "one"}


async def test_nothing_that_is_kept_in_memory_of_a_member_has_a_value(scene: Scene) -> None:
    await scene.give()
    for kept in (*scene.caches.secrets, scene.part(), vars(scene.keeper)):
        assert encoded("one") not in repr(kept)
