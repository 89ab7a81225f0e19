"""What the decision about a NodeDriver depends on."""

from __future__ import annotations

from dataclasses import dataclass

from drover.kinds.protected import Protected
from drover.rules.drivers import Driver, active
from drover.rules.objects import name_of


@dataclass(frozen=True, slots=True)
class World(Protected):
    """`driver` is what its annotations and the table say; `first` is the oldest NodeDriver that stands for the same
    driver, this one or another."""

    driver: Driver | None
    first: str

    @property
    def active(self) -> bool:
        """Whether it is switched on."""
        return active(self.obj)

    @property
    def second(self) -> bool:
        """Whether another one stands for the driver already."""
        return self.first != name_of(self.obj)
