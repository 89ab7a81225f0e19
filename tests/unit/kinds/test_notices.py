"""Which changes of a status are worth an Event."""

from __future__ import annotations

from typing import Any

from drover.kinds.notices import transitions
from drover.rules.conditions import false, summary, true, written
from drover.rules.findings import Finding, Terminal, Waiting


def status(finding: Finding | None) -> dict[str, Any]:
    return {"conditions": written(summary(finding), [], generation=1, now="t")}


def told(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    return [(notice.type, notice.reason) for notice in transitions(before, after)]


STALLED = status(Terminal("InvalidSpec", "do this"))
READY = status(None)
WAITING = status(Waiting("Disconnected", "away"))


def test_becoming_ready_at_first_is_no_event() -> None:
    assert told({}, READY) == []
    assert told(WAITING, READY) == []


def test_stalling_is_told_once() -> None:
    assert told({}, STALLED) == [("Warning", "InvalidSpec")]
    assert told(STALLED, STALLED) == []


def test_another_reason_is_told_again() -> None:
    assert told(STALLED, status(Terminal("Conflict", "x"))) == [("Warning", "Conflict")]


def test_a_rollout_that_goes_on_is_no_event() -> None:
    for reason in ("Progressing", "InProgress", "ObservedGenerationBehind"):
        assert told(READY, status(Waiting(reason, "x"))) == []


def test_no_longer_being_ready_is_told_and_so_is_recovery_from_a_stall() -> None:
    assert told(READY, WAITING) == [("Warning", "Disconnected")]
    assert told(STALLED, READY) == [("Normal", "Recovered")]


def test_secrets_that_cannot_be_copied_are_told_once() -> None:
    def synced(*condition: Any) -> dict[str, Any]:
        return {"conditions": written([*summary(None), *condition], [], generation=1, now="t")}

    taken = synced(false("SecretsSynced", "NameTaken", "web/a"))
    assert told({}, taken) == [("Warning", "NameTaken")]
    assert told(taken, taken) == []
    assert told(taken, synced(false("SecretsSynced", "NameTaken", "web/b"))) == [("Warning", "NameTaken")]
    assert told(taken, synced(true("SecretsSynced", "Synced"))) == []
