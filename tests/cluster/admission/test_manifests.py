"""Manifests that people have are taken as they are, and taken again without a change."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from drover.dev.cluster import ControlPlane
from tests.cluster.admission.apiserver import Apiserver
from tests.cluster.admission.conftest import CRDS, ROOT

MANIFESTS = Path(__file__).parent / "manifests"
SHORT_NAMES = [name for file in CRDS for name in yaml.safe_load(file.read_text())["spec"]["names"]["shortNames"]]
DOCUMENTS = [
    document
    for file in sorted(MANIFESTS.glob("*.yaml"))
    for document in yaml.safe_load_all(file.read_text())
    if document is not None
]


@pytest.fixture(scope="module", autouse=True)
def removed(api: Apiserver, plane: ControlPlane) -> Any:
    """Nothing of this file stays."""
    yield
    for document in DOCUMENTS:
        api.delete(document, user="system:serviceaccount:kube-system:generic-garbage-collector", dry_run=False)
        api.delete(document, dry_run=False)


def kubectl(plane: ControlPlane, *arguments: str) -> subprocess.CompletedProcess[str]:
    """kubectl as the administrator."""
    program = plane.binaries.kubectl
    return subprocess.run(
        [str(program), f"--kubeconfig={plane.hub.kubeconfig}", *arguments], capture_output=True, text=True, check=False
    )


def versions(api: Apiserver) -> list[str]:
    """The resource versions of all manifests: they tell whether anything was written."""
    return [api.get(document).body["metadata"]["resourceVersion"] for document in DOCUMENTS]


@pytest.mark.parametrize("flags", [(), ("--server-side",)], ids=["client-side", "server-side"])
def test_manifests_apply_twice_and_differ_in_nothing(
    api: Apiserver, plane: ControlPlane, flags: tuple[str, ...]
) -> None:
    force = ("--force-conflicts",) if flags else ()
    for before in (None, "applied"):
        earlier = versions(api) if before else []
        result = kubectl(plane, "apply", *flags, *force, "-f", str(MANIFESTS))
        assert result.returncode == 0, result.stderr
        assert not before or versions(api) == earlier
    difference = kubectl(plane, "diff", *flags, *force, "-f", str(MANIFESTS))
    assert (difference.returncode, difference.stdout) == (0, ""), difference.stderr


@pytest.mark.parametrize("flags", [(), ("--server-side",)], ids=["client-side", "server-side"])
def test_crds_apply_and_differ_in_nothing(api: Apiserver, plane: ControlPlane, flags: tuple[str, ...]) -> None:
    force = ("--force-conflicts",) if flags else ()
    result = kubectl(plane, "apply", *flags, *force, "-f", str(ROOT / "crds"))
    assert result.returncode == 0, result.stderr
    difference = kubectl(plane, "diff", *flags, *force, "-f", str(ROOT / "crds"))
    assert (difference.returncode, difference.stdout) == (0, ""), difference.stderr


@pytest.mark.parametrize("file", CRDS, ids=[file.stem for file in CRDS])
def test_a_crd_is_established_and_structural(api: Apiserver, file: Path) -> None:
    conditions = {
        entry["type"]: entry for entry in api.get(yaml.safe_load(file.read_text())).body["status"]["conditions"]
    }
    assert conditions["Established"]["status"] == "True"
    assert conditions.get("NonStructuralSchema", {"status": "False"})["status"] == "False"


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=[f"{document['kind']} {document['metadata']['name']}" for document in DOCUMENTS]
)
def test_a_dry_run_says_what_really_happens(api: Apiserver, document: dict[str, Any]) -> None:
    renamed = {**document, "metadata": {**document["metadata"], "name": f"{document['metadata']['name']}-x"}}
    if "spec" in document:
        renamed["spec"] = {key: value for key, value in document["spec"].items() if key != "internal"}
    expected = api.create(renamed, dry_run=True)
    assert expected.ok, expected.message
    made = api.create(renamed)
    api.delete(renamed, dry_run=False)
    assert {**expected.body, "metadata": None} == {**made.body, "metadata": None}


def test_null_counts_as_absent(api: Apiserver) -> None:
    answer = api.create(
        {
            "apiVersion": "provisioning.cattle.io/v1",
            "kind": "Cluster",
            "metadata": {"name": "nulls", "namespace": "fleet-default"},
            "spec": {"rkeConfig": None, "agentEnvVars": None, "localClusterAuthEndpoint": {"fqdn": None}},
        },
        dry_run=True,
    )
    assert answer.body["spec"] == {"localClusterAuthEndpoint": {}}


def test_a_status_in_a_manifest_is_left_to_the_controllers(api: Apiserver) -> None:
    project = next(document for document in DOCUMENTS if document["metadata"]["name"] == "p-7hx2k")
    assert "status" in project
    assert (
        "status" not in api.create({**project, "metadata": {**project["metadata"], "name": "p-x"}}, dry_run=True).body
    )


def test_a_backing_namespace_never_changes(api: Apiserver) -> None:
    project = next(document for document in DOCUMENTS if document["metadata"]["name"] == "plain")
    path = f"/apis/management.cattle.io/v3/namespaces/c-table/projects/{project['metadata']['name']}/status"
    assert api.apply(project).ok

    def put(name: str | None) -> Any:
        status = {"status": {"backingNamespace": name}}
        return api.request("PATCH", path, status, content_type="application/merge-patch+json")

    assert put("").ok
    assert put("c-table-plain").ok
    for other in ("elsewhere", None):
        assert "status.backingNamespace" in dict(put(other).causes)


def test_a_workload_is_scaled_by_its_subresource(api: Apiserver, plane: ControlPlane) -> None:
    workload = next(document for document in DOCUMENTS if document["metadata"]["name"] == "web")
    assert api.apply(workload).ok
    result = kubectl(plane, "-n", "c-table", "scale", "workload/web", "--replicas=5")
    assert result.returncode == 0, result.stderr
    assert api.get(workload).body["spec"]["scale"] == 5


def test_the_categories_and_the_short_names_work(plane: ControlPlane, api: Apiserver) -> None:
    for names in ("cattle", "cattle-access", *SHORT_NAMES):
        result = kubectl(plane, "get", names, "-A")
        assert result.returncode == 0, result.stderr
