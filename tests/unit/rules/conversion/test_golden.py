"""Every `tests/golden/conversion/*.in.yaml` is converted to the `*.out.yaml` beside it by the command in its first
line.

Below the output stands the report, as comments. UPDATE_GOLDEN=1 writes the files.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from drover.api.management.project import ProjectSpec
from drover.api.parsing import parse
from drover.cli.convert import app

GOLDEN = Path(__file__).parents[3] / "golden/conversion"
CASES = sorted(path.name.removesuffix(".in.yaml") for path in GOLDEN.glob("*.in.yaml"))

each_case = pytest.mark.parametrize("case", CASES)


def converted(case: str, *more: str) -> Result:
    path = GOLDEN / f"{case}.in.yaml"
    command = shlex.split(path.read_text().splitlines()[0].removeprefix("# drover convert "))
    result = CliRunner().invoke(app, [*command, *more, "-f", str(path)])
    assert result.exit_code == 0, result.output
    return result


def objects(result: Result) -> list[dict[str, Any]]:
    return [obj for obj in yaml.safe_load_all(result.stdout) if obj]


@each_case
def test_is_converted_as_the_golden_file_says(case: str) -> None:
    result = converted(case)
    report = "".join(f"# {line}".rstrip() + "\n" for line in result.stderr.splitlines())
    out = f"{result.stdout}# --- The report, on stderr\n{report}"
    expected = GOLDEN / f"{case}.out.yaml"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        expected.write_text(out)
    assert out == expected.read_text()


@each_case
def test_every_project_is_valid_and_every_namespace_is_in_one(case: str) -> None:
    found = objects(converted(case, "--for", "both"))
    projects = [obj for obj in found if obj["kind"] == "Project"]
    for project in projects:
        parse(ProjectSpec, project["spec"])
    ids = {f"{obj['metadata']['namespace']}:{obj['metadata']['name']}" for obj in projects}
    homes = [obj["metadata"]["annotations"]["field.cattle.io/projectId"] for obj in found if obj["kind"] == "Namespace"]
    assert set(homes) <= ids
    keys = [(obj["kind"], obj["metadata"].get("namespace"), obj["metadata"]["name"]) for obj in found]
    assert len(set(keys)) == len(keys)


@each_case
def test_hub_and_member_together_are_everything(case: str) -> None:
    hub, member, both = (objects(converted(case, "--for", part)) for part in ("hub", "member", "both"))
    assert [*hub, *member] == both
    assert {obj["kind"] for obj in hub} <= {"Project"}


def test_there_are_at_least_six_of_each_and_every_output_has_an_input() -> None:
    assert sorted(path.name.removesuffix(".out.yaml") for path in GOLDEN.glob("*.out.yaml")) == CASES
    for tool in ("hnc", "capsule"):
        assert len([case for case in CASES if case.startswith(tool)]) >= 6
