"""KontainerDriver: a driver of hosted clusters, as a record."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from drover.api.keys import MANAGEMENT
from drover.api.management.driver_fields import Checksum, Domains, DriverUrl
from drover.api.management.node_driver import STILL_USED
from drover.api.management.usage import USERS, UsedStatus
from drover.api.resource import AGE, MESSAGE, READY, Column, Model, Resource
from drover.api.rule import Rule


class KontainerDriverSpec(Model):
    """What the driver is. No binary is ever downloaded or run."""

    active: bool
    """Deprecated: no cluster is made by it; make the cluster otherwise and import it. Cannot be turned off while in
    use."""
    url: DriverUrl
    """Where its binary lies. Kept, and never fetched."""
    built_in: bool = False
    """Whether it came with the server. Kept and not used."""
    checksum: Checksum = ""
    """MD5, SHA-1, SHA-256 or SHA-512 sum of the binary, in hexadecimal digits. Kept, as nothing is fetched."""
    ui_url: Annotated[str, Field(max_length=2048)] = ""
    """Where its part of a user interface lies. Kept and not used."""
    whitelist_domains: Domains = ()
    """Hosts that its user interface may be forwarded to. Kept and not used: there is no such proxy."""


class KontainerDriverStatus(UsedStatus):
    """What the driver is."""

    display_name: Annotated[str, Field(max_length=253)] = ""
    """What Clusters call it, in `spec.genericEngineConfig.driverName`."""
    actual_url: Annotated[str, Field(max_length=2048)] = ""
    """Kept and never written: nothing is downloaded."""
    executable_path: Annotated[str, Field(max_length=4096)] = ""
    """Kept and never written: nothing is run."""


class KontainerDriver(Resource):
    """A driver of hosted clusters, as a record of older servers. Nothing is downloaded or run; make such a cluster
    otherwise and import it."""

    group = MANAGEMENT
    version = "v3"
    kind = "KontainerDriver"
    plural = "kontainerdrivers"
    scope = "Cluster"
    short_names = ("kdrv",)
    columns = (
        Column("Active", ".spec.active", "Whether it is switched on.", "boolean"),
        USERS,
        READY,
        AGE,
        Column("URL", ".spec.url", "Where its binary lies; never fetched.", wide=True),
        MESSAGE,
    )
    rules: ClassVar[tuple[Rule, ...]] = (STILL_USED,)

    spec: KontainerDriverSpec
    """What the driver is."""
    status: KontainerDriverStatus | None = None
    """What was found out about it. Written by Drover."""
