"""Processes that belong to a control plane without being a part of it, such as Drover itself: they end with it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

_SECONDS = 12.0


def start(directory: Path, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Path:
    """Starts a process that outlives this one, with further environment variables; gives the file of its output. One of
    that name that runs already is ended."""
    end(directory, name)
    home = directory / "companions"
    home.mkdir(parents=True, exist_ok=True)
    log = home / f"{name}.log"
    pid = os.posix_spawn(
        command[0],
        list(command),
        {**os.environ, **(environment or {})},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    (home / f"{name}.json").write_text(json.dumps({"pid": pid, "started": psutil.Process(pid).create_time()}))
    return log


def running(directory: Path, name: str) -> psutil.Process | None:
    """The process of that name; a pid that another process has now is not it."""
    try:
        known = json.loads((directory / "companions" / f"{name}.json").read_text())
        process = psutil.Process(known["pid"])
    except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
        return None
    alive = process.create_time() == known["started"] and process.status() != psutil.STATUS_ZOMBIE
    return process if alive else None


def end(directory: Path, name: str) -> None:
    """Ends the process of that name: asks, and kills it when it stays."""
    process = running(directory, name)
    if process is None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        try:
            process.wait(_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(_SECONDS)


def end_all(directory: Path) -> None:
    """Ends every one of them."""
    for path in (directory / "companions").glob("*.json"):
        end(directory, path.stem)
