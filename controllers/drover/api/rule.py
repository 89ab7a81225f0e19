"""A validation rule: CEL for the kube-apiserver and, where it is cheap, the same in Python for the controllers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Reason = Literal["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"]


EMPTY: Final = "''"
"""The empty string in CEL."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of `x-kubernetes-validations`, on a model (its `rules`) or on a type (`Annotated[str, Rule(...)]`).

    `message` says what is wrong and what to do. `text` is a CEL expression for a message that names the value; it must
    then say what `message` says, because the apiserver falls back to that. `holds` is the rule in Python; a rule
    without it (one that compares with `oldSelf`, say) is checked by the apiserver only.
    """

    cel: str
    message: str
    holds: Callable[[Any], bool] | None = None
    text: str = ""
    field: str = ""
    """The field that the error names, relative to the rule's place: `.fqdn`."""
    reason: Reason = "FieldValueInvalid"

    def schema(self) -> dict[str, str]:
        """The entry of `x-kubernetes-validations`."""
        entry = {"rule": self.cel, "message": self.message}
        if self.text:
            entry["messageExpression"] = self.text
        if self.field:
            entry["fieldPath"] = self.field
        if self.reason != "FieldValueInvalid":
            entry["reason"] = self.reason
        return entry

    def check(self, value: Any) -> Any:
        """The value, if the rule holds or has no Python form."""
        if self.holds is not None and not self.holds(value):
            raise PydanticCustomError("rule", "{message}", {"message": self.message, "field": self.field})
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        json_schema = handler(schema)
        json_schema.setdefault("x-kubernetes-validations", []).append(self.schema())
        return json_schema


def value_or(path: str, default: str, root: str = "self") -> str:
    """CEL for an optional value: `value_or("a.b", "''")` is `(has(self.a) && has(self.a.b) ? self.a.b : '')`.

    Optional types (`self.?a.?b.orValue('')`) say the same, but the apiserver's cost estimate then forgets maxLength.
    """
    steps = path.split(".")
    present = " && ".join(f"has({root}.{'.'.join(steps[: depth + 1])})" for depth in range(len(steps)))
    return f"({present} ? {root}.{path} : {default})"


def immutable(message: str) -> Rule:
    """The value never changes once it is set."""
    return Rule("self == oldSelf", message, reason="FieldValueForbidden")
