"""What a conversion gives: objects to apply, and remarks on what they do not say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from drover.kube.gvr import Object


class Weight(IntEnum):
    """How much a remark matters; the report is in this order."""

    DECIDE = 0
    LOST = 1
    NOTE = 2


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """`about` names the object (`Tenant oil: spec.cordoned`), `text` says what becomes of it and what to do."""

    weight: Weight
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """An object, and lines that stand above it as comments."""

    obj: Object
    comment: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversion:
    """`hub` is applied where Drover runs, `member` in the cluster that was converted."""

    hub: tuple[Document, ...]
    member: tuple[Document, ...]
    remarks: tuple[Remark, ...]


class CannotConvert(Exception):
    """The input or an option makes no sense; the message says what to do."""


def decide(about: str, text: str) -> Remark:
    """A person must choose or act."""
    return Remark(Weight.DECIDE, about, text)


def lost(about: str, text: str) -> Remark:
    """There is no counterpart."""
    return Remark(Weight.LOST, about, text)


def note(about: str, text: str) -> Remark:
    """Good to know; nothing must be done before the output is applied."""
    return Remark(Weight.NOTE, about, text)


def few(names: Iterable[str]) -> str:
    """At most three names, then how many more: `a, b, c +2 more`."""
    ordered = list(names)
    more = f" +{len(ordered) - 3} more" if len(ordered) > 3 else ""
    return ", ".join(ordered[:3]) + more
