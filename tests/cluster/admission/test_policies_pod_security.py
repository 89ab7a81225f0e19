"""Templates and workspaces that nobody may delete."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.admission.apiserver import Apiserver, path_of
from tests.cluster.admission.objects import template_object, workspace_object
from tests.cluster.admission.users import DROVER, EDITOR, refused
from tests.unit.api.tables import pod_security_templates as templates

_FORCED = {"annotations": {"drover.dev/force-delete": "true"}}


def says(api: Apiserver, obj: dict[str, Any], **status: Any) -> None:
    """Writes the status of an object."""
    path, body = f"{path_of(obj)}/status", {"status": status}
    assert api.request("PATCH", path, body, content_type="application/merge-patch+json").ok


@pytest.mark.parametrize("name", ["rancher-privileged", "rancher-restricted"])
def test_invariant_17_a_built_in_template_is_not_deleted_and_may_be_edited(
    api: Apiserver, made: Any, name: str
) -> None:
    template = made(template_object(name, templates.GOOD))
    for user in ("", EDITOR):
        refused(api.delete(template, user=user), f"template {name} is built in and may not be deleted; edit it")
    refused(api.request("DELETE", path_of(template, collection=True), dry_run=True), "is built in")
    assert api.merge(template, templates.exempt(namespaces=["mine"]), user=EDITOR).ok
    assert api.delete(template, user=DROVER).ok


def test_invariant_17_a_template_that_clusters_name_is_not_deleted(api: Apiserver, made: Any) -> None:
    template = made(template_object("used", templates.GOOD))
    assert api.delete(template, user=EDITOR).ok
    says(api, template, clusters=["edge"])
    refused(api.delete(template), "is used by Clusters edge; let them name another one first")
    says(api, template, clusters=["a", "b", "c", "fleet-default/d"])
    refused(api.delete(template, user=EDITOR), "is used by Clusters a, b, c and others; let them")
    forced = made(template_object("forced", templates.GOOD, **_FORCED))
    says(api, forced, clusters=["edge"])
    assert api.delete(forced, user=EDITOR).ok


def test_who_writes_a_template_does_not_write_its_status(api: Apiserver, made: Any) -> None:
    template = made(template_object("used", templates.GOOD))
    says(api, template, clusters=["edge"])
    assert api.merge(template, {"status": {"clusters": None}}, dry_run=False).ok
    assert api.get(template).body["status"]["clusters"] == ["edge"]


@pytest.mark.parametrize("name", ["fleet-default", "fleet-local"])
def test_a_built_in_workspace_is_not_deleted(api: Apiserver, made: Any, name: str) -> None:
    workspace = made(workspace_object(name, {}))
    for user in ("", EDITOR):
        refused(api.delete(workspace, user=user), f"workspace {name} is built in and may not be deleted")
    assert api.delete(workspace, user=DROVER).ok


def test_a_workspace_with_clusters_in_it_is_not_deleted(api: Apiserver, made: Any) -> None:
    workspace = made(workspace_object("team", {}))
    says(api, workspace, conditions=[{"type": "InUse", "status": "False"}])
    assert api.delete(workspace, user=EDITOR).ok
    says(api, workspace, conditions=[{"type": "InUse", "status": "True"}, {"type": "Ready", "status": "True"}])
    refused(api.delete(workspace, user=EDITOR), "workspace team has Clusters in it; delete them first")
    forced = made(workspace_object("forced", {}, **_FORCED))
    says(api, forced, conditions=[{"type": "InUse", "status": "True"}])
    assert api.delete(forced, user=EDITOR).ok
