"""A kube-apiserver with the CRDs and the policies, and nothing that reconciles."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from drover.dev import cluster
from drover.dev.cluster import ControlPlane
from drover.dev.options import Options
from tests.cluster.admission.apiserver import Apiserver
from tests.cluster.admission.objects import (
    cluster_binding_object,
    cluster_object,
    global_role_object,
    node_pool_object,
    node_template_object,
    project_object,
    provisioning_object,
    setting_object,
    workload_object,
)
from tests.cluster.admission.users import CREATOR, DROVER, EDITOR, grant_all, until, until_allowed

ROOT = Path(__file__).parents[3]
CRDS = sorted((ROOT / "crds").glob("*.yaml"))
POLICIES = sorted((ROOT / "charts/drover/policies").glob("*.yaml"))

NAMESPACES = ("c-table", "fleet-default", "fleet-local", "local")
BACKING = "c-table-p-table"
"""The backing namespace of the project c-table:p-table."""

_BOTH = {"annotations": {"field.cattle.io/creatorId": "u", "field.cattle.io/no-creator-rbac": "true"}}
_SHOP = {"clusterName": "c-table", "displayName": "Shop"}
_PODS = {"containers": [{"name": "web", "image": "web"}]}
_MEMBER = {"roleTemplateName": "cluster-member", "userName": "u-probe"}
_POOL = {"clusterName": "other", "nodeTemplateName": "a", "worker": True}
_PROBES: tuple[tuple[dict[str, Any], str], ...] = (
    (cluster_object("probe", {"displayName": "x", "typo": 1}), "spec.typo"),
    (cluster_object("probe", {"displayName": "x"}, **_BOTH), "exclude each other"),
    (project_object("probe", _SHOP | {"clusterName": "other"}), "is not the namespace of this Project"),
    (provisioning_object("c-abcde", {}), "c-xxxxx"),
    (setting_object("system-namespaces", {"value": "A"}), "separated by commas"),
    (workload_object("probe", _PODS | {"namespaceId": ""}), "is the backing namespace of a project"),
    (node_pool_object("probe", _POOL), "is not the namespace of this NodePool"),
    (node_template_object("probe", {"linodeConfig": {"token": "x"}}), "spec.linodeConfig.token"),
    (cluster_binding_object("probe", _MEMBER | {"clusterName": "other"}), "is not the namespace of this binding"),
    (global_role_object("probe", {"builtin": True}), "marks the roles that come with Drover"),
    (cluster_object("probe", {"displayName": "x", "dockerRootDir": "/x"}), "spec.dockerRootDir is deprecated"),
)
"""Something that policies refuse, the one that is made last among them: they come into force in order."""


@pytest.fixture(scope="package")
def plane() -> Iterator[ControlPlane]:
    """A control plane of its own."""
    with cluster.up(Options(f"test-admission-{os.getpid()}", nodes=0)) as control_plane:
        yield control_plane


@pytest.fixture(scope="package")
def api(plane: ControlPlane) -> Apiserver:
    """The apiserver, once CRDs and policies are in force."""
    api = Apiserver(plane.hub.kubeconfig)
    for file in (*CRDS, *POLICIES):
        for document in yaml.safe_load_all(file.read_text()):
            answer = api.apply(document)
            assert answer.ok, (file.name, answer.message)
    for name in NAMESPACES:
        metadata = {"name": name, "annotations": {"management.cattle.io/system-namespace": "true"}}
        assert api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}).ok
    metadata = {"name": BACKING, "annotations": {"drover.dev/owner": "Project.management.cattle.io/c-table/p-table"}}
    assert api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}).ok
    for probe, refused in _PROBES:
        until(partial(api.create, probe, dry_run=True), refused)
    grant_all(api)
    for user in (EDITOR, CREATOR):  # the first and the last of those who have rights everywhere
        until_allowed(api, cluster_object("rights", {"displayName": "x"}), user)
    mine = {"displayName": "x", "importedConfig": {"kubeconfigSecretRef": {"name": "mine"}}}
    until_allowed(api, cluster_object("rights", mine), EDITOR)
    return api


@pytest.fixture
def made(api: Apiserver) -> Iterator[Any]:
    """Makes objects as the administrator, who also removes them, or else Drover."""
    objects: list[dict[str, Any]] = []

    def make(obj: dict[str, Any]) -> dict[str, Any]:
        answer = api.create(obj)
        assert answer.ok, answer.message
        objects.append(obj)
        return obj

    yield make
    for obj in objects:
        if not api.delete(obj, dry_run=False).ok:
            api.delete(obj, user=DROVER, dry_run=False)
