"""The schema of a Workload and its rendering know the same fields."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.api.crds import CRDS, root
from tests.unit.api.tables import workloads

from drover.api.parsing import InvalidSpec, parse
from drover.api.project.kind_fields import KINDS_OF_FIELD
from drover.api.project.workload import WorkloadSpec
from drover.rules import workload as rules
from drover.rules.workload import kind_fields

GOLDEN = sorted((Path(__file__).parents[2] / "golden/workload").glob("*.in.yaml"))
SPEC = root(CRDS["workloads.project.cattle.io"])["properties"]["spec"]


def _unknown(value: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown(item, schema["items"], f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            known = schema.get("additionalProperties") or schema.get("properties", {}).get(key)
            if known is None:
                yield f"{path}.{key}"
            else:
                yield from _unknown(item, known, f"{path}.{key}")


def _spec(file: Path) -> dict[str, Any]:
    document = yaml.safe_load(file.read_text())
    spec = document.get("spec", document)
    assert isinstance(spec, dict)
    return spec


@pytest.mark.parametrize("file", GOLDEN, ids=[file.name.partition(".")[0] for file in GOLDEN])
def test_what_is_rendered_is_in_the_schema_and_the_model(file: Path) -> None:
    assert not list(_unknown(_spec(file), SPEC, "spec"))
    parse(WorkloadSpec, _spec(file))


@pytest.mark.parametrize("bad", workloads.BAD, ids=str)
def test_what_the_apiserver_refuses_is_refused_without_it_too(bad: Any) -> None:
    """By the model or by the rendering."""
    try:
        parse(WorkloadSpec, bad.spec)
        rules.render(dict(bad.spec), name=rules.name(bad.spec, bad.name or "bad"), namespace="shop")
    except (InvalidSpec, rules.InvalidWorkload):
        return
    assert bad.title == "a schedule of four fields", "that is left to the member's apiserver"


def test_fields_belong_to_the_same_kinds() -> None:
    rendered = {field: {kind.config for kind in kinds} for field, kinds in kind_fields._KINDS_OF_FIELD.items()}
    assert rendered == {field: set(configs) for field, configs in KINDS_OF_FIELD.items()}
