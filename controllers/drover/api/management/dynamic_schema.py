"""DynamicSchema: a type of the HTTP API of older servers, which their drivers brought with them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from drover.api.conditions import Status
from drover.api.keys import MANAGEMENT
from drover.api.resource import AGE, MESSAGE, READY, Column, Model, Resource
from drover.api.scalars import Int64

_Text = Annotated[str, Field(max_length=1024)]
_Texts = Annotated[tuple[Annotated[str, Field(max_length=1024)], ...], Field(max_length=256)]


class Values(Model):
    """A value of one of several types."""

    string_value: Annotated[str, Field(max_length=4096)] = ""
    """Of a string."""
    int_value: Int64 = 0
    """Of a number."""
    bool_value: bool = False
    """Of a boolean."""
    string_slice_value: _Texts = ()
    """Of a list."""


class SchemaField(Model):
    """A field of the type."""

    type: _Text = ""
    """Its type: `string`, `int`, `boolean`, `array[string]` and others."""
    default: Values | None = None
    """Its default."""
    unique: bool = False
    """Whether no two objects may have the same value."""
    nullable: bool = False
    """Whether it may be null."""
    create: bool = False
    """Whether it can be set when an object is made."""
    required: bool = False
    """Whether it must be set."""
    update: bool = False
    """Whether it can be changed."""
    min_length: Int64 = 0
    """Fewest characters."""
    max_length: Int64 = 0
    """Most characters."""
    min: Int64 = 0
    """Smallest number."""
    max: Int64 = 0
    """Largest number."""
    options: _Texts = ()
    """The values that it may have."""
    valid_chars: _Text = ""
    """Characters that it may have."""
    invalid_chars: _Text = ""
    """Characters that it may not have."""
    description: Annotated[str, Field(max_length=4096)] = ""
    """What it is for."""
    dynamic_field: bool = False
    """Whether a driver brought it."""


class SchemaAction(Model):
    """Something that can be asked of an object."""

    input: _Text = ""
    """The type that it takes."""
    output: _Text = ""
    """The type that it gives."""


class SchemaFilter(Model):
    """A field by which a list can be filtered."""

    modifiers: _Texts = ()
    """How values are compared: `eq`, `ne` and others."""


_Fields = Annotated[dict[str, SchemaField], Field(max_length=1024)]
_Actions = Annotated[dict[str, SchemaAction], Field(max_length=256)]


class DynamicSchemaSpec(Model):
    """The type."""

    schema_name: _Text = ""
    """Its name."""
    embed: bool = False
    """Whether its fields become part of another type."""
    embed_type: _Text = ""
    """That other type."""
    plural_name: _Text = ""
    """Its name for lists."""
    resource_methods: _Texts = ()
    """HTTP methods on an object."""
    resource_fields: _Fields = {}
    """Its fields, by name."""
    resource_actions: _Actions = {}
    """What can be asked of an object, by name."""
    collection_methods: _Texts = ()
    """HTTP methods on the list."""
    collection_fields: _Fields = {}
    """Fields of the list, by name."""
    collection_actions: _Actions = {}
    """What can be asked of the list, by name."""
    collection_filters: Annotated[dict[str, SchemaFilter], Field(max_length=256)] = {}
    """Fields by which the list can be filtered."""
    includeable_links: _Texts = ()
    """Links whose objects can be part of an answer."""
    dynamic_schema_version: _Text = ""
    """Tells clients that it has changed."""


class DynamicSchemaStatus(Status):
    """Nothing is written here: nothing has to happen for a DynamicSchema."""

    fake: Annotated[str, Field(max_length=1024)] = ""
    """Kept and never written."""


class DynamicSchema(Resource):
    """A type of the HTTP API that a driver of an older server brought with it. It is kept and has no effect: the kinds
    of drivers have schemas of their own."""

    group = MANAGEMENT
    version = "v3"
    kind = "DynamicSchema"
    plural = "dynamicschemas"
    scope = "Cluster"
    short_names = ("dschema",)
    longest_name = 253
    columns = (
        Column("Schema", ".spec.schemaName", "Name of the type."),
        READY,
        AGE,
        Column("Embed-Type", ".spec.embedType", "The type that its fields become part of.", wide=True),
        MESSAGE,
    )

    spec: DynamicSchemaSpec
    """The type."""
    status: DynamicSchemaStatus | None = None
    """Kept; nothing is written here."""
