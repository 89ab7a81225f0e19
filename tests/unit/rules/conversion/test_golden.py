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

from drover.api.keys import MANAGEMENT
from drover.api.kinds import KINDS
from drover.api.management.project import ProjectSpec
from drover.api.parsing import parse
from drover.cli.convert import app

GOLDEN = Path(__file__).parents[3] / "golden/conversion"
CASES = sorted(path.name.removesuffix(".in.yaml") for path in GOLDEN.glob("*.in.yaml"))

MODELS = {kind.kind: kind for kind in KINDS if kind.group == MANAGEMENT}
OF_UPSTREAM = [case for case in CASES if case.startswith("upstream")]
GROUPED = [case for case in CASES if case not in OF_UPSTREAM]

each_case = pytest.mark.parametrize("case", CASES)
each_grouped = pytest.mark.parametrize("case", GROUPED)


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


@each_grouped
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


@each_grouped
def test_hub_and_member_together_are_everything(case: str) -> None:
    hub, member, both = (objects(converted(case, "--for", part)) for part in ("hub", "member", "both"))
    assert [*hub, *member] == both
    assert {obj["kind"] for obj in hub} <= {"Project"}


@pytest.mark.parametrize("case", OF_UPSTREAM)
def test_what_was_converted_from_upstream_stays_as_it_is_when_it_is_converted_again(case: str) -> None:
    """Only what people wrote is left; of built-in roles, what they switched."""
    once = [obj for obj in objects(converted(case)) if len(obj.keys() - {"apiVersion", "kind", "metadata"}) > 1]
    given = yaml.safe_dump_all(once)
    again = CliRunner().invoke(app, ["upstream", "-f", "-"], input=given)
    key = yaml.safe_dump
    assert sorted(objects(again), key=key) == sorted(once, key=key)


@pytest.mark.parametrize("case", OF_UPSTREAM)
def test_what_was_converted_from_upstream_is_valid(case: str) -> None:
    for obj in objects(converted(case)):
        parse(MODELS[obj["kind"]], obj, "")


@pytest.mark.parametrize("case", OF_UPSTREAM)
def test_nothing_of_a_server_is_in_what_was_converted_from_upstream(case: str) -> None:
    for obj in objects(converted(case)):
        assert obj["metadata"].keys() <= {"name", "namespace", "labels", "annotations"}
        assert not obj.keys() & {"status", "password", "builtin", "me"}


def test_there_are_enough_of_each_and_every_output_has_an_input() -> None:
    assert sorted(path.name.removesuffix(".out.yaml") for path in GOLDEN.glob("*.out.yaml")) == CASES
    for tool, least in (("hnc", 6), ("capsule", 6), ("upstream", 3)):
        assert len([case for case in CASES if case.startswith(tool)]) >= least
