"""A kube-apiserver with the CRDs and the policies, and nothing that reconciles."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cluster.admission.apiserver import Answer, Apiserver

from drover.dev import cluster
from drover.dev.cluster import ControlPlane
from drover.dev.options import Options

ROOT = Path(__file__).parents[3]
CRDS = sorted((ROOT / "crds").glob("*.yaml"))
POLICIES = sorted((ROOT / "charts/drover/policies").glob("*.yaml"))

NAMESPACES = ("c-table", "fleet-default", "fleet-local", "local")


@pytest.fixture(scope="session")
def plane() -> Iterator[ControlPlane]:
    """A control plane of its own."""
    with cluster.up(Options(f"test-admission-{os.getpid()}", nodes=0)) as control_plane:
        yield control_plane


@pytest.fixture(scope="session")
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
    for probe, refused in _PROBES:
        until(partial(api.create, probe, dry_run=True), refused)
    return api


def until(ask: Callable[[], Answer], words: str, seconds: float = 30.0) -> None:
    """Asks until the answer has these words: a policy works some time after it was made."""
    deadline = time.monotonic() + seconds
    while words not in ((answer := ask()).message + " ".join(answer.warnings)):
        assert time.monotonic() < deadline, f"still not {words!r}, but {answer}"
        time.sleep(0.05)


def cluster_object(name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A management Cluster."""
    metadata = {"name": name, **metadata}
    return {"apiVersion": "management.cattle.io/v3", "kind": "Cluster", "metadata": metadata, "spec": spec}


def project_object(name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A Project in the namespace c-table."""
    metadata = {"name": name, "namespace": "c-table", **metadata}
    return {"apiVersion": "management.cattle.io/v3", "kind": "Project", "metadata": metadata, "spec": spec}


def provisioning_object(name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A provisioning Cluster in the namespace fleet-default."""
    metadata = {"name": name, "namespace": "fleet-default", **metadata}
    return {"apiVersion": "provisioning.cattle.io/v1", "kind": "Cluster", "metadata": metadata, "spec": spec}


def workload_object(name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A Workload in the namespace c-table, which counts as a backing namespace, for the namespace `web`."""
    metadata = {"name": name, "namespace": "c-table", **metadata}
    spec = {"namespaceId": "web"} | spec
    return {"apiVersion": "project.cattle.io/v3", "kind": "Workload", "metadata": metadata, "spec": spec}


_BOTH = {"annotations": {"field.cattle.io/creatorId": "u", "field.cattle.io/no-creator-rbac": "true"}}
_SHOP = {"clusterName": "c-table", "displayName": "Shop"}
_PODS = {"containers": [{"name": "web", "image": "web"}]}
_PROBES: tuple[tuple[dict[str, Any], str], ...] = (
    (cluster_object("probe", {"displayName": "x", "typo": 1}), "spec.typo"),
    (cluster_object("probe", {"displayName": "x"}, **_BOTH), "exclude each other"),
    (project_object("probe", _SHOP | {"clusterName": "other"}), "is not the namespace of this Project"),
    (provisioning_object("c-abcde", {}), "c-xxxxx"),
    (workload_object("probe", _PODS | {"namespaceId": ""}), "is the backing namespace of a project"),
)
"""Something that policies refuse, the one that is made last among them: they come into force in order."""
