"""Conditions as kstatus and `kubectl wait` read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from drover.rules.findings import Finding, Terminal, Transient, Waiting

Truth = Literal["True", "False", "Unknown"]
_LONGEST_MESSAGE = 1024


@dataclass(frozen=True, slots=True)
class Condition:
    """What a condition says; times and generation come when it is written."""

    type: str
    status: Truth
    reason: str
    message: str = ""


def true(type_: str, reason: str, message: str = "") -> Condition:
    """A condition that holds."""
    return Condition(type_, "True", reason, message)


def false(type_: str, reason: str, message: str = "") -> Condition:
    """A condition that does not hold."""
    return Condition(type_, "False", reason, message)


def unknown(type_: str, reason: str, message: str = "") -> Condition:
    """A condition of which nothing is known yet."""
    return Condition(type_, "Unknown", reason, message)


def summary(finding: Finding | None, *, ready: str = "") -> tuple[Condition, Condition, Condition]:
    """`Ready`, `Reconciling` and `Stalled` for what stands in the way (None: nothing); `ready` is the message then."""
    if finding is None:
        return true("Ready", "Reconciled", ready), false("Reconciling", "Reconciled"), false("Stalled", "Reconciled")
    if isinstance(finding, Terminal):
        reason, message = finding.reason, finding.message
        return false("Ready", reason, message), false("Reconciling", reason), true("Stalled", reason, message)
    if isinstance(finding, Waiting):
        reason, message = finding.reason, finding.message
    else:
        reason, message = "Progressing", "being reconciled"
    return false("Ready", reason, message), true("Reconciling", reason, message), false("Stalled", reason)


def worth_showing(finding: Finding | None) -> bool:
    """Whether users see the finding: a retry is under way otherwise."""
    return not isinstance(finding, Transient)


def written(
    conditions: Iterable[Condition], previous: Sequence[Mapping[str, Any]], *, generation: int, now: str
) -> list[dict[str, Any]]:
    """The conditions as `status.conditions` holds them, in order.

    `lastTransitionTime` stays while the status is the same (`now` is RFC 3339), so that an unchanged condition is an
    unchanged object.
    """
    before = {condition.get("type"): condition for condition in previous}
    result = []
    for condition in conditions:
        old = before.get(condition.type, {})
        same = old.get("status") == condition.status
        result.append(
            {
                "type": condition.type,
                "status": condition.status,
                "reason": condition.reason,
                "message": condition.message[:_LONGEST_MESSAGE],
                "lastTransitionTime": (old.get("lastTransitionTime") if same else None) or now,
                "observedGeneration": generation,
            }
        )
    return result


def status_of(conditions: Sequence[Mapping[str, Any]], type_: str) -> Truth | None:
    """The status of one condition in `status.conditions`; None where it is absent."""
    for condition in conditions:
        if condition.get("type") == type_:
            status = condition.get("status")
            return status if status in ("True", "False", "Unknown") else None
    return None


def condition_of(obj: Mapping[str, Any], type_: str) -> Condition | None:
    """What an object's condition says; None where it is absent."""
    conditions = (obj.get("status") or {}).get("conditions") or []
    truth = status_of(conditions, type_)
    if truth is None:
        return None
    found = next(each for each in conditions if each.get("type") == type_)
    return Condition(type_, truth, str(found.get("reason") or ""), str(found.get("message") or ""))


def holds(obj: Mapping[str, Any], type_: str) -> bool:
    """Whether an object's condition is True, and was written of the object as it is now."""
    for entry in (obj.get("status") or {}).get("conditions") or []:
        if entry.get("type") == type_:
            return bool(
                entry.get("status") == "True" and entry.get("observedGeneration") == obj["metadata"].get("generation")
            )
    return False


def word(finding: Finding | None) -> str:
    """What stands in the way as `status.summary` has it: `Completed` (nothing), `Error` or `InProgress`."""
    if finding is None:
        return "Completed"
    return "Error" if isinstance(finding, Terminal) else "InProgress"


def is_true(obj: Mapping[str, Any], type_: str) -> bool:
    """Whether an object's condition is True."""
    return status_of((obj.get("status") or {}).get("conditions") or [], type_) == "True"
