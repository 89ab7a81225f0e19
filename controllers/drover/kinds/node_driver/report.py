"""The status of a NodeDriver."""

from __future__ import annotations

from typing import Any

from drover.kinds.node_driver.world import World
from drover.kinds.protected import reported
from drover.rules.conditions import Condition, false, true
from drover.rules.drivers import driver_name, machine_config_kind
from drover.rules.findings import Finding

_NEVER = "no binary of a driver is downloaded or run here"


def report(world: World, finding: Finding | None) -> dict[str, Any] | None:
    """The status. `Downloaded` and `Installed` are False for good: that is the truth."""
    name, driver = driver_name(world.obj), world.driver
    return reported(
        world,
        [
            *switched(active=world.active),
            false("Downloaded", "NotDownloaded", _NEVER),
            false("Installed", "NotInstalled", _NEVER),
        ],
        finding,
        driverName=name,
        machineConfigKind=machine_config_kind(name),
        publicCredentialFields=_some(driver.public) if driver else None,
        privateCredentialFields=_some(driver.private) if driver else None,
        optionalCredentialFields=_some(driver.optional) if driver else None,
    )


def switched(*, active: bool) -> tuple[Condition, Condition]:
    """Rancher's two conditions for one thing."""
    if active:
        return true("Active", "SwitchedOn"), false("Inactive", "SwitchedOn")
    return false("Active", "SwitchedOff"), true("Inactive", "SwitchedOff")


def _some(names: tuple[str, ...]) -> list[str] | None:
    return sorted(names)[:64] or None
