"""The CRDs, and a walk over the fields of their schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from drover.api import crds

CRDS: dict[str, dict[str, Any]] = {crd["metadata"]["name"]: crd for crd in crds()}


@dataclass(frozen=True)
class Field:
    """A place in a schema: `path` is `spec.containers[].image`, `name` the property (empty for items and values)."""

    path: str
    name: str
    schema: dict[str, Any]
    required: bool

    def __str__(self) -> str:
        return self.path

    @property
    def rules(self) -> list[dict[str, str]]:
        """The CEL rules of this place."""
        return list(self.schema.get("x-kubernetes-validations", ()))


def version(crd: dict[str, Any]) -> dict[str, Any]:
    """The one version of a CRD."""
    (only,) = crd["spec"]["versions"]
    assert isinstance(only, dict)
    return only


def root(crd: dict[str, Any]) -> dict[str, Any]:
    """The schema of a CRD."""
    schema = version(crd)["schema"]["openAPIV3Schema"]
    assert isinstance(schema, dict)
    return schema


def fields(crd: dict[str, Any]) -> list[Field]:
    """Every place in the schema, the root first."""
    return list(_walk("", "", root(crd), required=True))


def _walk(path: str, name: str, schema: dict[str, Any], *, required: bool) -> Iterator[Field]:
    yield Field(path, name, schema, required)
    for child, value in schema.get("properties", {}).items():
        below = f"{path}.{child}" if path else child
        yield from _walk(below, child, value, required=child in schema.get("required", ()))
    if "items" in schema:
        yield from _walk(f"{path}[]", "", schema["items"], required=True)
    if "additionalProperties" in schema:
        yield from _walk(f"{path}{{}}", "", schema["additionalProperties"], required=True)


def at(crd: dict[str, Any], path: str) -> dict[str, Any] | None:
    """The schema at a JSON path such as `.status.conditions[?(@.type=="Ready")].status`; None where there is none."""
    schema: dict[str, Any] | None = root(crd)
    for part in _parts(path):
        if schema is None:
            return None
        schema = schema.get("items") if part == "[]" else schema.get("properties", {}).get(part)
    return schema


def _parts(path: str) -> Iterator[str]:
    """`.status.conditions[?(...)].reason` as status, conditions, [], reason."""
    yield from re.sub(r"\[\?.*?\)\]", ".[]", path).strip(".").split(".")


WITHOUT_STATUS = {"preferences.management.cattle.io", "userattributes.management.cattle.io"}
"""Kinds on which nobody acts."""

every_crd = pytest.mark.parametrize("crd", CRDS.values(), ids=CRDS)
every_reconciled_crd = pytest.mark.parametrize(
    "crd", [pytest.param(crd, id=name) for name, crd in CRDS.items() if name not in WITHOUT_STATUS]
)
every_field = pytest.mark.parametrize("places", [pytest.param(fields(crd), id=name) for name, crd in CRDS.items()])
