"""Setting: a value of the whole installation, by name. Its fields stand at the top, without a spec."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from drover.api.conditions import Status
from drover.api.keys import MANAGEMENT
from drover.api.resource import AGE, MESSAGE, READY, Column, Resource

LONGEST_VALUE: Final = 1_048_576
_Value = Annotated[str, Field(max_length=LONGEST_VALUE)]


class SettingStatus(Status):
    """What the setting amounts to."""

    effective_value: _Value = ""
    """The value in force. Absent where nothing of Drover reads the setting."""


class Setting(Resource):
    """A value of the whole installation. In force is the environment variable `CATTLE_<NAME>`, else `value`, else
    `default`."""

    group = MANAGEMENT
    version = "v3"
    kind = "Setting"
    plural = "settings"
    scope = "Cluster"
    short_names = ("mset",)
    longest_name = 253
    columns = (
        Column("Value", ".value", "What was set; empty for the default."),
        Column("Source", ".source", "Where the value in force comes from."),
        READY,
        AGE,
        Column("In-Force", ".status.effectiveValue", "The value in force.", wide=True),
        MESSAGE,
    )

    value: _Value = ""
    """What the setting is to be. Empty or absent: the default."""
    default: _Value = ""
    """The value where none is set. Written by Drover."""
    customized: bool = False
    """Whether `value` is set and is not the default. Written by Drover."""
    source: Literal["", "db", "default", "env"] = ""
    """Where the value comes from: `env` (an environment variable of Drover decides), `db` (`value`) or `default`.
    Written by Drover."""
    status: SettingStatus | None = None
    """What the setting amounts to. Written by Drover."""
