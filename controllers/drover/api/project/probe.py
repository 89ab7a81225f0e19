"""Probes and lifecycle handlers, flat: the fields of the action lie beside the timings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from drover.api.resource import Model
from drover.api.rule import Rule
from drover.api.scalars import Int32, Int64, IntOrString, Port


class HttpHeader(Model):
    """A header of a request."""

    name: Annotated[str, Field(max_length=256)]
    """Name."""
    value: Annotated[str, Field(max_length=8192)] = ""
    """Value."""


class Grpc(Model):
    """A gRPC health check."""

    port: Port
    """Port."""
    service: Annotated[str, Field(max_length=253)] = ""
    """Service in the request."""


class Sleep(Model):
    """A pause."""

    seconds: Annotated[Int64, Field(ge=0)]
    """Length."""


class Action(Model):
    """What is done: `command`, or a connection to `port` (HTTP, or TCP with `tcp: true`)."""

    command: Annotated[tuple[str, ...], Field(max_length=1024)] = ()
    """Command in the container; exit code 0 is success."""
    tcp: bool = False
    """Only connect to the port."""
    port: IntOrString | None = None
    """Port, as number or name."""
    path: Annotated[str, Field(max_length=4096)] = ""
    """Path of the HTTP request."""
    scheme: Literal["", "HTTP", "HTTPS"] = ""
    """Default `HTTP`."""
    host: Annotated[str, Field(max_length=253)] = ""
    """Default: the pod's address."""
    http_headers: Annotated[tuple[HttpHeader, ...], Field(max_length=64)] = ()
    """Headers of the HTTP request."""


_ACTIONS = "(has(self.command) && size(self.command) > 0 ? 1 : 0) + (has(self.port) ? 1 : 0)"


class Probe(Action):
    """A check of a container."""

    rules = (
        Rule(
            f"{_ACTIONS} + (has(self.grpc) ? 1 : 0) == 1",
            "set exactly one of `command`, `port` (with `tcp: true` for TCP) and `grpc`",
        ),
    )

    grpc: Grpc | None = None
    """gRPC health check."""
    initial_delay_seconds: Int32 | None = None
    """Seconds after the start. Default 0."""
    period_seconds: Int32 | None = None
    """Seconds between checks. Default 10."""
    timeout_seconds: Int32 | None = None
    """Seconds that a check may take. Default 1."""
    success_threshold: Int32 | None = None
    """Successes until it counts as good. Default 1."""
    failure_threshold: Int32 | None = None
    """Failures until it counts as bad. Default 3."""
    termination_grace_period_seconds: Int64 | None = None
    """Seconds to end after a failure. Default: the pod's."""


class Handler(Action):
    """Something to do when a container starts or stops."""

    rules = (
        Rule(
            f"{_ACTIONS} + (has(self.sleep) ? 1 : 0) == 1",
            "set exactly one of `command`, `port` (with `tcp: true` for TCP) and `sleep`",
        ),
    )

    sleep: Sleep | None = None
    """A pause."""
