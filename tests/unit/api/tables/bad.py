"""One input that must be refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Bad:
    """`title` names the case. `path` is the field that the error must name, `remedy` words that it must have.

    `model` says whether the model refuses it too (it cannot see metadata.name, and leaves much of a Workload to the
    rendering).
    """

    title: str
    spec: Mapping[str, Any]
    path: str
    remedy: str = ""
    name: str = ""
    model: bool = True

    def __str__(self) -> str:
        return self.title


@dataclass(frozen=True)
class Change:
    """An update that must be refused."""

    title: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    path: str
    remedy: str
    name: str = ""

    def __str__(self) -> str:
        return self.title
