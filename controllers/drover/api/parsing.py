"""Specs as models: the controllers' second check, for the day when all admission was removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from drover.api.resource import Resource

M = TypeVar("M", bound=BaseModel)


class InvalidSpec(ValueError):
    """A value that a person must change. `path` is the field, as in `spec.rkeConfig.machinePools[0].name`."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


def parse(model: type[M], value: Any, path: str = "spec") -> M:
    """The value as a model. Raises InvalidSpec for the first thing that is wrong in it; `path` is where it lies, empty
    for a whole object."""
    try:
        return model.model_validate({} if value is None else value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidSpec((path + _json_path(first["loc"]) + _field(first)).lstrip("."), _message(first)) from None


def check(model: type[BaseModel], obj: Mapping[str, Any]) -> None:
    """Checks what people write of an object. `model` is that of its spec, or of a kind whose fields lie at the root.
    Raises InvalidSpec."""
    if not issubclass(model, Resource):
        parse(model, obj.get("spec"))
        return
    parse(model, {name: value for name, value in obj.items() if name != "status"}, "")


def _json_path(location: Iterable[int | str]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)


def _field(error: ErrorDetails) -> str:
    return str(error.get("ctx", {}).get("field", ""))


def _message(error: ErrorDetails) -> str:
    """The apiserver's words where pydantic's are about Python."""
    match error["type"]:
        case "missing":
            return "is required"
        case "extra_forbidden":
            return "is not a field of this kind"
        case "rule" | "int_or_string":
            return error["msg"]
        case _:
            return error["msg"].replace("Input should", "must").replace("tuple", "list").replace("dictionary", "object")
