"""What `drover convert` writes is applied without a complaint, and Projects with their quotas come out of it."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from drover.cli.convert import app
from drover.kube.client import Client
from drover.kube.errors import Forbidden, NotFound
from drover.kube.gvr import CRDS, GVR, LIMIT_RANGES, NAMESPACES, PODS, RESOURCE_QUOTAS, Object
from tests.cluster.scene import Scene, eventually, unique

GOLDEN = Path(__file__).parents[2] / "golden/conversion"
TENANTS = GVR("capsule.clastix.io", "v1beta2", "tenants", "Tenant", namespaced=False)


class Kubectl:
    """`kubectl` in one cluster."""

    def __init__(self, program: str, kubeconfig: Path) -> None:
        self._command = [program, "--kubeconfig", str(kubeconfig)]

    def apply(self, path: Path, *more: str) -> list[str]:
        """What `kubectl apply` says of each object."""
        done = subprocess.run(
            [*self._command, "apply", *more, "-f", str(path)], check=False, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def diff(self, path: Path, *more: str) -> str:
        """What an apply would change; empty for nothing."""
        command = [*self._command, "diff", *more, "-f", str(path)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    def get(self, path: Path) -> str:
        """The objects as they are now."""
        command = [*self._command, "get", "-f", str(path), "-o", "json"]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


async def at_rest(*files: tuple[Path, Kubectl]) -> None:
    """Waits until the objects do not change for more than a second, in which counters are written once: what is written
    while `kubectl diff` looks is a difference too."""
    before: list[str] = []

    async def look() -> bool:
        nonlocal before
        await asyncio.sleep(1.2)
        last, before = before, [kubectl.get(path) for path, kubectl in files]
        return last == before

    before = [kubectl.get(path) for path, kubectl in files]
    await eventually(look, "nothing changes any more")


def convert(given: str, directory: Path) -> tuple[Path, Path]:
    """The files for the hub and for the member of a tree."""
    return written(directory, "hnc", "-f", "-", given=given)


def written(directory: Path, *arguments: str, given: str | None = None) -> tuple[Path, Path]:
    paths = []
    for part in ("hub", "member"):
        result = CliRunner().invoke(app, [*arguments, "--cluster", "edge", "--for", part], input=given)
        assert result.exit_code == 0, result.output
        paths.append(directory / f"{part}-{len(list(directory.iterdir()))}.yaml")
        paths[-1].write_text(result.stdout)
    return paths[0], paths[1]


def objects(path: Path, kind: str) -> list[Object]:
    return [obj for obj in yaml.safe_load_all(path.read_text()) if obj["kind"] == kind]


async def hard(scene: Scene, namespace: str) -> dict[str, Any]:
    """What Drover's ResourceQuota in a namespace holds."""
    try:
        found = await scene.member.get(RESOURCE_QUOTAS, "default-quota", namespace)
    except NotFound:
        return {}
    held: dict[str, Any] = found["spec"]["hard"]
    return held


async def has(scene: Scene, namespace: str, wanted: dict[str, str]) -> None:
    async def look() -> bool:
        return await hard(scene, namespace) == wanted

    await eventually(look, f"{namespace} has {wanted}", 20)


async def refused(scene: Scene, namespace: str) -> bool:
    """Whether a pod of 11 CPUs is refused because of Drover's quota."""
    container = {"name": "main", "image": "registry.example/app:1"}
    container_of_11 = {**container, "resources": {"limits": {"cpu": "11", "memory": "1Gi"}}}
    pod = named("Pod", "big", namespace=namespace) | {"spec": {"containers": [container_of_11]}}
    try:
        await scene.member.create(PODS, pod, manager="test", dry_run=True)
    except Forbidden as error:
        return "exceeded quota: default-quota, requested: limits.cpu=11, used: limits.cpu=0, limited" in error.message
    return False


@pytest.fixture
def hub_kubectl(kubectl: str, hub_kubeconfig: Path) -> Kubectl:
    return Kubectl(kubectl, hub_kubeconfig)


@pytest.fixture
def member_kubectl(kubectl: str, member_kubeconfig: Path) -> Kubectl:
    return Kubectl(kubectl, member_kubeconfig)


async def test_a_tree_becomes_projects_that_are_ready_with_their_quotas_in_force(
    scene: Scene, hub_kubectl: Kubectl, member_kubectl: Kubectl, tmp_path: Path
) -> None:
    shop = unique("shop")
    hub, member = convert((GOLDEN / "hnc-quota.in.yaml").read_text().replace("shop", shop), tmp_path)
    for path, kubectl in ((hub, hub_kubectl), (member, member_kubectl)):
        assert all(line.endswith(" created") for line in kubectl.apply(path))
    for project in objects(hub, "Project"):
        await scene.ready(project)
        await scene.shows(project, "QuotaHealthy", "True")
    await has(scene, f"{shop}-web", {"limits.cpu": "10667m", "limits.memory": "16554Mi", "pods": "33"})
    await has(scene, shop, {"limits.cpu": "2667m", "limits.memory": "4267Mi", "pods": "13"})
    wanted = {"limits.cpu": "3", "limits.memory": "7339Mi", "pods": "17", "requests.nvidia.com/gpu": "1"}
    await has(scene, f"{shop}-batch-night", wanted)
    await eventually(lambda: refused(scene, f"{shop}-web"), "a pod above the share is refused", 20)
    await at_rest((hub, hub_kubectl), (member, member_kubectl))
    for path, kubectl in ((hub, hub_kubectl), (member, member_kubectl)):
        assert all(line.endswith(" unchanged") for line in kubectl.apply(path))
        assert kubectl.diff(path) == ""


async def test_a_tree_is_applied_on_the_server_side_twice_without_a_difference(
    scene: Scene, hub_kubectl: Kubectl, member_kubectl: Kubectl, tmp_path: Path
) -> None:
    shop = unique("shop")
    hub, member = convert((GOLDEN / "hnc-quota.in.yaml").read_text().replace("shop", shop), tmp_path)
    for path, kubectl in ((hub, hub_kubectl), (member, member_kubectl)):
        kubectl.apply(path, "--server-side")
    for project in objects(hub, "Project"):
        await scene.shows(project, "QuotaHealthy", "True")
    await has(scene, shop, {"limits.cpu": "2667m", "limits.memory": "4267Mi", "pods": "13"})
    await at_rest((hub, hub_kubectl), (member, member_kubectl))
    for path, kubectl in ((hub, hub_kubectl), (member, member_kubectl)):
        assert kubectl.diff(path, "--server-side") == ""
        kubectl.apply(path, "--server-side")
        assert kubectl.diff(path, "--server-side") == ""


async def test_a_tenant_is_read_from_its_cluster_and_its_namespaces_are_never_without_a_limit(
    scene: Scene, hub_kubectl: Kubectl, member_kubectl: Kubectl, member_kubeconfig: Path, tmp_path: Path
) -> None:
    """The namespaces exist with Capsule's quota before, and with Drover's after; both hold in between."""
    oil = unique("oil")
    await install_tenants(scene.member)
    spec = {
        "owners": [{"kind": "User", "name": "alice"}],
        "resourceQuotas": {"items": [{"hard": {"limits.cpu": "8", "pods": "9"}}]},
        "limitRanges": {
            "items": [{"limits": [{"type": "Container", "default": {"cpu": "200m"}, "max": {"cpu": "1"}}]}]
        },
        "networkPolicies": {"items": [{"podSelector": {}, "policyTypes": ["Ingress"]}]},
    }
    tenant = {"apiVersion": TENANTS.api_version, "kind": "Tenant", "metadata": {"name": oil}, "spec": spec}
    await scene.member.create(TENANTS, tenant, manager="test")
    labels = {"capsule.clastix.io/tenant": oil, "pod-security.kubernetes.io/enforce": "baseline"}
    for name in (f"{oil}-a", f"{oil}-b"):
        await scene.member.create(NAMESPACES, named("Namespace", name, labels=labels), manager="capsule")
        quota = named("ResourceQuota", f"capsule-{oil}-0", namespace=name, labels={"capsule.clastix.io/tenant": oil})
        await scene.member.create(RESOURCE_QUOTAS, quota | {"spec": {"hard": {"limits.cpu": "8"}}}, manager="capsule")
    reading = ("capsule", "--kubeconfig", str(member_kubeconfig), "--only", oil, "--role-bindings")
    hub, member = await asyncio.to_thread(written, tmp_path, *reading)
    hub_kubectl.apply(hub)
    member_kubectl.apply(member)
    (project,) = objects(hub, "Project")
    await scene.ready(project)
    for name in (f"{oil}-a", f"{oil}-b"):
        await has(scene, name, {"limits.cpu": "2667m", "pods": "3"})
        limits = {each["metadata"]["name"] for each in await scene.member.list(LIMIT_RANGES, name)}
        assert limits == {"default-limits", f"tenant-{oil}-0"}
        found = await scene.member.get(NAMESPACES, name)
        assert found["metadata"]["labels"].items() >= labels.items()
    await at_rest((hub, hub_kubectl), (member, member_kubectl))
    for path, kubectl in ((hub, hub_kubectl), (member, member_kubectl)):
        assert kubectl.diff(path) == ""
    again = await asyncio.to_thread(written, tmp_path, *reading)
    assert [path.read_text() for path in again] == [hub.read_text(), member.read_text()]


def named(kind: str, name: str, **metadata: Any) -> Object:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, **metadata}}


async def install_tenants(member: Client) -> None:
    """A CRD that takes any Tenant."""
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": TENANTS.version, "served": True, "storage": True, "schema": {"openAPIV3Schema": free}}
    names = {"plural": TENANTS.plural, "singular": "tenant", "kind": TENANTS.kind}
    crd = {
        "apiVersion": CRDS.api_version,
        "kind": CRDS.kind,
        "metadata": {"name": str(TENANTS)},
        "spec": {"group": TENANTS.group, "scope": "Cluster", "names": names, "versions": [version]},
    }
    await member.apply(CRDS, crd, manager="test")

    async def served() -> bool:
        return await member.list(TENANTS) is not None

    await eventually(served, "Tenants are served", 20)


async def test_access_of_an_upstream_server_is_applied_and_in_force(
    scene: Scene, kubectl: str, hub_kubeconfig: Path, tmp_path: Path
) -> None:
    made = await scene.project()
    name, backing = made["metadata"]["name"], made["status"]["backingNamespace"]
    user, role = unique("ann"), unique("developer")
    upstream = f"""
apiVersion: management.cattle.io/v3
kind: User
metadata:
  name: {user}
  finalizers: [controller.cattle.io/mgmt-auth-users-controller]
password: $2a$10$abcdefghijklmnopqrstuv
principalIds: ["local://{user}"]
---
apiVersion: management.cattle.io/v3
kind: RoleTemplate
metadata: {{name: {role}, finalizers: [wrangler.cattle.io/mgmt-roletemplate-remove-handler]}}
builtin: false
context: project
roleTemplateNames: [edit]
---
apiVersion: management.cattle.io/v3
kind: ProjectRoleTemplateBinding
metadata: {{name: prtb-ann, namespace: p-old, finalizers: [wrangler.cattle.io/mgmt-prtb-remove-handler]}}
projectName: c-m-x7k2p:{name}
roleTemplateName: {role}
userName: {user}
userPrincipalName: local://{user}
"""
    result = CliRunner().invoke(app, ["upstream", "--cluster", "c-m-x7k2p=edge", "-f", "-"], input=upstream)
    assert result.exit_code == 0, result.output
    path = tmp_path / "access.yaml"
    path.write_text(result.stdout)
    hub = Kubectl(kubectl, hub_kubeconfig)
    hub.apply(path)
    for obj in yaml.safe_load_all(result.stdout):
        await scene.ready(obj)
    assert all(line.endswith("unchanged") for line in hub.apply(path))
    hub.apply(path, "--server-side", "--force-conflicts")
    assert hub.diff(path, "--server-side", "--force-conflicts") == ""
    assert obj["metadata"]["namespace"] == backing
