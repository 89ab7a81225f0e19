"""`drover --version` tells what is installed, and each command can be called."""

from __future__ import annotations

import subprocess
import sys

import pytest

from drover import __version__
from drover.cli import _ALONE


def test_the_version_is_shown() -> None:
    shown = subprocess.run([sys.executable, "-m", "drover", "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout == f"drover {__version__}\n"


@pytest.mark.parametrize("command", [*_ALONE, "convert", "dev"])
def test_a_command_says_how_it_is_used_whether_it_is_loaded_alone_or_not(command: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "drover", command, "--help"], capture_output=True, text=True, check=True
    )
    assert f"drover {command} [OPTIONS]" in shown.stdout


def test_every_command_is_in_the_overview() -> None:
    shown = subprocess.run([sys.executable, "-m", "drover", "--help"], capture_output=True, text=True, check=True)
    assert all(f" {command} " in shown.stdout for command in (*_ALONE, "convert", "dev"))
