"""What is written down about a control plane, so that another process finds it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from drover.dev import directories
from drover.dev.errors import DevError
from drover.dev.options import Options

_FILE = "state.json"
_CLOCK_SECONDS = 5.0


@dataclass(frozen=True)
class Owner:
    """A process. Its start (seconds since the epoch) tells it from a later one with the same number."""

    pid: int
    started: float

    @classmethod
    def this_process(cls) -> Owner:
        """The process that asks."""
        return cls(os.getpid(), psutil.Process().create_time())

    def alive(self) -> bool:
        """Whether the process still runs."""
        try:
            # The start is derived from the clock, which may have been set in between.
            return abs(psutil.Process(self.pid).create_time() - self.started) < _CLOCK_SECONDS
        except psutil.NoSuchProcess:
            return False


@dataclass(frozen=True)
class State:
    """The options, the ports of each instance, whether starting came to its end, and to whom it belongs."""

    options: Options
    ports: Mapping[str, Mapping[str, int]]
    ready: bool = False
    owner: Owner | None = None

    def write(self, directory: Path) -> None:
        """Writes the file in one rename."""
        content = {
            "options": self.options.dump(),
            "ports": {k: dict(v) for k, v in self.ports.items()},
            "ready": self.ready,
        }
        if self.owner is not None:
            content["owner"] = asdict(self.owner)
        partial = directory / f"{_FILE}.partial"
        partial.write_text(json.dumps(content, indent=2) + "\n")
        partial.rename(directory / _FILE)

    @classmethod
    def read(cls, directory: Path) -> State | None:
        """What `write` wrote; None when there is nothing, or nothing that this version understands."""
        try:
            content = json.loads((directory / _FILE).read_text())
            owner = Owner(**content["owner"]) if "owner" in content else None
            return cls(Options.load(content["options"]), content["ports"], content["ready"], owner)
        except (OSError, ValueError, KeyError, TypeError, DevError):
            return None


def names() -> list[str]:
    """Every control plane of this user, running or left over, in order."""
    directory = directories.control_planes()
    return sorted(entry.name for entry in directory.iterdir() if entry.is_dir()) if directory.is_dir() else []


def abandoned() -> list[str]:
    """The control planes whose owner is gone without having removed them."""
    return [state.options.name for state in _states() if state.owner is not None and not state.owner.alive()]


def taken_ports() -> set[int]:
    """The ports that control planes have, whether they listen at the moment or not."""
    return {port for state in _states() for ports in state.ports.values() for port in ports.values()}


def _states() -> Iterator[State]:
    for name in names():
        state = State.read(directories.control_planes() / name)
        if state is not None:
            yield state
