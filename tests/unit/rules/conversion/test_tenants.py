"""What holds for Tenants beyond the golden files."""

from __future__ import annotations

from typing import Any

import pytest

from drover.rules.conversion import capsule
from drover.rules.conversion.result import CannotConvert
from drover.rules.conversion.tenants import Options

CAPSULE = "capsule.clastix.io/v1beta2"


def tenant(name: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": CAPSULE, "kind": "Tenant", "metadata": {"name": name}, "spec": spec}


def namespace(name: str, of: str) -> dict[str, Any]:
    reference = {"apiVersion": CAPSULE, "kind": "Tenant", "name": of, "uid": "1"}
    metadata = {"name": name, "labels": {"capsule.clastix.io/tenant": "forged"}, "ownerReferences": [reference]}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def names(objects: list[dict[str, Any]], options: Options) -> list[str]:
    converted = capsule.convert(objects, options)
    return [f"{each.obj['kind']} {each.obj['metadata']['name']}" for each in (*converted.hub, *converted.member)]


def test_the_owner_reference_decides_and_not_a_label_that_anybody_can_write() -> None:
    assert names([tenant("oil"), tenant("forged"), namespace("a", "oil")], Options("edge")) == [
        "Project forged",
        "Project oil",
        "Namespace a",
    ]
    converted = capsule.convert([tenant("oil"), namespace("a", "oil")], Options("edge"))
    assert converted.member[0].obj["metadata"]["annotations"]["field.cattle.io/projectId"] == "edge:oil"


def test_only_chooses_tenants_and_their_namespaces() -> None:
    objects = [tenant("oil"), tenant("gas"), namespace("a", "oil"), namespace("b", "gas")]
    assert names(objects, Options("edge", only=("gas",))) == ["Project gas", "Namespace b"]
    with pytest.raises(CannotConvert, match="--only coal: there is no such Tenant; it has to be one of gas, oil"):
        capsule.convert(objects, Options("edge", only=("coal",)))


def test_spec_fields_that_nobody_knows_are_never_dropped_in_silence() -> None:
    objects = [tenant("oil", brandNew={"a": 1}, namespaceOptions={"alsoNew": True}), namespace("a", "oil")]
    about = {remark.about for remark in capsule.convert(objects, Options("edge")).remarks}
    assert {"Tenant oil: spec.brandNew", "Tenant oil: spec.namespaceOptions.alsoNew"} <= about


def test_a_spec_of_another_shape_is_no_crash() -> None:
    objects = [{"apiVersion": CAPSULE, "kind": "Tenant", "metadata": {"name": "oil"}}, namespace("a", "oil")]
    assert names(objects, Options("edge")) == ["Project oil", "Namespace a"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"owners": ["alice"]}, r"Tenant oil: spec\.owners has to be a list of objects; correct it"),
        (
            {"limitRanges": {"items": {}}},
            r"Tenant oil: spec\.limitRanges\.items has to be a list of objects; correct it",
        ),
    ],
)
def test_a_field_of_another_shape_is_named(spec: dict[str, Any], message: str) -> None:
    with pytest.raises(CannotConvert, match=message):
        capsule.convert([tenant("oil", **spec)], Options("edge"))


def test_labels_that_are_no_object_are_named() -> None:
    broken = namespace("a", "oil")
    broken["metadata"]["labels"] = ["x"]
    with pytest.raises(CannotConvert, match=r"Namespace a: metadata\.labels has to be an object; correct it"):
        capsule.convert([tenant("oil"), broken], Options("edge"))


def test_numbers_as_values_of_labels_are_text() -> None:
    numbered = namespace("a", "oil")
    numbered["metadata"]["labels"] = {"cost": 42}
    converted = capsule.convert([tenant("oil"), numbered], Options("edge"))
    assert converted.member[0].obj["metadata"]["labels"] == {"cost": "42"}
