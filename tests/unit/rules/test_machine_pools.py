"""Every `tests/golden/machine_pools/*.in.yaml` (a NodeTemplate and a NodePool) resolves to the `*.out.yaml` beside it;
UPDATE_GOLDEN=1 writes those."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.api.crds import CRDS, at
from tests.unit.kinds.allowed import allowed

from drover.api.management.node_pool import NodePoolSpec
from drover.api.management.node_template import NodeTemplateSpec
from drover.api.parsing import InvalidSpec, parse
from drover.api.provisioning.machine_pools import MachinePool
from drover.rules.machine_pools import resolve
from drover.rules.references import template_driver

GOLDEN = Path(__file__).parents[2] / "golden" / "machine_pools"
CASES = sorted(path.name.removesuffix(".in.yaml") for path in GOLDEN.glob("*.in.yaml"))


def resolved(template: dict[str, Any], pool: dict[str, Any]) -> dict[str, Any]:
    found = resolve(pool, template, template_driver(template))
    return {"machinePool": found.pool, "leftOut": list(found.left)}


@pytest.mark.parametrize("case", CASES)
def test_resolves_as_the_golden_file_says(case: str) -> None:
    template, pool = yaml.safe_load_all((GOLDEN / f"{case}.in.yaml").read_text())
    untouched = copy.deepcopy((template, pool))
    parse(NodeTemplateSpec, template["spec"])
    parse(NodePoolSpec, pool["spec"])
    out = yaml.safe_dump(resolved(template, pool), sort_keys=False, width=120)
    assert (template, pool) == untouched, "resolve changed its input"
    expected = GOLDEN / f"{case}.out.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(out)
    assert out == expected.read_text()


def test_every_golden_output_has_an_input() -> None:
    assert sorted(path.name.removesuffix(".out.yaml") for path in GOLDEN.glob("*.out.yaml")) == CASES


@given(st.data())
def test_a_valid_pool_of_a_valid_template_is_a_valid_machine_pool(data: st.DataObject) -> None:
    specs = []
    for kind, model in (("nodetemplates", NodeTemplateSpec), ("nodepools", NodePoolSpec)):
        spec = data.draw(allowed(at(CRDS[f"{kind}.management.cattle.io"], ".spec") or {}))
        try:
            parse(model, spec)
        except InvalidSpec:
            return
        specs.append(spec)
    metadata = {"name": "one", "namespace": "c-abcde"}
    template, pool = ({"metadata": metadata, "spec": spec} for spec in specs)
    found = resolve(pool, template, "digitalocean")
    parse(MachinePool, found.pool)
    assert all(each.split(" ")[0] in ("NodePool", "NodeTemplate") for each in found.left)
