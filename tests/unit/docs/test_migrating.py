"""The page on coming from other tools shows what `drover convert` makes of what it shows, and its options."""

from __future__ import annotations

import re

import pytest
import typer.main
from typer.testing import CliRunner

from drover.cli.convert import app
from drover.rules.conversion.capsule_remarks import CONVERTED, LOST
from tests.unit.docs.source import ROOT
from tests.unit.docs.test_docs import blocks, first_column, section

PATH = ROOT / "docs/migrating.md"
PAGE = PATH.read_text()


@pytest.mark.parametrize(("tool", "first"), [("hnc", 0), ("capsule", 2)])
def test_the_example_is_what_the_command_makes_of_it(tool: str, first: int) -> None:
    given, made = blocks(PATH, "yaml")[first : first + 2]
    result = CliRunner().invoke(app, [tool, "--cluster", "edge", "-f", "-"], input=given)
    assert result.stdout == made


def test_the_example_of_upstream_is_what_the_command_makes_of_it() -> None:
    given, made = blocks(PATH, "yaml")[4:6]
    result = CliRunner().invoke(app, ["upstream", "--cluster", "c-m-x7k2p=edge", "-f", "-"], input=given)
    assert result.stdout == made


def test_the_report_says_what_the_page_says() -> None:
    (told,) = re.findall(r"```\n(Has no counterpart.*?)```", PAGE, re.DOTALL)
    result = CliRunner().invoke(app, ["capsule", "--cluster", "edge", "-f", "-"], input=blocks(PATH, "yaml")[2])
    assert set(told.splitlines()) <= set(result.stderr.splitlines())


def test_every_option_is_described_and_no_other() -> None:
    group = typer.main.get_group(app)
    options = {name for command in group.commands.values() for param in command.params for name in param.opts}
    assert first_column(section(PAGE, "Options")) == options


def test_every_option_in_a_command_exists() -> None:
    group = typer.main.get_group(app)
    commands = re.findall(r"drover convert (hnc|capsule|upstream)((?: --?[\w-]+(?: [\w-]+)?)*)", PAGE)
    assert len(commands) > 5
    for tool, arguments in commands:
        known = {name for param in group.commands[tool].params for name in param.opts}
        assert set(re.findall(r" (--?[\w-]+)", arguments)) <= known


def test_every_field_of_a_tenant_that_is_known_has_a_row() -> None:
    named = set(re.findall(r"`(\w+)", "".join(line for line in PAGE.splitlines() if line.startswith("|"))))
    assert sorted({*CONVERTED, *LOST} - named) == []
