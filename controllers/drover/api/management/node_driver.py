"""NodeDriver: a driver that makes machines, as a record of what it is called and which fields its credentials have."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Final

from pydantic import Field

from drover.api.keys import MANAGEMENT
from drover.api.management.driver_fields import Checksum, Domains, DriverUrl
from drover.api.management.usage import USERS, UsedStatus
from drover.api.resource import AGE, MESSAGE, READY, Column, Model, Resource
from drover.api.rule import Rule

_SHOWN: Final = "^([A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)?$"

STILL_USED: Final = Rule(
    "self.spec.active || !oldSelf.spec.active || !has(self.status) || !has(self.status.usedBy)"
    " || self.status.usedBy.size() == 0",
    "the driver is in use and cannot be deactivated; remove its users first",
    text="'the driver is in use and cannot be deactivated; remove its users first: ' + self.status.usedBy.join(', ')",
    field=".spec.active",
    reason="FieldValueForbidden",
)
"""A driver that is switched off while something needs it."""

_Fields = Annotated[tuple[Annotated[str, Field(max_length=253)], ...], Field(max_length=64)]


class NodeDriverSpec(Model):
    """What the driver is. No binary is ever downloaded or run: machines are made by Cluster API or other engines."""

    active: bool
    """Whether machines may be made by it. Cannot be turned off while it is in use."""
    url: DriverUrl
    """Where its binary lies; `local://` for one that came with the server. Kept, and never fetched."""
    display_name: Annotated[
        str,
        Field(max_length=57),
        Rule(
            f"self.matches('{_SHOWN}')",
            "must be letters, digits and -, at most 57, as it becomes part of names of kinds",
            lambda text: re.match(_SHOWN, text) is not None,
        ),
    ] = ""
    """What machine pools, templates and credentials call it, at most 57 characters. Default: the object's name."""
    description: Annotated[str, Field(max_length=4096)] = ""
    """What the driver is for."""
    builtin: bool = False
    """Whether it came with the server. Kept and not used."""
    add_cloud_credential: bool = False
    """Whether a kind of credential belongs to it. Kept and not used: its annotations and a table say which."""
    checksum: Checksum = ""
    """MD5, SHA-1, SHA-256 or SHA-512 sum of the binary, in hexadecimal digits. Kept, as nothing is fetched."""
    external_id: Annotated[str, Field(max_length=1024)] = ""
    """Kept and not used."""
    ui_url: Annotated[str, Field(max_length=2048)] = ""
    """Where its part of a user interface lies. Kept and not used."""
    whitelist_domains: Domains = ()
    """Hosts that its user interface may be forwarded to. Kept and not used: there is no such proxy."""


class NodeDriverStatus(UsedStatus):
    """What the driver is."""

    driver_name: Annotated[str, Field(max_length=253)] = ""
    """What machine pools, templates and credentials call it."""
    machine_config_kind: Annotated[str, Field(max_length=263)] = ""
    """The kind of its machine configs in `rke-machine-config.cattle.io`, such as `Amazonec2Config`."""
    public_credential_fields: _Fields = ()
    """Fields of its credentials that are no secret, such as `accessKey`."""
    private_credential_fields: _Fields = ()
    """Fields of its credentials that are secret, such as `secretKey`."""
    optional_credential_fields: _Fields = ()
    """Fields of its credentials that may be absent."""
    applied_url: Annotated[str, Field(alias="appliedURL", max_length=2048)] = ""
    """Kept and never written: nothing is downloaded."""
    applied_checksum: Annotated[str, Field(max_length=128)] = ""
    """Kept and never written: nothing is downloaded."""
    applied_docker_machine_version: Annotated[str, Field(max_length=128)] = ""
    """Kept and never written: nothing is run."""


class NodeDriver(Resource):
    """A driver that makes machines, as a record: what it is called, which fields its credentials have, whether it may
    be used. Nothing is downloaded or run."""

    group = MANAGEMENT
    version = "v3"
    kind = "NodeDriver"
    plural = "nodedrivers"
    scope = "Cluster"
    short_names = ("ndrv",)
    columns = (
        Column("Driver", ".status.driverName", "What machine pools call it."),
        Column("Active", ".spec.active", "Whether machines may be made by it.", "boolean"),
        USERS,
        READY,
        AGE,
        Column("URL", ".spec.url", "Where its binary lies; never fetched.", wide=True),
        MESSAGE,
    )
    rules: ClassVar[tuple[Rule, ...]] = (STILL_USED,)

    spec: NodeDriverSpec
    """What the driver is."""
    status: NodeDriverStatus | None = None
    """What was found out about it. Written by Drover."""
