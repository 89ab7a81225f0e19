"""What kubectl shows of bindings: whom they name, in whichever field that is."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.scene import Scene, unique

SHOWN = [
    ({"userName": "ann"}, ("ann", "")),
    ({"userPrincipalName": "github_user://12"}, ("github_user://12", "")),
    ({"userName": "ann", "userPrincipalName": "github_user://12"}, ("ann", "")),
    ({"groupName": "developers"}, ("", "developers")),
    ({"groupPrincipalName": "github_team://34"}, ("", "github_team://34")),
    ({"serviceAccount": "ci:deployer"}, ("ci:deployer", "")),
]
"""A subject, and what is in the columns USER and GROUP."""

_PLACES: dict[str, tuple[str, dict[str, str]]] = {
    "GlobalRoleBinding": ("", {"globalRoleName": "user-base"}),
    "ClusterRoleTemplateBinding": ("edge", {"clusterName": "edge", "roleTemplateName": "cluster-member"}),
    "ProjectRoleTemplateBinding": ("edge-%s", {"projectName": "edge:%s", "roleTemplateName": "read-only"}),
}
_UNKNOWN = {
    "GlobalRoleBinding": ("groupName", "serviceAccount"),
    "ClusterRoleTemplateBinding": ("serviceAccount",),
    "ProjectRoleTemplateBinding": (),
}


def shown(kubectl: str, kubeconfig: Path, kind: str, name: str, namespace: str) -> dict[str, str]:
    """The columns of `kubectl get`, by their headings."""
    where = ("-n", namespace) if namespace else ()
    command = (kubectl, "--kubeconfig", str(kubeconfig), "get", kind.lower(), name, *where)
    heading, line = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    starts = [
        index for index, letter in enumerate(heading) if letter != " " and (index == 0 or heading[index - 1] == " ")
    ]
    return {
        heading[start:end].strip(): line[start:end].strip()
        for start, end in zip(starts, [*starts[1:], len(heading) + len(line)], strict=True)
    }


@pytest.mark.parametrize("kind", _PLACES)
async def test_a_binding_is_listed_with_whom_it_names(
    scene: Scene, kubectl: str, hub_kubeconfig: Path, kind: str
) -> None:
    project = (await scene.project())["metadata"]["name"] if kind.startswith("Project") else ""
    namespace, fields = _PLACES[kind]
    namespace = namespace.replace("%s", project)
    fields = {key: value.replace("%s", project) for key, value in fields.items()}
    for subject, (user, group) in SHOWN:
        if set(subject) & set(_UNKNOWN[kind]):
            continue
        name = unique("shown")
        metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
        obj: dict[str, Any] = {"apiVersion": "management.cattle.io/v3", "kind": kind, "metadata": metadata}
        await scene.apply(obj | fields | subject)
        columns = await asyncio.to_thread(shown, kubectl, hub_kubeconfig, kind, name, namespace)
        assert (columns["USER"], columns["GROUP"]) == (user, group)
        await scene.delete(obj)
