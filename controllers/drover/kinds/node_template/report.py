"""The status of a NodeTemplate."""

from __future__ import annotations

from typing import Any

from drover.kinds.node_template.decide import credential_fits, driver_found
from drover.kinds.node_template.world import World
from drover.kinds.protected import reported
from drover.rules.conditions import Condition, false, true, unknown
from drover.rules.findings import Finding
from drover.rules.machine_pools import machine_config_ref


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status."""
    name = world.driver_name
    return reported(
        world,
        [
            _driver(world),
            _credential(world),
            true("Deprecated", "UseMachinePools", "use machineConfigRef of a machine pool; the status has it"),
        ],
        finding,
        driver=name or None,
        machineConfigRef=machine_config_ref(world.obj, name) if name and not world.invalid else None,
    )


def _driver(world: World) -> Condition:
    found = driver_found(world)
    return true("DriverActive", "SwitchedOn") if found is None else false("DriverActive", found.reason, found.message)


def _credential(world: World) -> Condition:
    if not world.credential[1]:
        return true("CredentialValid", "NoCredential")
    if world.look is None:
        return unknown("CredentialValid", "NotRead", "the Secret was not read")
    found = credential_fits(world)
    if found is None:
        return true("CredentialValid", "KeysFit")
    if world.look.state == "forbidden":
        return unknown("CredentialValid", "NotRead", found.message)
    return false("CredentialValid", found.reason, found.message)
