"""`drover who-can` on a real kube-apiserver, by the kubeconfig of a person."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.scene import Scene, eventually, unique

_GROUP = "management.cattle.io/v3"


def obj(kind: str, name: str, namespace: str = "", **fields: Any) -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": _GROUP, "kind": kind, "metadata": metadata, **fields}


async def who_can(kubeconfig: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "KUBECONFIG": str(kubeconfig)}
    command = (sys.executable, "-m", "drover", "who-can", *arguments)
    return await asyncio.to_thread(
        subprocess.run, command, env=env, capture_output=True, text=True, check=False, timeout=60
    )


async def test_who_can_names_the_binding_the_roles_and_the_rule(scene: Scene, hub_kubeconfig: Path) -> None:
    made = await scene.project()
    project, backing = made["metadata"]["name"], made["status"]["backingNamespace"]
    namespace = await scene.namespace(made)
    user, role, binding = unique("ann"), unique("on-call"), unique("b")
    await scene.apply(obj("User", user))
    rules = [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"]}]
    await scene.apply(obj("RoleTemplate", role, context="project", roleTemplateNames=["view"], rules=rules))
    fields = {"projectName": f"edge:{project}", "roleTemplateName": role, "userName": user}
    await scene.apply(obj("ProjectRoleTemplateBinding", binding, backing, **fields))

    asked = ("patch", "deploy", "-n", namespace, "--cluster", "edge", "--project", project)
    shown = await who_can(hub_kubeconfig, *asked)
    assert shown.returncode == 0, shown.stderr
    (line,) = (line for line in shown.stdout.splitlines() if line.startswith(f"User {user}"))
    for text in (f"ProjectRoleTemplateBinding {backing}/{binding}", role, "patch deployments.apps"):
        assert text in line

    answer = await who_can(hub_kubeconfig, *asked, "--user", user, "-o", "json")
    (reason,) = json.loads(answer.stdout)["reasons"]
    assert reason["rule"] == {"verbs": ["patch"], "apiGroups": ["apps"], "resources": ["deployments"]}

    denied = await who_can(hub_kubeconfig, "delete", *asked[1:], "--user", user)
    assert denied.returncode == 1
    assert denied.stdout.startswith(f"User {user} cannot delete deployments.apps")
    assert "RoleTemplates that allow it: admin, edit, project-member" in denied.stdout

    # The rules of an external role are those of its ClusterRole.
    read = await who_can(hub_kubeconfig, "list", "configmaps", *asked[2:], "--user", user)
    assert f"{role} → view" in read.stdout, read.stdout + read.stderr


async def test_the_hub_knows_in_which_project_with_a_quota_a_namespace_of_a_member_is(
    scene: Scene, hub_kubeconfig: Path
) -> None:
    quota = {"limit": {"limitsCpu": "10"}}
    made = await scene.project(resourceQuota=quota, namespaceDefaultResourceQuota={"limit": {"limitsCpu": "1"}})
    namespace = await scene.namespace(made)
    asked = ("get", "pods", "-n", namespace, "--cluster", "edge", "--user", "nobody")

    async def known() -> bool:
        return f"(Project edge:{made['metadata']['name']})" in (await who_can(hub_kubeconfig, *asked)).stdout

    await eventually(known, "the Project says what the namespace was granted")


@pytest.mark.parametrize(
    ("arguments", "resource"),
    [
        (("deploy",), "deployments.apps"),
        (("deploy.apps",), "deployments.apps"),
        (("deployments.v1.apps/scale",), "deployments.apps/scale"),
        (("po/log",), "pods/log"),
        (("pods.", "web"), "pods web"),
        (("*",), "*.*"),
        (("*.apps",), "*.apps"),
        (("things.example.com/status",), "things.example.com/status"),
        (("/metrics",), "/metrics"),
    ],
)
async def test_a_resource_is_understood_as_kubectl_writes_it(
    scene: Scene, hub_kubeconfig: Path, arguments: tuple[str, ...], resource: str
) -> None:
    answer = await who_can(hub_kubeconfig, "get", *arguments, "--user", "nobody")
    assert answer.stdout.startswith(f"User nobody cannot get {resource} in cluster local"), answer.stderr


async def test_who_can_says_what_it_has_to_know(scene: Scene, hub_kubeconfig: Path) -> None:
    unknown = await who_can(hub_kubeconfig, "get", "pods", "-n", unique("not-there"), "--cluster", "edge")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "--project NAME" in unknown.stderr
    missing = await who_can(hub_kubeconfig, "get", "pods", "--cluster", "nowhere")
    assert missing.stderr.startswith("error: there is no Cluster nowhere")
    near = await who_can(hub_kubeconfig, "get", "pods", "--cluster", "egde")
    assert near.stderr == "error: there is no Cluster egde; did you mean edge?\n"
    typo = await who_can(hub_kubeconfig, "get", "deploymnts")
    assert "did you mean deployments?" in typo.stderr
    part = await who_can(hub_kubeconfig, "get", "deploy/web")
    assert "deployments.apps has no subresource web: it has scale, status" in part.stderr
    path = await who_can(hub_kubeconfig, "get", "/metrics", "-n", "default")
    assert "leave them out" in path.stderr
    ambiguous = await who_can(hub_kubeconfig, "get", "clusters")
    assert "clusters.management.cattle.io" in ambiguous.stderr
