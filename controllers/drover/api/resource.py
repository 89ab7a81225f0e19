"""The bases of every schema: `Model` for a part of an object, `Resource` for a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from drover.api.rule import Rule


def camel(name: str) -> str:
    """`display_name` as `displayName`. A field whose name does not follow this has an explicit alias."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


class Model(BaseModel):
    """A part of an object: read-only, strictly typed, fields in camelCase.

    `null` means absent, as it does for the kube-apiserver and for clients that send every field. Unknown fields are
    ignored; a class with `extra="allow"` keeps them (`x-kubernetes-preserve-unknown-fields`). The string under a field
    is its description in the schema. Lists are tuples.
    """

    model_config = ConfigDict(alias_generator=camel, frozen=True, strict=True, extra="ignore", defer_build=True)
    rules: ClassVar[tuple[Rule, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {key: tuple(item) if isinstance(item, list) else item for key, item in value.items() if item is not None}

    @model_validator(mode="after")
    def _obey(self) -> Self:
        for rule in self.rules:
            rule.check(self)
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        from drover.api.docstrings import field_docstrings

        reference = handler(schema)
        json_schema = handler.resolve_ref_schema(reference)
        texts: dict[str, str] = {}
        for base in reversed(cls.__mro__):
            texts |= field_docstrings(base) if issubclass(base, Model) else {}
        for name, field in cls.model_fields.items():
            if name in texts:
                json_schema["properties"][field.alias or name]["description"] = texts[name]
        if cls.rules:
            json_schema["x-kubernetes-validations"] = [rule.schema() for rule in cls.rules]
        return reference


@dataclass(frozen=True, slots=True)
class Column:
    """A printer column. `wide` ones show with `kubectl get -o wide`."""

    name: str
    path: str
    description: str
    type: Literal["string", "integer", "boolean", "date"] = "string"
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the scale subresource finds its numbers."""

    replicas: str
    ready: str
    selector: str


def condition_status(type_: str) -> str:
    """The JSON path of a condition's status, for a column."""
    return f'.status.conditions[?(@.type=="{type_}")].status'


CATTLE: Final = "cattle"
"""Category: what `kubectl get cattle -A` lists. Not the kinds of roles: the many that come with Drover would bury the
rest."""

ACCESS: Final = "cattle-access"
"""Category: users, roles and bindings."""

AGE = Column("Age", ".metadata.creationTimestamp", "Time since the object was created.", "date")
READY = Column("Ready", condition_status("Ready"), "Whether everything is as the spec says.")
REASON = Column("Reason", '.status.conditions[?(@.type=="Ready")].reason', "Why it is ready or not.", wide=True)
MESSAGE = Column("Message", '.status.conditions[?(@.type=="Ready")].message', "What stands in the way.", wide=True)


class Metadata(Model):
    """The fields of metadata that a rule may read."""

    name: str = ""
    namespace: str = ""


class Resource(Model):
    """A kind. A subclass adds `spec` and `status` (where Rancher has fields at the top, those; without a controller, no
    status); its `rules` are CEL at the root, where `self.metadata.name` is seen.

    `longest_name` bounds metadata.name, in characters; without a bound CEL takes any use of it for expensive.
    """

    group: ClassVar[str]
    version: ClassVar[str]
    kind: ClassVar[str]
    plural: ClassVar[str]
    scope: ClassVar[Literal["Cluster", "Namespaced"]] = "Namespaced"
    short_names: ClassVar[tuple[str, ...]] = ()
    categories: ClassVar[tuple[str, ...]] = (CATTLE,)
    columns: ClassVar[tuple[Column, ...]] = ()
    scale: ClassVar[Scale | None] = None
    longest_name: ClassVar[int] = 63

    metadata: Metadata = Metadata()
