"""In which workspace a Cluster is, and which marks of a workspace its namespace gets."""

from __future__ import annotations

from typing import Any

import pytest

from drover.rules.workspaces import copied, workspace_of


@pytest.mark.parametrize(
    ("name", "spec", "workspace"),
    [
        ("edge", {"fleetWorkspaceName": "team"}, "team"),
        ("edge", {}, "fleet-default"),
        ("edge", None, "fleet-default"),
        ("local", {}, "fleet-local"),
        ("local", {"fleetWorkspaceName": "team"}, "team"),
    ],
)
def test_the_workspace_of_a_cluster(name: str, spec: Any, workspace: str) -> None:
    assert workspace_of({"metadata": {"name": name}, "spec": spec}) == workspace


@pytest.mark.parametrize(
    "key",
    [
        "kubernetes.io/metadata.name",
        "app.kubernetes.io/managed-by",
        "pod-security.kubernetes.io/enforce",
        "kubectl.kubernetes.io/last-applied-configuration",
        "field.cattle.io/projectId",
        "objectset.rio.cattle.io/id",
        "drover.dev/owner-uid",
        "meta.helm.sh/release-name",
        "argocd.argoproj.io/tracking-id",
        "kustomize.toolkit.fluxcd.io/name",
    ],
)
def test_marks_that_give_rights_or_belong_to_a_tool_are_not_copied(key: str) -> None:
    assert copied({key: "x"}) == {}


def test_marks_of_people_are_copied() -> None:
    marks = {"team": "a", "example.com/cost-centre": "7", "notkubernetes.io/x": "y", "cattle.io.example.com/z": "1"}
    assert copied(marks) == marks
    assert copied(None) == {}
