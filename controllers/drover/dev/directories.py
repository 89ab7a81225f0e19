"""Where the embedded control plane keeps its files."""

from __future__ import annotations

import os
from pathlib import Path


def cache() -> Path:
    """Everything below it can be deleted while nothing runs: `$XDG_CACHE_HOME/drover`, else `~/.cache/drover`."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG base directory specification says that a relative path is to be ignored.
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "drover"


def programs() -> Path:
    """One directory a bundle of programs and version."""
    return cache() / "bin"


def control_planes() -> Path:
    """One directory a control plane, named after it."""
    return cache() / "dev"


def go_modules() -> Path:
    """The pinned Go modules that come with this package, one directory a bundle."""
    return Path(__file__).parent / "golang"
