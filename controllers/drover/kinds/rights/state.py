"""How a unit of rights stands in its cluster."""

from __future__ import annotations

from dataclasses import dataclass

from drover.members.desired import Problem


@dataclass(frozen=True, slots=True)
class UnitState:
    """`connected`: whether the cluster answers (None: not tried yet). `answered`: what is there is as the unit is
    compiled now, or `problem` says why not."""

    connected: bool | None
    answered: bool
    problem: Problem | None = None
