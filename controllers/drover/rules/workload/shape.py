"""The shape of JSON values: readers that check a value and say where it is wrong.

`null` counts as absent everywhere, because clients of the HTTP API send it for fields that are not set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


class InvalidWorkload(ValueError):
    """A Workload that cannot become a native object until a person changes it.

    `path` is the field, as in `spec.containers[0].image`; `message` says what is wrong and what to do.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


def mapping(value: Any, path: str) -> Mapping[str, Any]:
    """The object at `path`; an absent one is empty."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidWorkload(path, f"must be an object, not {_named(value)}")
    return value


def sequence(value: Any, path: str) -> Sequence[Any]:
    """The list at `path`; an absent one is empty."""
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)):
        raise InvalidWorkload(path, f"must be a list, not {_named(value)}")
    return value


def text(value: Any, path: str) -> str:
    """The string at `path`; an absent one is empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidWorkload(path, f'must be a string, not {_named(value)}; put it in quotes, as in "{value}"')
    return value


def texts(value: Any, path: str) -> list[str]:
    """The list of strings at `path`; an absent one is empty."""
    items = sequence(value, path)
    if None in items:
        raise InvalidWorkload(f"{path}[{items.index(None)}]", "must be a string, not null; remove the entry")
    return [text(item, f"{path}[{index}]") for index, item in enumerate(items)]


def labels(value: Any, path: str) -> dict[str, str]:
    """A new dict of the strings at `path`, for labels and annotations; an absent one is empty."""
    return {key: text(item, f'{path}["{key}"]') for key, item in mapping(value, path).items() if item is not None}


def flag(value: Any, path: str) -> bool:
    """The boolean at `path`; an absent one is false."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise InvalidWorkload(path, f"must be true or false, not {_named(value)}")
    return value


def integer(value: Any, path: str, *, least: int, most: int) -> int | None:
    """The whole number at `path`, from `least` to `most`, or None if absent."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidWorkload(path, f"must be a whole number from {least} to {most}, not {_named(value)}")
    if not least <= value <= most:
        raise InvalidWorkload(path, f"must be from {least} to {most}")
    return value


def choice(value: Any, path: str, options: Sequence[str]) -> str | None:
    """The string at `path`, one of `options`, or None if absent or empty."""
    if value is None or value == "":
        return None
    if value not in options:
        raise InvalidWorkload(path, f"{_quoted(value)} is not supported; use one of {', '.join(options)}")
    return str(value)


def int_or_string(value: Any, path: str) -> int | str:
    """A port or an amount: a whole number, or a name or percentage. `"80"` is read as 80, as clients write it."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else value
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidWorkload(path, f"must be a whole number or a string, not {_named(value)}")
    return value


def given(source: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """The named fields of `source` that are set, as they are. An empty string stands for Kubernetes' default."""
    return {field: value for field in fields if (value := source.get(field)) is not None and value != ""}


def _named(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, Mapping):
        return "an object"
    return "null" if value is None else "a list"


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else _named(value)
