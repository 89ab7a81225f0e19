"""Objects of the kinds."""

from __future__ import annotations

from typing import Any


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


def template_object(name: str, content: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A PodSecurityAdmissionConfigurationTemplate: its fields lie at the root."""
    kind = {"apiVersion": "management.cattle.io/v3", "kind": "PodSecurityAdmissionConfigurationTemplate"}
    return {**kind, "metadata": {"name": name, **metadata}, **content}


def workspace_object(name: str, _content: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A FleetWorkspace: it has no fields."""
    return {"apiVersion": "management.cattle.io/v3", "kind": "FleetWorkspace", "metadata": {"name": name, **metadata}}


def workload_object(name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A Workload in the namespace c-table, which counts as a backing namespace, for the namespace `web`."""
    metadata = {"name": name, "namespace": "c-table", **metadata}
    spec = {"namespaceId": "web"} | spec
    return {"apiVersion": "project.cattle.io/v3", "kind": "Workload", "metadata": metadata, "spec": spec}


def setting_object(name: str, fields: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A Setting, whose fields stand at the top."""
    metadata = {"name": name, **metadata}
    return {"apiVersion": "management.cattle.io/v3", "kind": "Setting", "metadata": metadata, **fields}


def feature_object(name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A Feature."""
    metadata = {"name": name, **metadata}
    return {"apiVersion": "management.cattle.io/v3", "kind": "Feature", "metadata": metadata, "spec": spec}


def preference_object(name: str, fields: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A Preference in the namespace c-table, whose fields stand at the top."""
    metadata = {"name": name, "namespace": "c-table", **metadata}
    return {"apiVersion": "management.cattle.io/v3", "kind": "Preference", "metadata": metadata, **fields}


def _management(kind: str, name: str, namespace: str, spec: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **metadata}
    return {"apiVersion": "management.cattle.io/v3", "kind": kind, "metadata": metadata, "spec": spec}


def cloud_credential_object(name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A CloudCredential in the namespace fleet-default."""
    return _management("CloudCredential", name, "fleet-default", spec, metadata)


def node_driver_object(name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A NodeDriver."""
    return _management("NodeDriver", name, "", spec, metadata)


def node_template_object(name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A NodeTemplate in the namespace fleet-default."""
    return _management("NodeTemplate", name, "fleet-default", spec, metadata)


def node_pool_object(name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A NodePool in the namespace c-table."""
    return _management("NodePool", name, "c-table", spec, metadata)


def kontainer_driver_object(name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A KontainerDriver."""
    return _management("KontainerDriver", name, "", spec, metadata)


def _at_root(kind: str, name: str, namespace: str, fields: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    obj = _management(kind, name, namespace, {}, metadata)
    return {key: value for key, value in obj.items() if key != "spec"} | fields


def user_object(name: str, fields: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A User."""
    return _at_root("User", name, "", fields, metadata)


def user_attribute_object(name: str, fields: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A UserAttribute."""
    return _at_root("UserAttribute", name, "", fields, metadata)


def global_role_object(name: str, fields: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A GlobalRole."""
    return _at_root("GlobalRole", name, "", fields, metadata)


def global_role_binding_object(name: str, fields: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A GlobalRoleBinding."""
    return _at_root("GlobalRoleBinding", name, "", fields, metadata)


def role_template_object(name: str, fields: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A RoleTemplate."""
    return _at_root("RoleTemplate", name, "", fields, metadata)


def cluster_binding_object(name: str, fields: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A ClusterRoleTemplateBinding in the namespace c-table."""
    return _at_root("ClusterRoleTemplateBinding", name, "c-table", fields, metadata)


def project_binding_object(name: str, fields: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A ProjectRoleTemplateBinding in the namespace c-table-p-table, which backs the project c-table:p-table."""
    return _at_root("ProjectRoleTemplateBinding", name, "c-table-p-table", fields, metadata)
