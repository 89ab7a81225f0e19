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
