"""What the decision about a CloudCredential depends on."""

from __future__ import annotations

from dataclasses import dataclass

from drover.kinds.protected import Protected
from drover.rules.credentials import Look, Verdict, verdict
from drover.rules.drivers import Driver
from drover.rules.objects import namespace_of, spec
from drover.rules.references import secret_name


@dataclass(frozen=True, slots=True)
class World(Protected):
    """`driver` is what is known of the driver (None: nothing), `look` what was seen of the Secret (None: it was not
    looked at yet)."""

    driver: Driver | None
    look: Look | None

    @property
    def driver_name(self) -> str:
        """The driver whose credential it is."""
        return str(spec(self.obj).get("driver") or "")

    @property
    def namespace(self) -> str:
        """The namespace of the Secret, too."""
        return namespace_of(self.obj)

    @property
    def secret(self) -> str:
        """The name of the Secret."""
        return secret_name(self.obj)

    @property
    def verdict(self) -> Verdict | None:
        """Which keys are there, missing and unknown; None where the Secret was not seen."""
        if self.look is None or self.look.state != "found" or self.invalid:
            return None
        return verdict(self.driver_name, self.driver, self.look)
