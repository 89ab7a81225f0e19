"""What both conversions say of quotas and namespaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drover.rules.conversion.result import few

DIVIDED: Final = (
    "its namespaces shared the limit as they needed it; now each has a share of its own: what it uses and an equal part"
    " of the rest, and one part is left for a namespace that comes later. Look at the shares"
)


def overused(key: str, used: str, limit: str) -> str:
    """More is used than there is."""
    return (
        f"{key}: its namespaces use {used} of {limit}. Each gets the same fraction of what it uses, and can start"
        " nothing new, as before; raise the limit or use less"
    )


def nothing_left(key: str) -> str:
    """Everything is used, or there are more namespaces than units."""
    return f"{key}: nothing is left for a namespace that comes later, which gets 0; lower shares to make room"


def unknown_use(names: Sequence[str]) -> str:
    """No ResourceQuota says what namespaces use."""
    return (
        f"what {few(names)} uses is not in the input (a ResourceQuota with status.used), so it counts as nothing;"
        " convert from the cluster, so that no namespace gets less than it uses"
    )


def wrong_amounts(keys: Sequence[str]) -> str:
    """Keys of a `hard` that cannot be read."""
    return f"no amount of zero or more in {', '.join(keys)}; left out, correct it and convert again"


def stays(other: str, project_id: str) -> str:
    """A namespace that is in another Project."""
    return f"is in Project {other} already and stays there; annotate it with {project_id} to move it"
