"""Helm: of this machine where that is new enough, else fetched or built as the other programs are."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from drover.dev import binaries
from drover.dev.bundle import HELM
from drover.dev.progress import Progress
from drover.dev.release import PUBLIC, Sites

OLDEST = (3, 14)
"""The first version that the chart is made for."""

_VERSION = re.compile(r"v(\d+)\.(\d+)\.")


def ensure(progress: Progress | None = None, *, sites: Sites = PUBLIC, path: str | None = None) -> Path:
    """The absolute path of a `helm`: the one on PATH (or `path`, written as PATH is) when it is 3.14 or newer, else the
    pinned one from the cache, which is fetched or built first.

    Raises DevError when it can be neither downloaded nor built.
    """
    found = shutil.which("helm", path=path)
    if found is not None and (version_of(Path(found)) or (0, 0)) >= OLDEST:
        return Path(found).absolute()
    binaries.provide(HELM, progress or Progress(), sites)
    return HELM.directory / "helm"


def version_of(helm: Path) -> tuple[int, int] | None:
    """Major and minor version; None when it doesn't run."""
    command = [str(helm), "version", "--template", "{{.Version}}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(done.stdout)
    return (int(match[1]), int(match[2])) if match else None
