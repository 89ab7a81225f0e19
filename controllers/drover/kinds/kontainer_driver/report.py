"""The status of a KontainerDriver."""

from __future__ import annotations

from typing import Any

from drover.kinds.node_driver.report import switched
from drover.kinds.protected import Protected, reported
from drover.rules.conditions import false, true
from drover.rules.drivers import active
from drover.rules.findings import Finding
from drover.rules.objects import name_of

_NEVER = "no binary of a driver is downloaded or run here"


def report(world: Protected, finding: Finding | None) -> dict[str, Any] | None:
    """The status."""
    return reported(
        world,
        [
            *switched(active=active(world.obj)),
            false("Downloaded", "NotDownloaded", _NEVER),
            false("Installed", "NotInstalled", _NEVER),
            true("Deprecated", "NoLongerUsed", "no cluster is made by it; make the cluster otherwise and import it"),
        ],
        finding,
        displayName=name_of(world.obj),
    )
