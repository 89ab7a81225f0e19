"""What the kinds are: schemas, validation and printer columns of the custom resources.

`KINDS` are the kinds, `crds()` their CustomResourceDefinitions. Both load pydantic, which `drover.api.keys` does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drover.api.kinds import KINDS as KINDS


def __getattr__(name: str) -> Any:
    if name == "KINDS":
        from drover.api.kinds import KINDS

        return KINDS
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def crds() -> list[dict[str, Any]]:
    """The CustomResourceDefinitions of all kinds, as JSON."""
    from drover.api.crd import crd
    from drover.api.kinds import KINDS

    return [crd(kind) for kind in KINDS]
