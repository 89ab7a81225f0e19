"""Every `tests/golden/workload/*.in.yaml` renders to the `*.out.yaml` beside it; UPDATE_GOLDEN=1 writes those."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from drover.rules import workload

GOLDEN = Path(__file__).parents[3] / "golden" / "workload"
CASES = sorted(path.name.removesuffix(".in.yaml") for path in GOLDEN.glob("*.in.yaml"))


class _NoAliases(yaml.SafeDumper):
    """Rendered objects share parts, which YAML would write as anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def rendered(manifest: dict[str, Any]) -> dict[str, Any]:
    spec, metadata = manifest["spec"], manifest["metadata"]
    namespace = spec.get("namespaceId", metadata["namespace"])
    return workload.render(spec, name=workload.name(spec, metadata["name"]), namespace=namespace)


@pytest.mark.parametrize("case", CASES)
def test_renders_as_the_golden_file_says(case: str) -> None:
    manifest = yaml.safe_load((GOLDEN / f"{case}.in.yaml").read_text())
    untouched = copy.deepcopy(manifest)
    out = yaml.dump(rendered(manifest), Dumper=_NoAliases, sort_keys=False, width=120)
    assert manifest == untouched, "render changed its input"
    expected = GOLDEN / f"{case}.out.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(out)
    assert out == expected.read_text()


def test_every_golden_output_has_an_input() -> None:
    assert sorted(path.name.removesuffix(".out.yaml") for path in GOLDEN.glob("*.out.yaml")) == CASES


def test_the_golden_files_cover_every_kind() -> None:
    kinds = {yaml.safe_load((GOLDEN / f"{case}.out.yaml").read_text())["kind"] for case in CASES}
    assert kinds == {known.kind for known in workload.KINDS}
