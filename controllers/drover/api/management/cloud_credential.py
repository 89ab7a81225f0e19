"""CloudCredential: what is known of a Secret with the credential of a cloud, without any value of it."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import Field

from drover.api.keys import MANAGEMENT
from drover.api.management.usage import USERS, UsedStatus
from drover.api.resource import AGE, MESSAGE, READY, Column, Model, Resource
from drover.api.rule import Rule, immutable
from drover.api.scalars import Line

_DRIVER: Final = "^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?$"

DriverName = Annotated[
    str,
    Field(min_length=1, max_length=57),
    Rule(
        f"self.matches('{_DRIVER}')",
        "must be the name of a driver: letters, digits and -, such as amazonec2",
        lambda text: re.match(_DRIVER, text) is not None,
    ),
]
"""The name of a driver, as it begins the keys of its credentials."""

Keys = Annotated[tuple[Annotated[str, Field(max_length=253)], ...], Field(max_length=64)]


class CloudCredentialSpec(Model):
    """Which Secret it is about, and what the Secret is for. It holds no value of the credential."""

    driver: Annotated[DriverName, immutable("a credential stays with its driver; create another CloudCredential")]
    """The driver whose credential it is: `amazonec2`, `azure`, `digitalocean`, `google`, `harvester`, `linode`, `s3`,
    `vmwarevsphere` and others. Immutable."""
    secret_name: Annotated[str, Field(max_length=253)] = ""
    """The Secret in the same namespace, with keys `<driver>credentialConfig-<field>`. Default: the one that has this
    object's name. Whoever sets it must be allowed to get that Secret."""
    display_name: Line = ""
    """Name for people."""
    description: Annotated[str, Field(max_length=4096)] = ""
    """What the credential is for."""


class CloudCredentialStatus(UsedStatus):
    """What was found in the Secret: names of keys, never a value."""

    secret_name: Annotated[str, Field(max_length=253)] = ""
    """The Secret that was looked at."""
    reference: Annotated[str, Field(max_length=317)] = ""
    """How clusters name it, in `cloudCredentialSecretName`: `namespace:name`."""
    present_keys: Keys = ()
    """Names of keys that the driver knows and that have a value."""
    missing_keys: Keys = ()
    """Names of keys that the driver needs and that are absent or empty."""
    unknown_keys: Keys = ()
    """Names of keys that the driver does not know; they have no effect."""


class CloudCredential(Resource):
    """A typed view of a Secret with the credential of a cloud: whether its keys fit its driver, and who uses it. The
    values stay in the Secret."""

    group = MANAGEMENT
    version = "v3"
    kind = "CloudCredential"
    plural = "cloudcredentials"
    short_names = ("cloudcred",)
    longest_name = 253
    columns = (
        Column("Driver", ".spec.driver", "The driver whose credential it is."),
        Column("Secret", ".status.secretName", "The Secret with the values."),
        USERS,
        READY,
        AGE,
        Column("Display", ".spec.displayName", "Name for people.", wide=True),
        MESSAGE,
    )

    spec: CloudCredentialSpec
    """Which Secret it is about."""
    status: CloudCredentialStatus | None = None
    """What was found in the Secret. Written by Drover."""
