"""A project's secret is in each namespace of the project, and nowhere else (invariant 10)."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable
from typing import Any

import aiohttp

from drover.dev import audit
from drover.dev.cluster import ControlPlane
from drover.kinds.resources import KINDS, PROJECTS
from drover.kube.client import Client
from drover.kube.errors import Forbidden
from drover.kube.gvr import EVENTS, GVR, LIMIT_RANGES, NAMESPACES, RESOURCE_QUOTAS, SECRETS, Object
from drover.members.native import WORKLOADS
from tests.cluster.scene import (
    PROJECT_SCOPED,
    Scene,
    condition,
    eventually,
    namespace,
    nothing_written,
    project_secret,
    unique,
)

CONFIGMAPS = GVR("", "v1", "configmaps", "ConfigMap")


def encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


DOCKER = {".dockerconfigjson": encoded('{"auths":{"registry.example":{"auth":"eDp5"}}}')}
TLS = {"tls.crt": encoded("certificate"), "tls.key": encoded("key")}


async def copy_of(scene: Scene, name: str, place: str) -> Object | None:
    """A Secret in a namespace of the member; None where there is none."""
    return await scene.member.find(SECRETS, name, place)


async def holds(scene: Scene, name: str, wanted: dict[str, str | None]) -> None:
    """Waits until each namespace has the value in its Secret of that name; None for no such Secret."""

    async def seen() -> dict[str, str | None]:
        found = {place: await copy_of(scene, name, place) for place in wanted}
        return {place: (obj.get("data") or {}).get("key") if obj is not None else None for place, obj in found.items()}

    expected = {place: encoded(value) if value is not None else None for place, value in wanted.items()}

    async def look() -> bool:
        return await seen() == expected

    try:
        await eventually(look, f"{name} is {wanted}", 20)
    except AssertionError as error:
        raise AssertionError(f"{error}: {await seen()}") from None


async def gives(scene: Scene, made: Object, name: str, value: str | None, **more: Any) -> None:
    """Writes a project's secret, or takes it away."""
    await scene.apply_secret(made, name, {"key": encoded(value)} if value is not None else None, **more)


async def moves(scene: Scene, place: str, made: Object | None) -> None:
    """Puts a namespace into another project, or into none."""
    project_id = f"edge:{made['metadata']['name']}" if made is not None else None
    patch = {"metadata": {"name": place, "annotations": {"field.cattle.io/projectId": project_id}}}
    await scene.member.merge(NAMESPACES, patch, manager="test")


def secret_of(made: Object, name: str, **content: Any) -> Object:
    """A project's secret with a label and an annotation of its own."""
    obj = project_secret(name, made["status"]["backingNamespace"], made["metadata"]["name"], **content)
    obj["metadata"]["labels"]["team"] = "web"
    obj["metadata"]["annotations"] = {"note": "x"}
    return obj


async def test_invariant_10_create_a_secret_is_copied_into_every_namespace_with_what_it_is(scene: Scene) -> None:
    made = await scene.project()
    first = await scene.namespace(made)
    kinds = {"registry": ("kubernetes.io/dockerconfigjson", DOCKER), "tls": ("kubernetes.io/tls", TLS)}
    for name, (type_, data) in kinds.items():
        await scene.apply(secret_of(made, name, type=type_, data=data))
    second = await scene.namespace(made)  # comes later
    outside = unique("n")
    await scene.apply(namespace(outside), client=scene.member)
    for place in (first, second):
        for name, (type_, data) in kinds.items():
            found = await eventually(lambda name=name, place=place: copy_of(scene, name, place), f"{place}/{name}")  # type: ignore[misc]
            assert (found["type"], found["data"]) == (type_, data)
    found = await scene.member.get(SECRETS, "registry", first)
    uid = made["metadata"]["uid"]
    assert found["metadata"]["labels"] == {
        "team": "web",
        PROJECT_SCOPED: made["metadata"]["name"],
        f"{PROJECT_SCOPED}-cluster": "edge",
        "app.kubernetes.io/managed-by": "drover",
        "drover.dev/owner-uid": uid,
    }
    notes = found["metadata"]["annotations"]
    assert notes["note"] == "x"
    assert notes[f"{PROJECT_SCOPED}-copy"] == notes["secret.user.cattle.io/secret"] == "true"
    assert notes["drover.dev/original"] == f"edge/{first}/registry"
    source = await scene.hub.get(SECRETS, "registry", made["status"]["backingNamespace"])
    assert source["metadata"]["labels"][f"{PROJECT_SCOPED}-cluster"] == "edge"
    assert await copy_of(scene, "registry", outside) is None
    await scene.shows(made, "SecretsSynced", "True", "Synced")


async def test_invariant_10_rotate_every_copy_has_the_new_value_by_one_write(
    scene: Scene, control_plane: ControlPlane
) -> None:
    made = await scene.project()
    places = [await scene.namespace(made) for _ in range(4)]
    await gives(scene, made, "password", "one")
    await holds(scene, "password", dict.fromkeys(places, "one"))
    await asyncio.sleep(0.5)
    log = control_plane.instances[1].audit_log
    since = audit.size(log)
    await gives(scene, made, "password", "two")
    await holds(scene, "password", dict.fromkeys(places, "two"))
    await asyncio.sleep(0.5)
    assert written(log, since, places) == ["patch"] * 4
    assert written(log, 0, places) == [*["create"] * 4, *["patch"] * 4]


def written(log: Any, since: int, places: Iterable[str]) -> list[str]:
    """The verbs of the operator's writes to Secrets in these namespaces."""
    found = audit.writes(log, since)
    return sorted(write.verb for write in found if write.resource == "secrets" and write.namespace in places)


async def test_invariant_10_ignore_exact_names_and_patterns_are_left_out_and_taken_back(scene: Scene) -> None:
    made = await scene.project()
    one, lab, labs = await scene.namespace(made), f"{unique('lab')}-x", f"{unique('labs')}-y"
    for name in (lab, labs):
        await scene.apply(namespace(name, f"edge:{made['metadata']['name']}"), client=scene.member)
    await gives(scene, made, "password", "one")
    await holds(scene, "password", {one: "one", lab: "one", labs: "one"})
    await gives(scene, made, "password", "one", ignores=lab)
    await holds(scene, "password", {one: "one", lab: None, labs: "one"})
    await gives(scene, made, "password", "one", ignores=f"lab*-y, {lab}")
    await holds(scene, "password", {one: "one", lab: None, labs: None})
    await gives(scene, made, "password", "two", ignores="lab[s]*")
    seen = await scene.shows(made, "SecretsSynced", "False", "InvalidIgnoreList")
    assert "'lab[s]*'" in condition(seen, "SecretsSynced")["message"]
    await holds(scene, "password", {one: "one", lab: None, labs: None})
    await gives(scene, made, "password", "two")
    await holds(scene, "password", {one: "two", lab: "two", labs: "two"})
    await scene.shows(made, "SecretsSynced", "True", "Synced")


async def test_invariant_10_move_the_copies_move_with_the_namespace(scene: Scene) -> None:
    old, new = await scene.project(), await scene.project()
    await gives(scene, old, "password", "of the old")
    await gives(scene, old, "only-old", "x")
    await gives(scene, new, "password", "of the new")
    place = await scene.namespace(old)
    await holds(scene, "password", {place: "of the old"})
    await moves(scene, place, new)
    await holds(scene, "password", {place: "of the new"})
    await holds(scene, "only-old", {place: None})
    await moves(scene, place, None)
    await holds(scene, "password", {place: None})
    await moves(scene, place, old)
    await holds(scene, "password", {place: "of the old"})
    await holds(scene, "only-old", {place: "x"})


async def test_invariant_10_project_delete_no_copy_is_left(scene: Scene) -> None:
    made = await scene.project()
    place = await scene.namespace(made)
    await gives(scene, made, "password", "one")
    await holds(scene, "password", {place: "one"})
    await scene.delete(made)
    await scene.gone(made)
    await holds(scene, "password", {place: None})


async def test_invariant_10_name_clash_a_secret_of_somebody_else_is_left_and_told(scene: Scene) -> None:
    made = await scene.project()
    free, taken = await scene.namespace(made), unique("n")
    await scene.apply(namespace(taken), client=scene.member)
    theirs = {"metadata": {"name": "password", "namespace": taken}, "data": {"key": encoded("theirs")}}
    before = await scene.member.create(SECRETS, theirs, manager="somebody")
    await moves(scene, taken, made)
    await gives(scene, made, "password", "one")
    await gives(scene, made, "other", "two")
    await holds(scene, "password", {free: "one", taken: "theirs"})
    await holds(scene, "other", {free: "two", taken: "two"})
    seen = await scene.shows(made, "SecretsSynced", "False", "NameTaken")
    assert f"have the names {taken}/password;" in condition(seen, "SecretsSynced")["message"]
    await scene.ready(made)

    async def told() -> bool:
        events = await scene.hub.list(EVENTS, "edge")
        about = [each for each in events if each["regarding"].get("uid") == made["metadata"]["uid"]]
        return [each["reason"] for each in about].count("NameTaken") == 1

    await eventually(told, "an Event tells of it")
    await gives(scene, made, "password", None)
    await scene.shows(made, "SecretsSynced", "True")
    after = await scene.member.get(SECRETS, "password", taken)
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


async def test_a_secret_without_its_label_is_a_projects_secret_no_more(scene: Scene) -> None:
    made = await scene.project()
    place = await scene.namespace(made)
    await gives(scene, made, "password", "one")
    await holds(scene, "password", {place: "one"})
    where = {"name": "password", "namespace": made["status"]["backingNamespace"]}
    await scene.hub.merge(SECRETS, {"metadata": {**where, "labels": {PROJECT_SCOPED: None}}}, manager="somebody")
    await holds(scene, "password", {place: None})


async def test_the_label_has_no_effect_outside_the_projects_own_namespace(scene: Scene) -> None:
    made, other = await scene.project(), await scene.project()
    place = await scene.namespace(made)
    for lies_in in ("default", "edge", other["status"]["backingNamespace"]):
        await scene.apply(project_secret("stray", lies_in, made["metadata"]["name"], data={"key": encoded("evil")}))
    await gives(scene, made, "password", "one")
    await holds(scene, "password", {place: "one"})
    await holds(scene, "stray", {place: None})
    for lies_in in ("default", "edge", other["status"]["backingNamespace"]):
        await scene.delete(project_secret("stray", lies_in, ""))


async def test_drift_in_a_copy_is_put_right_and_what_others_mark_stays(scene: Scene) -> None:
    made = await scene.project()
    place = await scene.namespace(made)
    await gives(scene, made, "password", "one")
    await holds(scene, "password", {place: "one"})
    where = {"name": "password", "namespace": place}
    for patch in (
        {"metadata": where, "data": {"key": encoded("theirs"), "more": encoded("x")}},
        {"metadata": {**where, "labels": {"drover.dev/owner-uid": None, "theirs": "x"}}, "data": {"key": None}},
        {"metadata": {**where, "labels": {PROJECT_SCOPED: None}}, "data": {"key": encoded("theirs")}},
    ):
        await scene.member.merge(SECRETS, patch, manager="somebody")

        async def right() -> bool:
            found = await copy_of(scene, "password", place)
            labels = found["metadata"]["labels"] if found is not None else {}
            marked = labels.get("drover.dev/owner-uid") == made["metadata"]["uid"] and PROJECT_SCOPED in labels
            return found is not None and found.get("data") == {"key": encoded("one")} and marked

        await eventually(right, f"{patch} is put right")
    found = await scene.member.get(SECRETS, "password", place)
    assert found["metadata"]["labels"]["theirs"] == "x"
    await scene.member.delete(SECRETS, "password", place, uid=found["metadata"]["uid"])
    await holds(scene, "password", {place: "one"})


async def test_immutable_secrets_and_other_types_are_made_anew(scene: Scene) -> None:
    made = await scene.project()
    place = await scene.namespace(made)
    steps: list[tuple[str, dict[str, Any]]] = [
        ("one", {"immutable": True}),
        ("two", {"immutable": True}),
        ("three", {"type": "example.com/other"}),
        ("four", {}),
    ]
    for value, content in steps:
        await gives(scene, made, "password", None)
        await gives(scene, made, "password", value, **content)
        await holds(scene, "password", {place: value})
        found = await scene.member.get(SECRETS, "password", place)
        assert found.get("immutable", False) is content.get("immutable", False)
        assert found["type"] == content.get("type", "Opaque")


async def test_a_copy_of_an_upstream_server_is_taken_over_for_its_project_only(scene: Scene) -> None:
    made = await scene.project()
    ours, other = unique("n"), unique("n")
    for place, marked in ((ours, made["metadata"]["name"]), (other, "another")):
        await scene.apply(namespace(place), client=scene.member)
        marks = {"labels": {PROJECT_SCOPED: marked}, "annotations": {f"{PROJECT_SCOPED}-copy": "true"}}
        old = {"metadata": {"name": "password", "namespace": place, **marks}, "data": {"key": encoded("old")}}
        await scene.member.create(SECRETS, old, manager="upstream")
        await moves(scene, place, made)
    await gives(scene, made, "password", "one")
    await holds(scene, "password", {ours: "one", other: "old"})
    await scene.shows(made, "SecretsSynced", "False", "NameTaken")
    await gives(scene, made, "password", None)
    await holds(scene, "password", {ours: None, other: "old"})


async def test_a_copy_of_a_copy_is_its_authors(scene: Scene) -> None:
    made = await scene.project()
    place, elsewhere = await scene.namespace(made), unique("n")
    await scene.apply(namespace(elsewhere), client=scene.member)
    await gives(scene, made, "password", "one")
    await holds(scene, "password", {place: "one"})
    found = await scene.member.get(SECRETS, "password", place)
    marks = {field: found["metadata"][field] for field in ("labels", "annotations")}
    copied = {"metadata": {"name": "password", "namespace": elsewhere, **marks}, "data": found["data"]}
    await scene.member.create(SECRETS, copied, manager="somebody")
    await gives(scene, made, "password", "two")
    await holds(scene, "password", {place: "two", elsewhere: "one"})
    await gives(scene, made, "password", None)
    await holds(scene, "password", {place: None, elsewhere: "one"})


async def test_a_full_quota_is_told_and_the_copy_comes_when_there_is_room(scene: Scene) -> None:
    made = await scene.project()
    place = await scene.namespace(made)
    quota = {"metadata": {"name": "full", "namespace": place}, "spec": {"hard": {"secrets": "0"}}}
    found = await scene.member.create(RESOURCE_QUOTAS, quota, manager="somebody")

    async def refused(*, wanted: bool) -> bool:
        probe = {"metadata": {"name": "probe", "namespace": place}}
        try:
            await scene.member.create(SECRETS, probe, manager="somebody", dry_run=True)
        except Forbidden as error:
            return wanted and "exceeded quota" in error.message
        return not wanted

    await eventually(lambda: refused(wanted=True), "the quota is in force")
    await gives(scene, made, "password", "one")
    seen = await scene.shows(made, "SecretsSynced", "False", "OverQuota")
    assert f"{place}/password" in condition(seen, "SecretsSynced")["message"]
    await scene.member.delete(RESOURCE_QUOTAS, "full", place, uid=found["metadata"]["uid"])
    await eventually(lambda: refused(wanted=False), "there is room")
    await gives(scene, made, "password", "two")
    await holds(scene, "password", {place: "two"})


async def test_a_project_of_the_hub_itself_has_secrets_too(scene: Scene) -> None:
    made = await scene.project("local")
    place = await scene.namespace(made, scene.hub)
    await gives(scene, made, "password", "one")

    async def there() -> bool:
        found = await scene.hub.find(SECRETS, "password", place)
        return found is not None and found["data"] == {"key": encoded("one")}

    await eventually(there, "the copy is there")
    await gives(scene, made, "password", None)

    async def gone() -> bool:
        return await scene.hub.find(SECRETS, "password", place) is None

    await eventually(gone, "the copy is gone")


async def test_a_settled_secret_is_not_written_again(scene: Scene, control_plane: ControlPlane) -> None:
    made = await scene.project()
    place = await scene.namespace(made)
    await gives(scene, made, "password", "one")
    await holds(scene, "password", {place: "one"})
    await scene.shows(made, "SecretsSynced", "True", "Synced")
    hub, member = control_plane.instances[0].audit_log, control_plane.instances[1].audit_log
    await nothing_written(hub, member)
    since = audit.size(hub), audit.size(member)
    backing = made["status"]["backingNamespace"]
    for value in ("x", "y"):
        where = {"name": "password", "namespace": backing}
        last = {"kubectl.kubernetes.io/last-applied-configuration": value}
        await scene.hub.merge(SECRETS, {"metadata": {**where, "annotations": last}}, manager="test")
        names = {field: made["metadata"][field] for field in ("name", "namespace")}
        await scene.hub.merge(PROJECTS, {"metadata": {**names, "labels": {"touched": value}}}, manager="test")
        note = {"metadata": {"name": place, "annotations": {"touched": value}}}
        await scene.member.merge(NAMESPACES, note, manager="test")
    await asyncio.sleep(1.5)
    found = [*audit.writes(hub, since[0]), *audit.writes(member, since[1])]
    about = (place, backing, made["metadata"]["name"])
    assert [write for write in found if write.name in about or write.namespace in about] == []


async def test_what_a_secret_holds_is_nowhere_but_in_secrets(scene: Scene, control_plane: ControlPlane) -> None:
    """Every object, the metrics and the logs, after everything that can be told of a secret was told."""
    canary = "canary-5f1d7c0e"
    made = await scene.project()
    place, taken = await scene.namespace(made), await scene.namespace(made)
    theirs = {"metadata": {"name": "password", "namespace": taken}, "data": {"key": encoded(f"{canary}-theirs")}}
    await scene.member.create(SECRETS, theirs, manager="somebody")
    for number in range(3):
        await gives(scene, made, "password", f"{canary}-{number}")
        await holds(scene, "password", {place: f"{canary}-{number}"})
    await gives(scene, made, "lists", canary, ignores="(a|b)*")
    await scene.shows(made, "SecretsSynced", "False")
    await asyncio.sleep(1)
    texts = {scene.drover.log.name: scene.drover.log.read_text(errors="replace")}
    async with aiohttp.ClientSession() as session, session.get(f"{scene.drover.probes}/metrics") as answer:
        texts["metrics"] = await answer.text()
    for instance in control_plane.instances[:2]:
        texts[str(instance.audit_log)] = instance.audit_log.read_text(errors="replace")
    for where, client in (("hub", scene.hub), ("member", scene.member)):
        texts[where] = "\n".join([str(obj) for obj in await everything(client)])
    for needle in (canary, encoded(canary)[:18]):
        assert [where for where, text in texts.items() if needle in text] == []
    assert len(texts["hub"]) > 10_000
    for name in ("password", "lists"):  # a name that is taken is tried again at every start
        await gives(scene, made, name, None)
    await scene.shows(made, "SecretsSynced", "True")


async def everything(client: Client) -> list[Object]:
    """Every object of a cluster that Drover could have written, but Secrets."""
    kinds = (NAMESPACES, EVENTS, CONFIGMAPS, RESOURCE_QUOTAS, LIMIT_RANGES, *WORKLOADS.values())
    found = [obj for gvr in kinds for obj in await client.list(gvr)]
    served = {group["name"] for group in (await client.get_path("/apis"))["groups"]}  # a member has none of ours
    found += [obj for gvr in KINDS if gvr.group in served for obj in await client.list(gvr)]
    return found
