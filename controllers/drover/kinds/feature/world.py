"""What the decision about a Feature depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drover.kube.gvr import Object
from drover.rules.features import Decision, Known, decision
from drover.rules.objects import spec


@dataclass(frozen=True, slots=True)
class World:
    """`known` is None for a Feature that Drover does not have."""

    feature: Object
    known: Known | None
    now: datetime

    @property
    def value(self) -> object:
        """What is asked for; None for nothing."""
        return spec(self.feature).get("value")

    @property
    def decision(self) -> Decision | None:
        """Whether it is on; None for a Feature that Drover does not have."""
        return decision(self.known, self.value) if self.known is not None else None
