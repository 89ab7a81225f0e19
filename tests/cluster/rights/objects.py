"""Users, roles and bindings as the tests apply them: their fields are at the top."""

from __future__ import annotations

from typing import Any

from drover.kube.gvr import Object


def access(kind: str, name: str, lies_in: str = "", **content: Any) -> Object:
    """An object of management.cattle.io without a spec."""
    metadata = {"name": name} | ({"namespace": lies_in} if lies_in else {})
    return {"apiVersion": "management.cattle.io/v3", "kind": kind, "metadata": metadata, **content}


def user(name: str, **content: Any) -> Object:
    """A User."""
    return access("User", name, **content)


def in_cluster(name: str, role: str, cluster: str = "edge", **subject: Any) -> Object:
    """A ClusterRoleTemplateBinding."""
    return access("ClusterRoleTemplateBinding", name, cluster, clusterName=cluster, roleTemplateName=role, **subject)


def in_project(name: str, role: str, project: Object, **subject: Any) -> Object:
    """A ProjectRoleTemplateBinding of a Project that is Ready."""
    metadata, lies_in = project["metadata"], project["status"]["backingNamespace"]
    told = f"{metadata['namespace']}:{metadata['name']}"
    return access("ProjectRoleTemplateBinding", name, lies_in, projectName=told, roleTemplateName=role, **subject)


def everywhere(name: str, role: str, **subject: Any) -> Object:
    """A GlobalRoleBinding."""
    return access("GlobalRoleBinding", name, globalRoleName=role, **subject)
