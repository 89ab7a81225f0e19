"""Conditions as Kubernetes, kstatus and Rancher's clients read them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from drover.api.resource import Model
from drover.api.scalars import Int64


class Condition(Model):
    """What a controller found out about an object. Entries of older tools, without reason, pass."""

    type: Annotated[str, Field(max_length=316)]
    """Name of the condition, such as `Ready`."""
    status: Literal["True", "False", "Unknown"]
    """Whether the condition holds."""
    reason: Annotated[str, Field(max_length=1024)] = ""
    """One word in CamelCase on why."""
    message: Annotated[str, Field(max_length=32768)] = ""
    """What is wrong and what to do, for people."""
    last_transition_time: Annotated[str, Field(max_length=64)] = ""
    """When the status last changed, as RFC 3339."""
    last_update_time: Annotated[str, Field(max_length=64)] = ""
    """When an older tool last wrote the condition; not maintained."""
    observed_generation: Annotated[Int64, Field(ge=0)] = 0
    """The metadata.generation that the condition speaks of."""


Conditions = Annotated[
    tuple[Condition, ...],
    Field(
        max_length=64,
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]},
    ),
]


class Status(Model):
    """What every status has."""

    observed_generation: Annotated[Int64, Field(ge=0)] = 0
    """The metadata.generation that was last acted on; smaller than metadata.generation while work is outstanding."""
    conditions: Conditions = ()
    """Findings of the controllers, one entry a type; `Ready`, `Reconciling` and `Stalled` are always there."""
