"""Quotas of a Project reach its namespaces, and together never exceed its limit."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from drover.dev import audit
from drover.dev.cluster import ControlPlane
from drover.kinds.resources import PROJECTS
from drover.kube.errors import NotFound
from drover.kube.gvr import LIMIT_RANGES, NAMESPACES, RESOURCE_QUOTAS, Object
from tests.cluster.scene import Scene, condition, eventually, namespace, nothing_written, project, setting, unique

QUOTA = "field.cattle.io/resourceQuota"


def quota(limit: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    return {"resourceQuota": {"limit": limit}, "namespaceDefaultResourceQuota": {"limit": default}}


async def hard(scene: Scene, name: str) -> dict[str, str] | None:
    """What the ResourceQuota of a namespace holds."""
    try:
        found = await scene.member.get(RESOURCE_QUOTAS, "default-quota", name)
    except NotFound:
        return None
    held: dict[str, str] = found["spec"]["hard"]
    return held


async def has(scene: Scene, name: str, wanted: dict[str, str] | None) -> None:
    async def look() -> bool:
        return await hard(scene, name) == wanted

    try:
        await eventually(look, f"the quota of {name} is {wanted}", 20)
    except AssertionError as error:
        raise AssertionError(f"{error}: {await hard(scene, name)}") from None


async def joins(scene: Scene, made: Object, asks: dict[str, Any] | None = None) -> str:
    """A new namespace of a Project that asks for a quota."""
    metadata = made["metadata"]
    obj = namespace(unique("n"), f"{metadata['namespace']}:{metadata['name']}")
    if asks is not None:
        obj["metadata"]["annotations"][QUOTA] = json.dumps({"limit": asks})
    await scene.apply(obj, client=scene.member)
    return str(obj["metadata"]["name"])


async def asks(scene: Scene, name: str, limit: dict[str, Any] | None) -> None:
    value = json.dumps({"limit": limit}) if limit is not None else None
    await scene.member.merge(NAMESPACES, {"metadata": {"name": name, "annotations": {QUOTA: value}}}, manager="test")


async def notes(scene: Scene, name: str) -> dict[str, str]:
    found: dict[str, str] = (await scene.member.get(NAMESPACES, name))["metadata"].get("annotations") or {}
    return found


async def without_notes(scene: Scene, name: str, *keys: str) -> None:
    """Waits until a namespace has none of these annotations: they go after the quota."""

    async def look() -> bool:
        return not set(keys) & (await notes(scene, name)).keys()

    await eventually(look, f"namespace {name} has none of {keys}")


async def status(scene: Scene, made: Object) -> dict[str, Any]:
    found = await scene.get(made)
    assert found is not None
    seen: dict[str, Any] = found["status"]
    return seen


async def test_a_namespace_gets_the_default_and_is_counted(scene: Scene) -> None:
    made = await scene.project(**quota({"limitsCpu": "10", "pods": "20"}, {"limitsCpu": "2", "pods": "5"}))
    name = await joins(scene, made)
    await has(scene, name, {"limits.cpu": "2", "pods": "5"})

    async def counted() -> bool:
        return (await status(scene, made)).get("usedLimit") == {"limitsCpu": "2", "pods": "5"}

    await eventually(counted, "usedLimit")
    seen = await status(scene, made)
    assert seen["namespaceQuotas"] == [{"namespace": name, "limit": {"limitsCpu": "2", "pods": "5"}}]
    assert seen["namespaces"] == 1

    async def marked() -> bool:
        found = await scene.member.get(NAMESPACES, name)
        known = found["metadata"]["annotations"]
        effective = json.loads(known.get("drover.dev/resource-quota", "{}"))
        return effective == {"limit": {"limitsCpu": "2", "pods": "5"}} and QUOTA not in known

    await eventually(marked, "the namespace says what it was granted")
    labels = (await scene.member.get(NAMESPACES, name))["metadata"]["labels"]
    assert labels["field.cattle.io/projectId"] == made["metadata"]["name"]


async def test_an_overspender_is_refused_and_told_why_and_others_are_not_held_up(scene: Scene) -> None:
    made = await scene.project(**quota({"limitsCpu": "4"}, {"limitsCpu": "1"}))
    giant = await joins(scene, made, {"limitsCpu": "100"})
    small = await joins(scene, made)
    await has(scene, small, {"limits.cpu": "1"})
    await has(scene, giant, {"limits.cpu": "0"})
    found = await scene.shows(made, "QuotaHealthy", "False", "QuotaRefused")
    assert f"{giant}: Oversubscribed resource quota [limitsCpu=100]" in condition(found, "QuotaHealthy")["message"]

    async def told() -> bool:
        conditions = json.loads((await notes(scene, giant)).get("cattle.io/status", "{}")).get("Conditions", [])
        return {entry["Type"]: entry["Status"] for entry in conditions}.get("ResourceQuotaValidated") == "False"

    await eventually(told, "the namespace says why")
    await asks(scene, giant, {"limitsCpu": "3"})
    await has(scene, giant, {"limits.cpu": "3"})
    await scene.shows(made, "QuotaHealthy", "True", "Granted")
    await asks(scene, giant, {"limitsCpu": "5"})
    await scene.shows(made, "QuotaHealthy", "False")
    await has(scene, giant, {"limits.cpu": "3"})
    await asks(scene, giant, None)
    await has(scene, giant, {"limits.cpu": "1"})
    await scene.shows(made, "QuotaHealthy", "True")


async def test_what_one_gives_back_another_gets(scene: Scene) -> None:
    made = await scene.project(**quota({"pods": "10"}, {"pods": "1"}))
    first = await joins(scene, made, {"pods": "9"})
    await has(scene, first, {"pods": "9"})
    second = await joins(scene, made, {"pods": "8"})
    await has(scene, second, {"pods": "0"})
    await asks(scene, first, {"pods": "2"})
    await has(scene, first, {"pods": "2"})
    await has(scene, second, {"pods": "8"})


async def test_invariant_6_a_namespace_that_moves_takes_its_share_with_it(scene: Scene) -> None:
    """Both projects count right."""
    old = await scene.project(**quota({"pods": "10"}, {"pods": "4"}))
    new = await scene.project(**quota({"pods": "10"}, {"pods": "3"}))
    none = await scene.project()
    name = await joins(scene, old)
    await has(scene, name, {"pods": "4"})
    for target, held in ((new, {"pods": "3"}), (none, None), (old, {"pods": "4"})):
        project_id = f"edge:{target['metadata']['name']}"
        patch = {"metadata": {"name": name, "annotations": {"field.cattle.io/projectId": project_id}}}
        await scene.member.merge(NAMESPACES, patch, manager="test")
        await has(scene, name, held)

        async def counted(at: Object = target, pods: dict[str, str] | None = held) -> bool:
            used = {each["metadata"]["name"]: (await status(scene, each)).get("usedLimit") for each in (old, new)}
            return used == {each["metadata"]["name"]: pods if each is at and pods else None for each in (old, new)}

        await eventually(counted, "both projects count it right")
    patch = {"metadata": {"name": name, "annotations": {"field.cattle.io/projectId": None}}}
    await scene.member.merge(NAMESPACES, patch, manager="test")
    await has(scene, name, None)
    await without_notes(scene, name, "drover.dev/resource-quota")


async def test_invariant_8_without_a_quota_of_the_project_everything_is_taken_back(scene: Scene) -> None:
    obj = project(unique("p"), **quota({"pods": "10"}, {"pods": "4"}))
    await scene.apply(obj)
    made = await scene.ready(obj)
    name = await joins(scene, made)
    await has(scene, name, {"pods": "4"})
    await scene.apply(project(obj["metadata"]["name"]))
    await has(scene, name, None)

    async def empty() -> bool:
        seen = await status(scene, made)
        return not seen.get("usedLimit") and not seen.get("namespaceQuotas")

    await eventually(empty, "nothing is granted any more")
    await scene.shows(obj, "QuotaHealthy", "True", "NoQuota")
    await without_notes(scene, name, "drover.dev/resource-quota", "cattle.io/status")


async def test_a_quota_that_somebody_edits_or_deletes_comes_back(scene: Scene) -> None:
    made = await scene.project(**quota({"pods": "10"}, {"pods": "4"}))
    name = await joins(scene, made)
    await has(scene, name, {"pods": "4"})
    patch = {"metadata": {"name": "default-quota", "namespace": name}, "spec": {"hard": {"pods": "40", "secrets": "9"}}}
    await scene.member.merge(RESOURCE_QUOTAS, patch, manager="somebody")
    await has(scene, name, {"pods": "4"})
    found = await scene.member.get(RESOURCE_QUOTAS, "default-quota", name)
    await scene.member.delete(RESOURCE_QUOTAS, "default-quota", name, uid=found["metadata"]["uid"])
    await has(scene, name, {"pods": "4"})


async def test_a_labelled_quota_is_taken_over_and_another_is_left_alone(scene: Scene) -> None:
    made = await scene.project(**quota({"pods": "10"}, {"pods": "4"}))
    old, foreign = unique("n"), unique("n")
    for name in (old, foreign):
        await scene.apply(namespace(name), client=scene.member)
    labels = {"resourcequota.management.cattle.io/default-resource-quota": "true"}
    for name, called, marked in ((old, "default-x7k2p", labels), (foreign, "default-quota", {})):
        obj = {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": called, "namespace": name, "labels": marked},
            "spec": {"hard": {"pods": "7", "secrets": "50"}},
        }
        await scene.member.create(RESOURCE_QUOTAS, obj, manager="somebody")
        await scene.apply(namespace(name, f"edge:{made['metadata']['name']}"), client=scene.member)

    async def taken() -> bool:
        found = await scene.member.list(RESOURCE_QUOTAS, old)
        return [each["spec"]["hard"] for each in found] == [{"pods": "4"}]

    await eventually(taken, "the labelled one is adopted under its name")
    found = await scene.shows(made, "QuotaHealthy", "False")
    assert "was not made by Drover" in condition(found, "QuotaHealthy")["message"]
    assert await hard(scene, foreign) == {"pods": "7", "secrets": "50"}


async def test_container_defaults_follow_the_project_unless_the_namespace_has_its_own(scene: Scene) -> None:
    obj = project(unique("p"), containerDefaultResourceLimit={"limitsCpu": "500m", "requestsCpu": "100m"})
    await scene.apply(obj)
    made = await scene.ready(obj)
    plain, own = await joins(scene, made), await joins(scene, made)
    note = {"field.cattle.io/containerDefaultResourceLimit": '{"limitsCpu": "2"}'}
    await scene.member.merge(NAMESPACES, {"metadata": {"name": own, "annotations": note}}, manager="test")

    async def item(name: str) -> dict[str, Any]:
        try:
            found = await scene.member.get(LIMIT_RANGES, "default-limits", name)
        except NotFound:
            return {}
        first: dict[str, Any] = found["spec"]["limits"][0]
        return first

    async def both(limits: tuple[str, str]) -> bool:
        found = [(await item(name)).get("default", {}).get("cpu") for name in (plain, own)]
        return found == list(limits)

    await eventually(lambda: both(("500m", "2")), "each has its limits")
    changed = project(obj["metadata"]["name"], containerDefaultResourceLimit={"limitsCpu": "700m"})
    await scene.apply(changed)
    await eventually(lambda: both(("700m", "2")), "the plain one follows the project")
    await scene.apply(project(obj["metadata"]["name"]))

    async def gone() -> bool:
        return await item(plain) == {} and (await item(own)).get("default") == {"cpu": "2"}

    await eventually(gone, "only its own stays")


async def test_a_project_that_ends_leaves_no_quota_behind(scene: Scene) -> None:
    made = await scene.project(**quota({"pods": "10"}, {"pods": "4"}))
    name = await joins(scene, made)
    await has(scene, name, {"pods": "4"})
    await scene.delete(made)
    await scene.gone(made)
    await has(scene, name, None)
    found = await scene.member.get(NAMESPACES, name)
    assert not {key for key in found["metadata"].get("annotations", {}) if "cattle.io" in key or "drover" in key}


async def test_a_settled_quota_is_not_written_again(scene: Scene, control_plane: ControlPlane) -> None:
    made = await scene.project(**quota({"pods": "10", "limitsMemory": "8Gi"}, {"pods": "4", "limitsMemory": "512Mi"}))
    name = await joins(scene, made)
    await has(scene, name, {"pods": "4", "limits.memory": "512Mi"})
    hub, member = control_plane.instances[0].audit_log, control_plane.instances[1].audit_log
    await nothing_written(hub, member)
    since = audit.size(hub), audit.size(member)
    for value in ("x", "y"):
        names = {field: made["metadata"][field] for field in ("name", "namespace")}
        await scene.hub.merge(PROJECTS, {"metadata": {**names, "labels": {"touched": value}}}, manager="test")
        note = {"metadata": {"name": name, "annotations": {"touched": value}}}
        await scene.member.merge(NAMESPACES, note, manager="test")
    await asyncio.sleep(1.5)
    written = [*audit.writes(hub, since[0]), *audit.writes(member, since[1])]
    assert [write for write in written if name in (write.name, write.namespace) or write.resource == "projects"] == []
    first = sorted(write.what for write in audit.writes(member) if write.namespace == name)
    assert first == ["patch namespaces", "patch resourcequotas"]


async def test_the_sum_is_mirrored_in_the_spec_where_a_setting_asks_and_a_foreign_one_is_left(
    scene: Scene, control_plane: ControlPlane
) -> None:
    made = await scene.project(**quota({"pods": "10"}, {"pods": "4"}))
    other = await scene.project(**quota({"pods": "10"}, {"pods": "3"}))

    async def mirrored(obj: Object, wanted: dict[str, str] | None) -> None:
        async def look() -> bool:
            found = await scene.get(obj)
            return found is not None and found["spec"]["resourceQuota"].get("usedLimit") == wanted

        await eventually(look, f"usedLimit is {wanted}", 20)

    theirs = {field: other["metadata"][field] for field in ("name", "namespace")}
    note = {"metadata": theirs, "spec": {"resourceQuota": {"usedLimit": {"pods": "1"}}}}
    await scene.hub.merge(PROJECTS, note, manager="somebody")
    name, _ = await joins(scene, made), await joins(scene, other)
    await has(scene, name, {"pods": "4"})
    await mirrored(made, None)
    await scene.apply(setting("used-limit-in-spec", "true"))
    try:
        await mirrored(made, {"pods": "4"})
        await asks(scene, name, {"pods": "6"})
        await mirrored(made, {"pods": "6"})
        await scene.ready(made)
        await scene.shows(other, "QuotaHealthy", "True", "Granted")
        await mirrored(other, {"pods": "1"})
        found = await scene.hub.get(PROJECTS, made["metadata"]["name"], made["metadata"]["namespace"])
        managers = [entry["manager"] for entry in found["metadata"]["managedFields"] if "f:usedLimit" in str(entry)]
        assert sorted(managers) == ["drover-project", "drover-used-limit"]  # the former holds that of the status
        await nothing_written(control_plane.instances[0].audit_log)
        since = audit.size(control_plane.instances[0].audit_log)
        await scene.hub.merge(PROJECTS, {"metadata": {**theirs, "labels": {"touched": "x"}}}, manager="test")
        await asyncio.sleep(1)
        written = audit.writes(control_plane.instances[0].audit_log, since)
        assert [write for write in written if write.resource == "projects" and write.name == theirs["name"]] == []
    finally:
        await scene.apply(setting("used-limit-in-spec", ""))
