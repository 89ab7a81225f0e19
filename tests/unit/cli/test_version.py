"""`drover --version` tells what is installed."""

from __future__ import annotations

import subprocess
import sys

from drover import __version__


def test_the_version_is_shown() -> None:
    shown = subprocess.run([sys.executable, "-m", "drover", "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout == f"drover {__version__}\n"
