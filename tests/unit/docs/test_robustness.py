"""The page on robustness names tests that exist, and every test of faults."""

from __future__ import annotations

import ast
import re

import pytest

from tests.unit.docs.source import ROOT

PAGE = (ROOT / "docs/robustness.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`( \(slow\))?", PAGE)))
FAULTS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests/faults").glob("test_*.py"))


def found_in(path: str) -> dict[str, bool]:
    """The tests in a file, and whether each is slow."""
    module = ast.parse((ROOT / path).read_text())
    whole = any(isinstance(node, ast.Assign) and "pytest.mark.slow" in ast.unparse(node) for node in module.body)
    return {
        node.name: whole or any("pytest.mark.slow" in ast.unparse(each) for each in node.decorator_list)
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize(("path", "name", "slow"), NAMED)
def test_a_test_that_is_named_exists_and_is_as_slow_as_it_says(path: str, name: str, slow: str) -> None:
    found = found_in(path)
    assert name in found
    assert found[name] is bool(slow)


@pytest.mark.parametrize("path", FAULTS)
def test_every_test_of_faults_is_named(path: str) -> None:
    named = {name for where, name, _ in NAMED if where == path}
    assert sorted(found_in(path).keys() - named) == []


def test_every_row_names_a_test_and_a_result() -> None:
    rows = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]
    faults = [row for row in rows if len(row) == 5 and row[0].strip() != "Fault"]
    assert len(faults) > 40
    assert [row for row in faults if "::" not in row[3] or not row[4].strip()] == []
