"""What is written down about a control plane, so that another process finds it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from drover.dev import directories
from drover.dev.errors import DevError
from drover.dev.options import Options

_FILE = "state.json"


@dataclass(frozen=True)
class State:
    """The options, the ports of each instance, and whether starting came to its end."""

    options: Options
    ports: Mapping[str, Mapping[str, int]]
    ready: bool = False

    def write(self, directory: Path) -> None:
        """Writes the file in one rename."""
        content = {
            "options": self.options.dump(),
            "ports": {k: dict(v) for k, v in self.ports.items()},
            "ready": self.ready,
        }
        partial = directory / f"{_FILE}.partial"
        partial.write_text(json.dumps(content, indent=2) + "\n")
        partial.rename(directory / _FILE)

    @classmethod
    def read(cls, directory: Path) -> State | None:
        """What `write` wrote; None when there is nothing, or nothing that this version understands."""
        try:
            content = json.loads((directory / _FILE).read_text())
            return cls(Options.load(content["options"]), content["ports"], content["ready"])
        except (OSError, ValueError, KeyError, TypeError, DevError):
            return None


def names() -> list[str]:
    """Every control plane of this user, running or left over, in order."""
    directory = directories.control_planes()
    return sorted(entry.name for entry in directory.iterdir() if entry.is_dir()) if directory.is_dir() else []


def taken_ports() -> set[int]:
    """The ports that control planes have, whether they listen at the moment or not."""
    return {port for state in _states() for ports in state.ports.values() for port in ports.values()}


def _states() -> Iterator[State]:
    for name in names():
        state = State.read(directories.control_planes() / name)
        if state is not None:
            yield state
