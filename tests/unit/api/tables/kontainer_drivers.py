"""KontainerDrivers that must be refused."""

from __future__ import annotations

from tests.unit.api.tables.node_drivers import BAD_SHARED, SHARED

GOOD = SHARED
BAD = BAD_SHARED
CHANGES = ()
