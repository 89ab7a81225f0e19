"""What a benchmark prints."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from typing import Literal

import orjson

from drover import __version__
from drover.dev.binaries import KUBERNETES_VERSION


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and its goal: at most, or at least."""

    value: float
    unit: str
    goal: float
    better: Literal["lower", "higher"] = "lower"

    @property
    def passes(self) -> bool:
        """Whether the goal is met."""
        return self.value <= self.goal if self.better == "lower" else self.value >= self.goal


def show(name: str, figures: dict[str, Figure], baseline: dict[str, float]) -> None:
    """Prints the one line."""
    shown = {
        key: {**asdict(figure), "value": round(figure.value, 4), "pass": figure.passes}
        for key, figure in figures.items()
    }
    versions = {"drover": __version__, "kubernetes": KUBERNETES_VERSION, "python": platform.python_version()}
    result = {
        "name": name,
        "figures": shown,
        "baseline": {key: round(value, 4) for key, value in baseline.items()},
        "versions": versions,
    }
    print(orjson.dumps(result).decode(), flush=True)
