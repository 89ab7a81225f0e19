"""`drover who-can` on a real kube-apiserver, by the kubeconfig of a person."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.cluster.scene import Scene, unique

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
    assert denied.stdout.startswith("Nobody can delete deployments.apps")

    # The rules of an external role are those of its ClusterRole.
    read = await who_can(hub_kubeconfig, "list", "configmaps", *asked[2:], "--user", user)
    assert f"{role} → view" in read.stdout, read.stdout + read.stderr


async def test_who_can_says_what_it_has_to_know(scene: Scene, hub_kubeconfig: Path) -> None:
    unknown = await who_can(hub_kubeconfig, "get", "pods", "-n", "shop-web", "--cluster", "edge")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "--project NAME" in unknown.stderr
    missing = await who_can(hub_kubeconfig, "get", "pods", "--cluster", "nowhere")
    assert missing.stderr.startswith("error: there is no Cluster nowhere")
    ambiguous = await who_can(hub_kubeconfig, "get", "clusters")
    assert "clusters.management.cattle.io" in ambiguous.stderr
