"""A workspace has a namespace, and loses nothing that is in it when it is deleted."""

from __future__ import annotations

import asyncio

import pytest

from drover.dev import audit
from drover.dev.cluster import ControlPlane
from drover.kinds.resources import WORKSPACES
from drover.kube.errors import Forbidden, NotFound
from drover.kube.gvr import CRDS, GVR, NAMESPACES, SECRETS, Object
from tests.cluster.scene import (
    Scene,
    condition,
    eventually,
    namespace,
    provisioning_cluster,
    unique,
    workspace,
)

MANAGED = "provisioning.cattle.io/managed"


async def namespace_of(scene: Scene, obj: Object) -> Object | None:
    """The namespace of a workspace; None where there is none, or it is ending."""
    try:
        found = await scene.hub.get(NAMESPACES, obj["metadata"]["name"])
    except NotFound:
        return None
    return None if found["metadata"].get("deletionTimestamp") else found


async def made(scene: Scene, **metadata: object) -> Object:
    """A new workspace that is Ready."""
    obj = workspace(unique("ws"), **metadata)
    await scene.apply(obj)
    await scene.ready(obj)
    return obj


async def force(scene: Scene, obj: Object) -> None:
    notes = {"annotations": {"drover.dev/force-delete": "true"}}
    await scene.hub.merge(WORKSPACES, {"metadata": {"name": obj["metadata"]["name"], **notes}}, manager="test")


async def ended(scene: Scene, obj: Object) -> None:
    """The workspace is gone, and its namespace with it."""
    await scene.gone(obj)

    async def gone() -> bool:
        return await namespace_of(scene, obj) is None

    await eventually(gone, "its namespace ends")


async def test_the_first_workspaces_are_there(scene: Scene) -> None:
    default, local = workspace("fleet-default"), workspace("fleet-local")
    await scene.shows(default, "NamespaceCreated", "True", "NotOurs")
    await scene.shows(local, "NamespaceCreated", "False", "NotManaged")
    await scene.shows(local, "InUse", "True")
    for each in (default, local):
        await scene.ready(each)
        with pytest.raises(Forbidden, match="is built in and may not be deleted"):
            await scene.delete(each)


async def test_a_workspace_has_a_namespace_with_its_labels(scene: Scene) -> None:
    labels = {"team": "a", "pod-security.kubernetes.io/enforce": "privileged"}
    annotations = {"example.com/owner": "a", "field.cattle.io/projectId": "local:x"}
    obj = await made(scene, labels=labels, annotations=annotations)

    async def copied() -> Object | None:
        found = await namespace_of(scene, obj)
        return found if found is not None and found["metadata"]["labels"].get("team") == "a" else None

    found = (await eventually(copied, "the label is copied"))["metadata"]
    assert found["annotations"]["example.com/owner"] == "a"
    assert "field.cattle.io/projectId" not in found["annotations"]
    assert "pod-security.kubernetes.io/enforce" not in found["labels"]
    patch: Object = {"metadata": {"name": obj["metadata"]["name"], "labels": {"team": None}}}
    await scene.hub.merge(WORKSPACES, patch, manager="test")

    async def taken_off() -> bool:
        found = await namespace_of(scene, obj)
        return found is not None and "team" not in found["metadata"]["labels"]

    await eventually(taken_off, "the label goes with that of the workspace")
    await scene.delete(obj)
    await ended(scene, obj)


async def test_a_namespace_that_is_deleted_comes_back(scene: Scene) -> None:
    obj = await made(scene)
    before = await namespace_of(scene, obj)
    assert before is not None
    uid = before["metadata"]["uid"]
    await scene.hub.delete(NAMESPACES, obj["metadata"]["name"], uid=uid)

    async def again() -> bool:
        found = await namespace_of(scene, obj)
        return found is not None and found["metadata"]["uid"] != uid

    await eventually(again, "another namespace is made")
    await scene.ready(obj)
    await scene.delete(obj)
    await ended(scene, obj)


async def test_a_namespace_that_somebody_else_made_is_used_and_stays(scene: Scene) -> None:
    name = unique("ws")
    theirs = namespace(name)
    await scene.apply(theirs)
    obj = workspace(name, labels={"team": "a"})
    await scene.apply(obj)
    found = await scene.shows(obj, "NamespaceCreated", "True", "NotOurs")
    assert "stays when the workspace goes" in condition(found, "NamespaceCreated")["message"]
    await scene.ready(obj)
    await scene.delete(obj)
    await scene.gone(obj)
    left = await namespace_of(scene, obj)
    assert left is not None
    assert "team" not in left["metadata"]["labels"]
    assert "drover.dev/owner-uid" not in left["metadata"]["labels"]


async def test_an_unmanaged_workspace_makes_nothing(scene: Scene) -> None:
    obj = await made(scene, annotations={MANAGED: "false"})
    await scene.shows(obj, "NamespaceCreated", "False", "NotManaged")
    assert await namespace_of(scene, obj) is None
    await scene.delete(obj)
    await scene.gone(obj)


async def test_clusters_in_it_keep_it(scene: Scene) -> None:
    obj = await made(scene)
    name = obj["metadata"]["name"]
    inside = provisioning_cluster(unique("pc"), name, rkeConfig={})
    await scene.apply(inside)
    await scene.shows(obj, "InUse", "True")
    with pytest.raises(Forbidden, match=f"workspace {name} has Clusters in it; delete them first"):
        await scene.delete(obj)
    await scene.delete(inside)
    await scene.gone(inside)
    await scene.shows(obj, "InUse", "False")
    await scene.delete(obj)
    await ended(scene, obj)


async def test_secrets_in_it_hold_its_end_up_until_they_are_gone_or_given_up(scene: Scene) -> None:
    for given_up in (False, True):
        obj = await made(scene)
        name = obj["metadata"]["name"]
        secret: Object = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "credential", "namespace": name}}
        stored = await scene.hub.create(SECRETS, secret, manager="test")
        await scene.delete(obj)
        found = await scene.shows(obj, "Ready", "False", "WorkspaceNotEmpty")
        assert f"namespace {name} holds 1 secrets; delete them, or annotate" in condition(found, "Ready")["message"]
        await asyncio.sleep(1)
        assert await namespace_of(scene, obj) is not None
        if given_up:
            await force(scene, obj)
        else:
            await scene.hub.delete(SECRETS, "credential", name, uid=stored["metadata"]["uid"])
        await ended(scene, obj)


async def test_a_gitrepo_in_it_is_seen_though_drover_may_not_read_it(scene: Scene) -> None:
    group, kind = "fleet.cattle.io", {"kind": "GitRepo", "plural": "gitrepos", "singular": "gitrepo"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1alpha1", "served": True, "storage": True, "schema": schema}
    crd: Object = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"gitrepos.{group}"},
        "spec": {"group": group, "names": kind, "scope": "Namespaced", "versions": [version]},
    }
    stored = await scene.hub.create(CRDS, crd, manager="test")
    try:
        obj = await made(scene)
        name = obj["metadata"]["name"]
        gitrepos = GVR(group, "v1alpha1", "gitrepos", "GitRepo")
        repo: Object = {
            "apiVersion": f"{group}/v1alpha1",
            "kind": "GitRepo",
            "metadata": {"name": "a", "namespace": name},
        }
        await eventually(lambda: scene.hub.create(gitrepos, repo, manager="test"), "the CRD is served")
        await scene.delete(obj)
        found = await scene.shows(obj, "Ready", "False", "WorkspaceNotEmpty", seconds=90)
        assert f"namespace {name} holds 1 gitrepos.fleet.cattle.io" in condition(found, "Ready")["message"]
        assert await namespace_of(scene, obj) is not None
        await force(scene, obj)
        await ended(scene, obj)
    finally:
        await scene.hub.delete(CRDS, crd["metadata"]["name"], uid=stored["metadata"]["uid"])


async def test_what_a_workspace_writes(scene: Scene, control_plane: ControlPlane) -> None:
    log = control_plane.hub.audit_log
    since = audit.size(log)
    obj = await made(scene)
    await asyncio.sleep(2)
    name = obj["metadata"]["name"]
    written = sorted(write.what for write in audit.writes(log, since) if write.name == name)
    assert written == ["create namespaces", "patch fleetworkspaces", "patch fleetworkspaces/status"]
    await scene.delete(obj)
    await ended(scene, obj)
