"""The Features of Drover: what each is by default, and whether it is on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Known:
    """A Feature of Drover. `dynamic`: a change acts without a restart. `locked` decides where it is not None."""

    name: str
    description: str
    default: bool
    dynamic: bool
    locked: bool | None = None


MULTI_CLUSTER_MANAGEMENT: Final = Known(
    "multi-cluster-management",
    "Clusters beside the one that Drover runs in are managed. Always on.",
    default=True,
    dynamic=False,
    locked=True,
)

KNOWN: Final[Mapping[str, Known]] = MappingProxyType({each.name: each for each in (MULTI_CLUSTER_MANAGEMENT,)})
"""The Features that are made where they are missing, by name. A flag is here only where Drover does what it says."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a Feature is on, and what decided it. `refused`: the object asks for the opposite of a lock."""

    on: bool
    by: Literal["Locked", "BySpec", "ByDefault"]
    refused: bool = False


def decision(feature: Known, value: object) -> Decision:
    """A lock before `spec.value` before the default. A value that is no boolean counts as not set."""
    asked = value if isinstance(value, bool) else None
    if feature.locked is not None:
        return Decision(feature.locked, "Locked", refused=asked is not None and asked != feature.locked)
    if asked is not None:
        return Decision(asked, "BySpec")
    return Decision(feature.default, "ByDefault")
