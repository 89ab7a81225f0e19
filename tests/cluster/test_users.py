"""What people and GitOps tools do: the examples, kubectl, dry runs, our own commands."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from drover.kinds.resources import WORKLOADS
from drover.kube.gvr import Object
from tests.cluster.scene import Scene, cluster, gvr_of, project, unique, workload

EXAMPLES = Path(__file__).parents[2] / "examples"


async def run(*command: str, kubeconfig: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A command with a kubeconfig."""
    env = {**os.environ, "KUBECONFIG": str(kubeconfig)}
    return await asyncio.to_thread(
        subprocess.run, command, input=stdin, env=env, capture_output=True, text=True, check=False, timeout=60
    )


def objects(path: Path) -> list[Object]:
    return [obj for obj in yaml.safe_load_all(path.read_text()) if obj]


async def test_every_example_is_taken_and_becomes_ready(scene: Scene) -> None:
    """In the order of their numbers; the member of the examples is the Cluster `edge` that is imported already."""
    paths = sorted(EXAMPLES.rglob("*.yaml"), key=lambda path: path.name)
    assert len(paths) >= 5
    for path in paths:
        in_member = path.parent.name == "edge"
        for obj in objects(path):
            if obj["kind"] == "Cluster":
                await scene.hub.apply(gvr_of(obj), obj, manager="test", dry_run=True)
                continue
            await scene.apply(obj, client=scene.member if in_member else scene.hub)
            if obj["kind"] not in ("Namespace", "Secret"):
                await scene.ready(obj)


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
async def test_an_example_is_valid_for_kubectl_and_a_second_apply_changes_nothing(
    scene: Scene, kubectl: str, hub_kubeconfig: Path, file: Path
) -> None:
    if any(obj["kind"] == "Cluster" for obj in objects(file)):
        checked = await run(kubectl, "apply", "--dry-run=server", "-f", str(file), kubeconfig=hub_kubeconfig)
        assert checked.returncode == 0, checked.stderr
        return
    first = await run(kubectl, "apply", "-f", str(file), kubeconfig=hub_kubeconfig)
    assert first.returncode == 0, first.stderr
    again = await run(kubectl, "apply", "-f", str(file), kubeconfig=hub_kubeconfig)
    assert all(line.endswith("unchanged") for line in again.stdout.splitlines()), again.stdout
    diff = await run(kubectl, "diff", "-f", str(file), kubeconfig=hub_kubeconfig)
    assert (diff.returncode, diff.stdout) == (0, "")


async def test_kubectl_wait_and_describe_work_for_every_kind(scene: Scene, kubectl: str, hub_kubeconfig: Path) -> None:
    made = await scene.project()
    where = ("-n", "edge", f"projects.management.cattle.io/{made['metadata']['name']}")
    waited = await run(kubectl, "wait", "--for=condition=Ready", "--timeout=30s", *where, kubeconfig=hub_kubeconfig)
    assert waited.returncode == 0, waited.stderr
    described = await run(kubectl, "describe", *where, kubeconfig=hub_kubeconfig)
    assert "Reconciled" in described.stdout


async def test_a_dry_run_is_the_real_thing(scene: Scene) -> None:
    obj = project(unique("p"))
    dry = await scene.hub.apply(gvr_of(obj), obj, manager="test", dry_run=True)
    real = await scene.apply(obj)
    for found in (dry, real):
        for field in ("uid", "resourceVersion", "creationTimestamp", "managedFields"):
            found["metadata"].pop(field, None)
    assert dry == real


async def test_kubectl_explains_every_kind(scene: Scene, kubectl: str, hub_kubeconfig: Path) -> None:
    for what in (
        "clusters.management.cattle.io.spec.importedConfig.kubeconfigSecretRef",
        "projects.management.cattle.io.spec.resourceQuota",
        "clusters.provisioning.cattle.io.spec.rkeConfig.machinePools",
        "workloads.project.cattle.io.spec.scheduling",
    ):
        said = await run(kubectl, "explain", what, kubeconfig=hub_kubeconfig)
        assert said.returncode == 0, said.stderr
        assert "<no description>" not in said.stdout, said.stdout


async def test_the_tree_shows_clusters_projects_and_workloads(scene: Scene, hub_kubeconfig: Path) -> None:
    made = await scene.project(displayName="Tree house")
    target = await scene.namespace(made)
    obj = workload(unique("w"), made["status"]["backingNamespace"], target)
    await scene.apply(obj)
    await scene.ready(obj)
    shown = await run(sys.executable, "-m", "drover", "tree", kubeconfig=hub_kubeconfig)
    assert shown.returncode == 0, shown.stderr
    for text in ("edge", "Tree house", target, obj["metadata"]["name"], "Ready"):
        assert text in shown.stdout


async def test_the_doctor_finds_nothing_wrong_and_names_what_is(scene: Scene, hub_kubeconfig: Path) -> None:
    await scene.ready(cluster("edge"))
    obj = cluster(unique("c"), "no-such-secret")
    await scene.apply(obj)
    await scene.shows(obj, "Connected", "False", "KubeconfigNotFound")
    shown = await run(sys.executable, "-m", "drover", "doctor", kubeconfig=hub_kubeconfig)
    assert shown.returncode == 1
    assert "no-such-secret" in shown.stdout.replace("\n", "")
    assert "cluster edge" in shown.stdout
    await scene.delete(obj)
    await scene.gone(obj)


async def test_an_error_of_a_command_is_one_line(tmp_path: Path) -> None:
    shown = await run(sys.executable, "-m", "drover", "tree", kubeconfig=tmp_path / "none")
    assert shown.returncode == 1
    assert shown.stderr.startswith("error: no such kubeconfig")
    assert "Traceback" not in shown.stderr


async def test_kubectl_scales_a_workload(scene: Scene, kubectl: str, hub_kubeconfig: Path) -> None:
    made = await scene.project()
    target = await scene.namespace(made)
    obj = workload(unique("w"), made["status"]["backingNamespace"], target, scale=1)
    await scene.apply(obj)
    await scene.ready(obj)
    name, home = obj["metadata"]["name"], obj["metadata"]["namespace"]
    scaled = await run(
        kubectl, "-n", home, "scale", f"workloads.project.cattle.io/{name}", "--replicas=3", kubeconfig=hub_kubeconfig
    )
    assert scaled.returncode == 0, scaled.stderr
    await scene.ready(obj)
    found = await scene.hub.get(WORKLOADS, name, home)
    assert found["status"]["desiredReplicas"] == 3


async def test_the_fixture_of_pytest_kubernetes_is_the_hub(scene: Scene, k8s: Any) -> None:
    await scene.ready(cluster("local"))
    found = await asyncio.to_thread(k8s.kubectl, ["get", "clusters.management.cattle.io", "local"])
    assert found["metadata"]["name"] == "local"
