"""What the decision about a Setting depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drover.kube.gvr import Object
from drover.rules.settings import Known, Reading


@dataclass(frozen=True, slots=True)
class World:
    """`known` and `reading` (what is in force) are None for a Setting that nothing of Drover reads."""

    setting: Object
    known: Known | None
    reading: Reading | None
    now: datetime
