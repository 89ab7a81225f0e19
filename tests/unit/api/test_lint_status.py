"""Statuses, columns and the scale subresource are as tools expect them."""

from __future__ import annotations

import re
from typing import Any

from tests.unit.api.crds import CRDS, WITHOUT_STATUS, at, every_crd, every_reconciled_crd, root, version


def _columns(crd: dict[str, Any], *, wide: bool | None = None) -> list[dict[str, Any]]:
    columns = version(crd)["additionalPrinterColumns"]
    return [column for column in columns if wide is None or bool(column.get("priority")) == wide]


@every_reconciled_crd
def test_status_is_a_subresource(crd: dict[str, Any]) -> None:
    assert version(crd)["subresources"]["status"] == {}


@every_reconciled_crd
def test_conditions_are_a_map_by_type(crd: dict[str, Any]) -> None:
    conditions = at(crd, ".status.conditions")
    assert conditions is not None
    assert conditions["x-kubernetes-list-type"] == "map"
    assert conditions["x-kubernetes-list-map-keys"] == ["type"]


@every_reconciled_crd
def test_a_condition_has_the_fields_of_kubernetes_and_the_one_of_older_tools(crd: dict[str, Any]) -> None:
    condition = (at(crd, ".status.conditions") or {})["items"]
    assert set(condition["properties"]) == {
        "type", "status", "reason", "message", "lastTransitionTime", "lastUpdateTime", "observedGeneration",
    }  # fmt: skip
    assert condition["properties"]["status"]["enum"] == ["True", "False", "Unknown"]


@every_reconciled_crd
def test_a_condition_of_an_older_tool_passes(crd: dict[str, Any]) -> None:
    condition = (at(crd, ".status.conditions") or {})["items"]
    assert condition["required"] == ["type", "status"]
    assert "format" not in condition["properties"]["lastTransitionTime"]


@every_reconciled_crd
def test_the_status_has_an_observed_generation(crd: dict[str, Any]) -> None:
    generation = at(crd, ".status.observedGeneration")
    assert generation is not None
    assert (generation["type"], generation["format"]) == ("integer", "int64")


@every_crd
def test_a_status_can_be_written_in_steps(crd: dict[str, Any]) -> None:
    assert "required" not in (at(crd, ".status") or {})


@every_crd
def test_columns_show_fields_that_exist(crd: dict[str, Any]) -> None:
    for column in _columns(crd):
        for path in _paths(column["jsonPath"]):
            schema = at(crd, path)
            assert schema is not None, path
            assert schema["type"] == column["type"], path


def _paths(path: str) -> list[str]:
    """The fields that a column shows the first of."""
    if path.startswith("..["):
        return [f".{name}" for name in re.findall(r"'(\w+)'", path)]
    return [] if path.startswith(".metadata.") else [path]


@every_crd
def test_columns_are_unique_and_capitalised(crd: dict[str, Any]) -> None:
    names = [column["name"] for column in _columns(crd)]
    assert len(names) == len(set(names))
    assert all(name[:1].isupper() and " " not in name for name in names)


@every_reconciled_crd
def test_at_most_seven_columns_show_by_default(crd: dict[str, Any]) -> None:
    assert 3 <= len(_columns(crd, wide=False)) <= 7


@every_reconciled_crd
def test_readiness_and_age_show_by_default(crd: dict[str, Any]) -> None:
    names = [column["name"] for column in _columns(crd, wide=False)]
    assert "Ready" in names
    assert names[-1] == "Age"


@every_reconciled_crd
def test_the_wide_columns_say_why(crd: dict[str, Any]) -> None:
    assert "Message" in [column["name"] for column in _columns(crd, wide=True)]


@every_crd
def test_the_scale_subresource_counts_whole_numbers(crd: dict[str, Any]) -> None:
    scale = version(crd)["subresources"].get("scale")
    assert (scale is not None) == (crd["spec"]["names"]["kind"] == "Workload")
    if scale is not None:
        assert (at(crd, scale["specReplicasPath"]) or {})["type"] == "integer"
        assert (at(crd, scale["statusReplicasPath"]) or {})["type"] == "integer"
        assert (at(crd, scale["labelSelectorPath"]) or {})["type"] == "string"


def test_a_kind_on_which_nobody_acts_has_no_status() -> None:
    for name, crd in CRDS.items():
        assert ("status" in root(crd)["properties"]) == (name not in WITHOUT_STATUS)
        assert ("status" in version(crd)["subresources"]) == (name not in WITHOUT_STATUS)
