"""What a benchmark has found, against the goals of gates.yaml."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import orjson
import yaml

from drover import __version__
from drover.dev.binaries import KUBERNETES_VERSION

GATES = Path(__file__).with_name("gates.yaml")


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


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one benchmark, and what a bare client (and all else that explains them) did in the same run."""

    name: str
    figures: Mapping[str, Figure]
    baseline: Mapping[str, float]

    @property
    def passes(self) -> bool:
        """Whether every goal is met."""
        return all(figure.passes for figure in self.figures.values())

    def line(self) -> str:
        """One line of JSON."""
        shown = {
            key: {**asdict(figure), "value": round(figure.value, 4), "pass": figure.passes}
            for key, figure in self.figures.items()
        }
        versions = {"drover": __version__, "kubernetes": KUBERNETES_VERSION, "python": platform.python_version()}
        return orjson.dumps(
            {
                "name": self.name,
                "figures": shown,
                "baseline": {key: round(value, 4) for key, value in self.baseline.items()},
                "versions": versions,
            }
        ).decode()


def result(
    name: str,
    values: Mapping[str, float],
    baseline: Mapping[str, float],
    *,
    writes: Mapping[str, float] | None = None,
) -> Result:
    """Puts the values beside their goals; `writes` are those of one change, by figure, where the goal depends on them.

    Raises ValueError when the values are not exactly the figures that gates.yaml has of the benchmark.
    """
    gates: dict[str, Any] = yaml.safe_load(GATES.read_text())[name]
    if gates.keys() != values.keys():
        raise ValueError(f"{GATES.name}: {name} has {sorted(gates)}, but {sorted(values)} was measured")
    figures = {key: _figure(gates[key], value, (writes or {}).get(key, 0.0)) for key, value in values.items()}
    return Result(name, figures, baseline)


def _figure(gate: Mapping[str, Any], value: float, writes: float) -> Figure:
    if "least" in gate:
        return Figure(value, gate["unit"], float(gate["least"]), "higher")
    return Figure(value, gate["unit"], float(gate["most"]) + float(gate.get("most_a_write", 0.0)) * writes)
