"""What a decision found in the way, and who can mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class Terminal:
    """A person must change something: `Stalled`. The message says what, and how."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something else must happen first, and its event will come; `seconds` asks for another look anyway."""

    reason: str
    message: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Transient:
    """A failure that a retry mends; users never see it."""

    message: str


Finding = Terminal | Waiting | Transient
Check = Callable[[W], Finding | None]


def first(checks: Sequence[Check[W]], world: W) -> Finding | None:
    """The first finding of a checklist."""
    for check in checks:
        finding = check(world)
        if finding is not None:
            return finding
    return None


def listed(names: Iterable[str], *, separator: str = ", ") -> str:
    """Names for a message: sorted, three at most, then how many more."""
    ordered = sorted(names)
    rest = len(ordered) - 3
    return separator.join(ordered[:3]) + (f" +{rest} more" if rest > 0 else "")
