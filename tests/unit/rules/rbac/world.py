"""Objects of the hub about rights, as short as tests need them."""

from __future__ import annotations

from typing import Any

from drover.kube.gvr import Object

MANAGEMENT = "management.cattle.io"


def thing(kind: str, name: str, namespace: str = "", **fields: Any) -> Object:
    """Any object; its uid follows from what it is called."""
    metadata: dict[str, Any] = {"name": name, "uid": f"{kind}/{namespace}/{name}"}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": f"{MANAGEMENT}/v3", "kind": kind, "metadata": metadata, **fields}


def policy_rule(verbs: str, group: str, resources: str, *names: str) -> dict[str, Any]:
    """A PolicyRule about resources of one group, from words."""
    body: dict[str, Any] = {"verbs": verbs.split(), "apiGroups": [group], "resources": resources.split()}
    return body | {"resourceNames": list(names)} if names else body


def url_rule(verbs: str, *urls: str) -> dict[str, Any]:
    return {"verbs": verbs.split(), "nonResourceURLs": list(urls)}


def cluster(name: str) -> Object:
    return thing("Cluster", name)


def project(cluster: str, name: str, backing: str | None = None) -> Object:
    home = f"{cluster}-{name}" if backing is None else backing
    return thing("Project", name, cluster, spec={"clusterName": cluster}, status={"backingNamespace": home})


def user(name: str, *principals: str, **fields: Any) -> Object:
    return thing("User", name, principalIds=[f"local://{name}", *principals], **fields)


def role_template(name: str, context: str, *rules: dict[str, Any], inherits: str = "", **fields: Any) -> Object:
    return thing("RoleTemplate", name, context=context, rules=list(rules), roleTemplateNames=inherits.split(), **fields)


def external(name: str, context: str, *rules: dict[str, Any]) -> Object:
    return thing("RoleTemplate", name, context=context, external=True, externalRules=list(rules))


def global_role(name: str, *rules: dict[str, Any], **fields: Any) -> Object:
    return thing("GlobalRole", name, rules=list(rules), **fields)


def everyone(name: str, role: str, **who: str) -> Object:
    """A GlobalRoleBinding."""
    return thing("GlobalRoleBinding", name, globalRoleName=role, **who)


def in_cluster(name: str, cluster: str, role: str, **who: str) -> Object:
    """A ClusterRoleTemplateBinding."""
    return thing("ClusterRoleTemplateBinding", name, cluster, clusterName=cluster, roleTemplateName=role, **who)


def in_project(name: str, project: str, role: str, *, namespace: str = "", **who: str) -> Object:
    """A ProjectRoleTemplateBinding; `project` is `<cluster>:<project>`."""
    home = namespace or project.replace(":", "-")
    return thing("ProjectRoleTemplateBinding", name, home, projectName=project, roleTemplateName=role, **who)


def workspace(name: str) -> Object:
    return thing("FleetWorkspace", name)
