"""Types of single values that several kinds share."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from drover.api.quantities import amount
from drover.api.rule import Rule

Int32 = Annotated[int, Field(json_schema_extra={"format": "int32"})]
Int64 = Annotated[int, Field(json_schema_extra={"format": "int64"})]
Port = Annotated[int, Field(ge=1, le=65535, json_schema_extra={"format": "int32"})]
AnyPort = Annotated[int, Field(ge=0, le=65535, json_schema_extra={"format": "int32"})]
NonNegative = Annotated[int, Field(ge=0, json_schema_extra={"format": "int32"})]

StringMap = dict[str, str]
FreeMap = dict[str, Any]
"""An object whose fields Drover does not know: kept as it is."""


def _int_or_string(value: Any) -> int | str:
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("int_or_string", "must be a whole number or a string")


IntOrString = Annotated[int | str, PlainValidator(_int_or_string), WithJsonSchema({"x-kubernetes-int-or-string": True})]

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")

Line = Annotated[
    str,
    Field(max_length=253),
    Rule(
        r"!self.matches('[\\x00-\\x1f\\x7f]')",
        "must be one line without control characters; remove line breaks and tabs",
        lambda text: _CONTROL.search(text) is None,
    ),
]
"""Text for people, on one line."""

_QUANTITY: Final = "isQuantity(self) && self.matches('[0-9]')"
"""Kubernetes takes a lone `.` for zero."""

Quantity = Annotated[
    str,
    Field(max_length=64),
    Rule(
        f"{_QUANTITY} && sign(quantity(self)) >= 0",
        'is not a quantity of zero or more; try "10", "500m" or "2Gi"',
        lambda text: (value := amount(text)) is not None and value >= 0,
    ),
]
"""An amount of a resource, as Kubernetes writes it."""

Count = Annotated[
    str,
    Field(max_length=64),
    Rule(
        f"{_QUANTITY} && quantity(self).isInteger() && sign(quantity(self)) >= 0",
        'is not a whole number of zero or more; try "10"',
        lambda text: (value := amount(text)) is not None and value >= 0 and value.denominator == 1,
    ),
]
"""A number of objects, as a string."""

DNS_LABEL: Final = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
_LABEL: Final = re.compile(DNS_LABEL)

DnsLabel = Annotated[
    str,
    Field(max_length=63),
    Rule(
        f"self.matches('{DNS_LABEL}')",
        "must be lower-case letters, digits and -, beginning and ending with a letter or digit",
        lambda text: _LABEL.match(text) is not None,
    ),
]
"""A name of at most 63 characters, as namespaces have."""

_SUBDOMAIN_PART: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN: Final = rf"^{_SUBDOMAIN_PART}(\.{_SUBDOMAIN_PART})*$"

DnsSubdomain = Annotated[
    str,
    Field(max_length=253),
    Rule(
        f"self.matches(r'{_SUBDOMAIN}')",
        "must be a DNS name: lower-case letters, digits, - and dots between them",
        lambda text: re.match(_SUBDOMAIN, text) is not None,
    ),
]
"""A name of at most 253 characters, as most objects have."""

_CREDENTIAL: Final = "^([a-z0-9]([-a-z0-9]*[a-z0-9])?:)?[-a-z0-9.]*$"

Credential = Annotated[
    str,
    Field(max_length=317),
    Rule(
        f"self.matches('{_CREDENTIAL}')",
        "must be the name of a Secret, or `namespace:name`; correct it",
        lambda text: re.match(_CREDENTIAL, text) is not None,
    ),
]
"""A Secret with a credential: a name in the same namespace, or `namespace:name`."""
