"""What repeats something else is written anew by `make crds`."""

from __future__ import annotations

from pathlib import Path

import pytest

from drover.dev import chart as generated
from drover.dev import kustomize
from tests.chart.chart import ROOT, Chart

FILES = generated.files()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_generated_file_is_up_to_date(path: Path) -> None:
    assert path.read_text() == FILES[path], "run `make crds`"


def test_the_kustomize_base_is_what_the_chart_renders(chart: Chart) -> None:
    assert kustomize.FILE.read_text() == kustomize.render(chart.helm), "run `make kustomize`"
