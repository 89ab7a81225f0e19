"""What repeats something else is written anew by `make crds`."""

from __future__ import annotations

from pathlib import Path

import pytest

from drover.dev import chart
from tests.chart.chart import ROOT

FILES = chart.files()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_generated_file_is_up_to_date(path: Path) -> None:
    assert path.read_text() == FILES[path], "run `make crds`"
