"""A kind as a CustomResourceDefinition."""

from __future__ import annotations

from typing import Any

from drover.api.resource import Column, Resource
from drover.api.schema import Schema, structural


def crd(resource: type[Resource]) -> dict[str, Any]:
    """The CustomResourceDefinition (apiextensions.k8s.io/v1) of a kind, as JSON."""
    version: dict[str, Any] = {
        "name": resource.version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": _root(resource)},
        "subresources": _subresources(resource),
        "additionalPrinterColumns": [_column(column) for column in resource.columns],
    }
    names: dict[str, Any] = {
        "kind": resource.kind,
        "listKind": f"{resource.kind}List",
        "plural": resource.plural,
        "singular": resource.kind.lower(),
        "categories": list(resource.categories),
    }
    if resource.short_names:
        names["shortNames"] = list(resource.short_names)
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{resource.plural}.{resource.group}", "labels": {"app.kubernetes.io/part-of": "drover"}},
        "spec": {"group": resource.group, "names": names, "scope": resource.scope, "versions": [version]},
    }


def _root(resource: type[Resource]) -> Schema:
    schema = structural(resource)
    properties: Schema = {
        "apiVersion": {"type": "string", "description": f"`{resource.group}/{resource.version}`."},
        "kind": {"type": "string", "description": f"`{resource.kind}`."},
        **schema["properties"],
        "metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": resource.longest_name}}},
    }
    return {**schema, "properties": properties}


def _subresources(resource: type[Resource]) -> dict[str, Any]:
    subresources: dict[str, Any] = {"status": {}} if "status" in resource.model_fields else {}
    if resource.scale is not None:
        subresources["scale"] = {
            "specReplicasPath": resource.scale.replicas,
            "statusReplicasPath": resource.scale.ready,
            "labelSelectorPath": resource.scale.selector,
        }
    return subresources


def _column(column: Column) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "jsonPath": column.path,
        "description": column.description,
    }
    return entry | {"priority": 1} if column.wide else entry
