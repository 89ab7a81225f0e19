"""The levels of a template come into force on the namespaces of a Cluster's projects, as labels."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from drover.dev import audit
from drover.dev.cluster import ControlPlane
from drover.kinds.resources import CLUSTERS, PROJECTS, PROVISIONING_CLUSTERS, TEMPLATES
from drover.kube.errors import Forbidden
from drover.kube.gvr import NAMESPACES, PODS, Object
from tests.cluster.scene import (
    Scene,
    condition,
    eventually,
    namespace,
    nothing_written,
    provisioning_cluster,
    setting,
    template,
    unique,
)

PREFIX = "pod-security.kubernetes.io/"
NAME = "defaultPodSecurityAdmissionConfigurationTemplateName"
EDGE: Object = {"apiVersion": "management.cattle.io/v3", "kind": "Cluster", "metadata": {"name": "edge"}}
BASELINE = {"enforce": "baseline", "warn": "restricted", "warn-version": "v1.33"}
BASELINE_LABELS = {
    "enforce": "baseline",
    "enforce-version": "latest",
    "audit": "privileged",
    "audit-version": "latest",
    "warn": "restricted",
    "warn-version": "v1.33",
}


async def named(scene: Scene, name: str | None) -> None:
    """The Cluster edge names a template, or none."""
    await scene.hub.merge(CLUSTERS, {"metadata": {"name": "edge"}, "spec": {NAME: name}}, manager="test")


async def levels(scene: Scene, name: str) -> dict[str, str]:
    """The pod security labels of a namespace of the member, without their prefix."""
    labels = (await scene.member.get(NAMESPACES, name))["metadata"].get("labels") or {}
    return {key.removeprefix(PREFIX): value for key, value in labels.items() if key.startswith(PREFIX)}


async def has(scene: Scene, name: str, wanted: dict[str, str]) -> None:
    async def look() -> bool:
        return await levels(scene, name) == wanted

    try:
        await eventually(look, f"the levels of {name}", 20)
    except AssertionError as error:
        raise AssertionError(f"{error}: {await levels(scene, name)}") from None


async def label(scene: Scene, name: str, **labels: str | None) -> None:
    """Labels a namespace as a person does."""
    changed = {f"{PREFIX}{key}": value for key, value in labels.items()}
    await scene.member.merge(NAMESPACES, {"metadata": {"name": name, "labels": changed}}, manager="kubectl-label")


@pytest_asyncio.fixture
async def team(scene: Scene) -> AsyncIterator[Object]:
    """A template that the Cluster edge names for the time of a test."""
    obj = template(unique("t"), BASELINE, namespaces=["exempt-by-template"])
    await scene.apply(obj)
    await named(scene, obj["metadata"]["name"])
    yield obj
    await named(scene, None)
    await eventually(lambda: unused(scene, obj), "nobody names the template")
    await scene.delete(obj)


async def unused(scene: Scene, obj: Object) -> bool:
    found = await scene.get(obj)
    return found is not None and not (found.get("status") or {}).get("clusters")


async def test_the_built_in_templates_are_there_and_as_shipped(scene: Scene) -> None:
    for name, level in (("rancher-privileged", "privileged"), ("rancher-restricted", "restricted")):
        found = await scene.shows(template(name, {}), "AsShipped", "True")
        assert found["configuration"]["defaults"]["enforce"] == level
        await scene.ready(template(name, {}))


async def test_namespaces_of_projects_get_the_labels_and_lose_them(scene: Scene, team: Object) -> None:
    inside = await scene.namespace(await scene.project())
    outside = unique("n")
    await scene.apply(namespace(outside), client=scene.member)
    await has(scene, inside, BASELINE_LABELS)
    found = await scene.shows(EDGE, "PodSecurityApplied", "True", "NamespaceLabels")
    told = condition(found, "PodSecurityApplied")["message"]
    assert told == "enforce baseline:latest, audit privileged:latest, warn restricted:v1.33"
    for spared in ("kube-system", outside):
        assert await levels(scene, spared) == {}
    await scene.apply(template(team["metadata"]["name"], {"enforce": "restricted"}, usernames=["ci"]))
    restricted = {"enforce": "restricted", "audit": "privileged", "warn": "privileged"}
    await has(scene, inside, restricted | {f"{mode}-version": "latest" for mode in restricted})

    async def beyond() -> bool:
        told = condition(await scene.get(EDGE), "PodSecurityApplied")
        return told["status"] == "True" and "exempt usernames have no effect here" in told["message"]

    await eventually(beyond, "the condition names what labels cannot express")
    await named(scene, None)
    await has(scene, inside, {})

    async def silent() -> bool:
        return condition(await scene.get(EDGE), "PodSecurityApplied") == {}

    await eventually(silent, "no template, no condition")


async def test_a_namespace_that_becomes_one_of_the_platform_loses_them(scene: Scene, team: Object) -> None:
    inside = await scene.namespace(await scene.project())
    await has(scene, inside, BASELINE_LABELS)
    try:
        await scene.apply(setting("system-namespaces", f"kube-system,{inside}"))
        await has(scene, inside, {})
    finally:
        await scene.apply(setting("system-namespaces", ""))
    await has(scene, inside, BASELINE_LABELS)


async def test_kubernetes_refuses_pods_by_it(scene: Scene, team: Object) -> None:
    inside = await scene.namespace(await scene.project())
    await has(scene, inside, BASELINE_LABELS)
    container = {"name": "main", "image": "registry.example/app:1", "securityContext": {"privileged": True}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "evil", "namespace": inside}}

    async def refused() -> str:
        try:
            await scene.member.create(PODS, {**pod, "spec": {"containers": [container]}}, manager="test", dry_run=True)
        except Forbidden as error:
            return error.message if 'violates PodSecurity "baseline:latest"' in error.message else ""
        return ""

    await eventually(refused, "a privileged pod is refused")


async def test_a_label_of_a_person_wins_until_it_goes(scene: Scene, team: Object) -> None:
    inside = await scene.namespace(await scene.project())
    await has(scene, inside, BASELINE_LABELS)
    await label(scene, inside, enforce="privileged")
    await has(scene, inside, {"enforce": "privileged"})
    await label(scene, inside, enforce=None)
    await has(scene, inside, BASELINE_LABELS)
    await label(scene, inside, warn=None)
    await has(scene, inside, BASELINE_LABELS)


async def test_a_namespace_that_has_a_label_from_the_start_keeps_it_alone(scene: Scene, team: Object) -> None:
    made = (await scene.project())["metadata"]
    theirs = namespace(unique("n"), f"edge:{made['name']}")
    theirs["metadata"]["labels"] = {f"{PREFIX}warn": "baseline"}
    exempt = namespace("exempt-by-template", f"edge:{made['name']}")
    for obj in (theirs, exempt):
        await scene.apply(obj, client=scene.member)
    other = await scene.namespace({"metadata": {"namespace": "edge", "name": made["name"]}})
    await has(scene, other, BASELINE_LABELS)
    assert await levels(scene, theirs["metadata"]["name"]) == {"warn": "baseline"}
    assert await levels(scene, "exempt-by-template") == {}


async def test_a_namespace_that_leaves_its_project_loses_them(scene: Scene, team: Object) -> None:
    ways: list[Any] = [{"field.cattle.io/projectId": None}, None]
    for way in ways:
        project = await scene.project()
        inside = await scene.namespace(project)
        await has(scene, inside, BASELINE_LABELS)
        if way is None:
            await scene.delete(project)
            await scene.gone(project)
        else:
            await scene.member.merge(NAMESPACES, {"metadata": {"name": inside, "annotations": way}}, manager="test")
        await has(scene, inside, {})


async def test_a_template_that_does_not_exist_changes_no_label_and_is_told(scene: Scene, team: Object) -> None:
    inside = await scene.namespace(await scene.project())
    await has(scene, inside, BASELINE_LABELS)
    await named(scene, "nowhere")
    await scene.shows(EDGE, "PodSecurityApplied", "False", "TemplateNotFound")
    await scene.ready(EDGE)
    assert await levels(scene, inside) == BASELINE_LABELS
    await scene.apply(template("nowhere", {"enforce": "privileged"}))
    await scene.shows(EDGE, "PodSecurityApplied", "True")
    assert (await levels(scene, inside))["enforce"] == "privileged"
    await named(scene, team["metadata"]["name"])
    await has(scene, inside, BASELINE_LABELS)


async def test_invariant_17_a_template_in_use_is_not_deleted(scene: Scene, team: Object) -> None:
    name = team["metadata"]["name"]

    async def users() -> list[str]:
        found = await scene.get(team)
        listed: list[str] = ((found or {}).get("status") or {}).get("clusters") or []
        return listed

    async def by_edge() -> bool:
        return await users() == ["edge"]

    await eventually(by_edge, "the status names the Cluster")
    with pytest.raises(Forbidden, match=f"template {name} is used by Clusters edge; let them name another one first"):
        await scene.delete(team)
    other = provisioning_cluster(unique("pc"), rkeConfig={}, **{NAME: name})
    await scene.apply(other)
    await scene.shows(other, "PodSecurityTemplateFound", "True")

    async def by_both() -> bool:
        return await users() == ["edge", f"fleet-default/{other['metadata']['name']}"]

    await eventually(by_both, "the status names the provisioning Cluster")
    await scene.hub.merge(
        PROVISIONING_CLUSTERS,
        {"metadata": {"name": other["metadata"]["name"], "namespace": "fleet-default"}, "spec": {NAME: "nowhere-else"}},
        manager="test",
    )
    await scene.shows(other, "PodSecurityTemplateFound", "False", "TemplateNotFound")
    await eventually(by_edge, "the status follows")
    await scene.delete(other)


async def test_invariant_17_built_in_templates_are_edited_and_not_deleted(scene: Scene) -> None:
    obj = template("rancher-restricted", {})
    before = await scene.hub.get(TEMPLATES, "rancher-restricted")
    with pytest.raises(Forbidden, match="is built in and may not be deleted"):
        await scene.delete(obj)
    patch: Object = {"metadata": {"name": "rancher-restricted"}}
    try:
        edited = {"configuration": {"exemptions": {"namespaces": ["mine"]}}}
        await scene.hub.merge(TEMPLATES, patch | edited, manager="test")
        found = await scene.shows(obj, "AsShipped", "False", "Edited")
        assert "exemptions.namespaces has also mine" in condition(found, "AsShipped")["message"]
        await scene.ready(obj)
    finally:
        await scene.hub.merge(TEMPLATES, patch | {"configuration": before["configuration"]}, manager="test")
    await scene.shows(obj, "AsShipped", "True")


async def test_one_write_a_namespace_and_none_when_settled(
    scene: Scene, team: Object, control_plane: ControlPlane
) -> None:
    project = await scene.project()
    await scene.shows(EDGE, "PodSecurityApplied", "True")
    hub, member = (instance.audit_log for instance in control_plane.instances[:2])
    await nothing_written(hub, member)
    since = audit.size(hub), audit.size(member)
    inside = await scene.namespace(project)
    await has(scene, inside, BASELINE_LABELS)
    await asyncio.sleep(2)
    made = audit.writes(member, since[1])
    assert sorted(write.what for write in made if write.name == inside) == ["patch namespaces"] * 2
    roles = {"clusterroles", "roles"}  # those that an earlier test was the last to give go a minute later
    statuses = [write for write in audit.writes(hub, since[0]) if write.resource not in {PROJECTS.plural, *roles}]
    assert statuses == []
    since = audit.size(hub), audit.size(member)
    await asyncio.sleep(3)
    written = audit.writes(hub, since[0]) + audit.writes(member, since[1])
    assert [write for write in written if write.resource not in roles] == []
