"""Mirrors and credentials of container registries."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from drover.api.resource import Model
from drover.api.scalars import StringMap


class Mirror(Model):
    """Where images of a registry are fetched instead."""

    endpoint: Annotated[tuple[Annotated[str, Field(max_length=2048)], ...], Field(max_length=64)] = ()
    """URLs, tried in order."""
    rewrite: StringMap = {}
    """Changes of the image's path: regular expression to replacement."""


class RegistryConfig(Model):
    """How to talk to a registry."""

    auth_config_secret_name: Annotated[str, Field(max_length=253)] = ""
    """Secret with user and password, type `rke.cattle.io/auth-config`, `kubernetes.io/basic-auth` or
    `kubernetes.io/dockerconfigjson`."""
    tls_secret_name: Annotated[str, Field(max_length=253)] = ""
    """Secret with a client certificate, type `kubernetes.io/tls`."""
    ca_bundle: Annotated[str, Field(max_length=262144, json_schema_extra={"format": "byte"})] = ""
    """CA certificates, PEM in base64."""
    insecure_skip_verify: bool = False
    """Whether the registry's certificate is not verified."""


class Registries(Model):
    """Mirrors and credentials, by host."""

    mirrors: Annotated[dict[str, Mirror], Field(max_length=256)] = {}
    """Mirrors by the host of the registry; `*` for all others."""
    configs: Annotated[dict[str, RegistryConfig], Field(max_length=256)] = {}
    """Credentials by the host of the registry or mirror."""
