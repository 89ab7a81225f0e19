"""What the decision about a NodeTemplate depends on."""

from __future__ import annotations

from dataclasses import dataclass

from drover.kinds.protected import Protected
from drover.rules.credentials import Look
from drover.rules.drivers import Driver
from drover.rules.references import template_credential


@dataclass(frozen=True, slots=True)
class World(Protected):
    """`driver_name` is empty where the template names none; `driver` is what is known of it, `usable` whether machines
    may be made by it. `look` is what was seen of the Secret with the credential."""

    driver_name: str
    driver: Driver | None
    usable: bool
    look: Look | None

    @property
    def credential(self) -> tuple[str, str]:
        """Namespace and name of the Secret with the credential; empty names where there is none."""
        return template_credential(self.obj)
