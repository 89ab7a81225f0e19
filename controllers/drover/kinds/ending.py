"""Steps that the deletion of every kind has."""

from __future__ import annotations

from drover.api.keys import UPSTREAM_FINALIZERS
from drover.kinds.plan import Notice, Plan, SetFinalizers
from drover.rules.objects import Obj, finalizers


def with_finalizer(obj: Obj, ours: str) -> SetFinalizers | None:
    """Puts our finalizer on, before the first side effect; None where it is there."""
    found = finalizers(obj)
    return None if ours in found else SetFinalizers((*found, ours))


def finished(obj: Obj, ours: str = "", *notices: Notice) -> Plan:
    """Takes our finalizer off, where the kind has one, and those of the server that objects may have been restored
    from, which nobody else would ever take off."""
    found = finalizers(obj)
    kept = tuple(name for name in found if name != ours and not name.startswith(UPSTREAM_FINALIZERS))
    return Plan(actions=(SetFinalizers(kept),) if len(kept) != len(found) else (), notices=notices)


def skipped(what: str) -> Notice:
    """Clean-up that did not happen."""
    return Notice("CleanupSkipped", what)
