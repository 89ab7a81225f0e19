"""What a pod or container may do on its node."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from drover.api.resource import Model


class SeccompProfile(Model):
    """System calls that are allowed."""

    type: Literal["Unconfined", "RuntimeDefault", "Localhost"]
    """Which profile."""
    localhost_profile: Annotated[str, Field(max_length=4096)] = ""
    """File on the node, for `Localhost`."""


class AppArmorProfile(Model):
    """An AppArmor profile."""

    type: Literal["Unconfined", "RuntimeDefault", "Localhost"]
    """Which profile."""
    localhost_profile: Annotated[str, Field(max_length=4096)] = ""
    """Profile on the node, for `Localhost`."""


class WindowsOptions(Model):
    """Settings for Windows."""

    gmsa_credential_spec_name: Annotated[str, Field(max_length=253)] = ""
    """Name of the GMSA credential spec."""
    gmsa_credential_spec: Annotated[str, Field(max_length=65536)] = ""
    """The GMSA credential spec."""
    run_as_user_name: Annotated[str, Field(max_length=512)] = ""
    """User."""
    host_process: bool | None = None
    """Whether it runs as a HostProcess container."""


class Sysctl(Model):
    """A kernel parameter."""

    name: Annotated[str, Field(max_length=253)]
    """Name."""
    value: Annotated[str, Field(max_length=1024)]
    """Value."""
