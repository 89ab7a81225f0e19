"""Preference: a choice of one user, such as the theme of a user interface. Nothing here acts on it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from drover.api.keys import MANAGEMENT
from drover.api.resource import AGE, Column, Resource


class Preference(Resource):
    """A choice of one user, in the namespace that is named after the user. Drover keeps it and does not act on it."""

    group = MANAGEMENT
    version = "v3"
    kind = "Preference"
    plural = "preferences"
    short_names = ("mpref",)
    longest_name = 253
    columns = (Column("Value", ".value", "What was chosen."), AGE)

    value: Annotated[str, Field(max_length=1_048_576)] = ""
    """What was chosen, as clients write it: mostly JSON."""
