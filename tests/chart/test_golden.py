"""Every `tests/golden/chart/*.in.yaml` renders to the `*.out.yaml` beside it; UPDATE_GOLDEN=1 writes those."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from tests.chart.chart import Chart

GOLDEN = Path(__file__).parents[1] / "golden/chart"
CASES = sorted(path.name.removesuffix(".in.yaml") for path in GOLDEN.glob("*.in.yaml"))
_ELSEWHERE = ("CustomResourceDefinition", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
"""Kinds that are taken from files of this repository as they are, which other tests look at."""


@pytest.mark.parametrize("case", CASES)
def test_renders_as_the_golden_file_says(chart: Chart, case: str) -> None:
    values = yaml.safe_load((GOLDEN / f"{case}.in.yaml").read_text()) or {}
    objects = [obj for obj in chart.objects(values) if obj["kind"] not in _ELSEWHERE]
    expected = GOLDEN / f"{case}.out.yaml"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        expected.write_text(yaml.safe_dump_all(objects, sort_keys=False, width=120))
    assert objects == list(yaml.safe_load_all(expected.read_text()))


def test_there_are_at_least_five_and_each_output_has_an_input() -> None:
    assert len(CASES) >= 5
    assert sorted(path.name.removesuffix(".out.yaml") for path in GOLDEN.glob("*.out.yaml")) == CASES
