"""Feature: a switch for a part of the installation."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from drover.api.conditions import Status
from drover.api.keys import MANAGEMENT
from drover.api.resource import AGE, MESSAGE, READY, Column, Model, Resource, condition_status
from drover.api.rule import Rule
from drover.api.schema import DEFAULT

_LOCKED: Final = "has(self.status) && has(self.status.lockedValue)"
_UNCHANGED: Final = "has(oldSelf.spec.value) && has(self.spec.value) && oldSelf.spec.value == self.spec.value"


class FeatureSpec(Model):
    """What the feature should be."""

    value: bool | None = None
    """Whether the feature is on. Absent: the default."""


class FeatureStatus(Status):
    """What the feature is."""

    default: bool = False
    """Whether the feature is on where spec.value is absent."""
    description: Annotated[str, Field(max_length=4096)] = ""
    """What the feature does."""
    dynamic: bool = False
    """Whether a change acts without a restart of Drover."""
    locked_value: bool | None = None
    """What the feature is whatever spec.value says; absent where spec.value decides."""
    prime: bool = False
    """Kept and not used."""


class Feature(Resource):
    """A switch for a part of the installation: what lockedValue says, else spec.value, else the default."""

    group = MANAGEMENT
    version = "v3"
    kind = "Feature"
    plural = "features"
    scope = "Cluster"
    short_names = ("mfeat",)
    longest_name = 253
    columns = (
        Column("Custom-Value", ".spec.value", "What was set; empty for the default.", "boolean"),
        Column("Default", ".status.default", "What it is where nothing was set.", "boolean"),
        Column("Enabled", condition_status("Enabled"), "Whether the feature is on."),
        READY,
        AGE,
        Column("Description", ".status.description", "What the feature does.", wide=True),
        MESSAGE,
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            f"!({_LOCKED}) || !has(self.spec.value) || self.spec.value == self.status.lockedValue || ({_UNCHANGED})",
            "the feature is locked to the opposite value; set that or remove the field",
            text="'the feature is locked to ' + (self.status.lockedValue ? 'true' : 'false')"
            " + '; set that or remove the field'",
            field=".spec.value",
            reason="FieldValueForbidden",
        ),
    )

    # Without the default, a server-side apply that takes `value` out again would leave `spec: null`, which is refused.
    spec: Annotated[FeatureSpec, Field(json_schema_extra={DEFAULT: {}})] = FeatureSpec()
    """What the feature should be."""
    status: FeatureStatus | None = None
    """What the feature is. Written by Drover."""
