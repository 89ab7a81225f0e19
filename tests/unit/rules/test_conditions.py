"""Conditions as kstatus and `kubectl wait` read them."""

from __future__ import annotations

from collections.abc import Callable

from drover.rules.conditions import false, is_true, status_of, summary, true, written
from drover.rules.findings import Finding, Terminal, Transient, Waiting, first, listed


def statuses(finding: Terminal | Waiting | Transient | None) -> dict[str, str]:
    return {condition.type: condition.status for condition in summary(finding)}


def test_nothing_in_the_way_is_ready() -> None:
    assert statuses(None) == {"Ready": "True", "Reconciling": "False", "Stalled": "False"}


def test_what_a_person_must_mend_is_stalled() -> None:
    assert statuses(Terminal("X", "do this")) == {"Ready": "False", "Reconciling": "False", "Stalled": "True"}


def test_what_is_waited_for_is_reconciling() -> None:
    assert statuses(Waiting("X", "that")) == {"Ready": "False", "Reconciling": "True", "Stalled": "False"}


def test_a_failure_that_a_retry_mends_is_not_told() -> None:
    assert {condition.reason for condition in summary(Transient("secret detail"))} == {"Progressing"}


def test_the_time_of_a_transition_stays_while_the_status_does() -> None:
    first = written([true("Ready", "Reconciled"), false("Stalled", "Reconciled")], [], generation=1, now="t1")
    second = written([true("Ready", "Reconciled"), true("Stalled", "X")], first, generation=2, now="t2")
    assert [entry["lastTransitionTime"] for entry in second] == ["t1", "t2"]
    assert {entry["observedGeneration"] for entry in second} == {2}


def test_a_condition_from_elsewhere_without_a_time_gets_one() -> None:
    (entry,) = written([true("Ready", "X")], [{"type": "Ready", "status": "True"}], generation=1, now="t")
    assert entry["lastTransitionTime"] == "t"


def test_many_names_are_cut() -> None:
    assert listed(["d", "b", "a", "c", "e"]) == "a, b, c +2 more"
    assert listed(["b", "a"]) == "a, b"
    assert listed([]) == ""


def test_a_long_message_is_cut_to_what_the_schema_takes() -> None:
    (entry,) = written([false("Ready", "X", "m" * 5000)], [], generation=1, now="t")
    assert len(entry["message"]) == 1024


def test_a_condition_that_is_odd_or_absent_is_not_true() -> None:
    assert status_of([{"type": "Ready", "status": "Perhaps"}], "Ready") is None
    assert status_of([{}], "Ready") is None
    assert not is_true({}, "Ready")
    assert not is_true({"status": {"conditions": None}}, "Ready")
    assert is_true({"status": {"conditions": [{"type": "Ready", "status": "True"}]}}, "Ready")


def test_of_a_checklist_the_first_finding_counts() -> None:
    asked: list[str] = []

    def check(name: str, finding: Finding | None) -> Callable[[str], Finding | None]:
        def look(_world: str) -> Finding | None:
            asked.append(name)
            return finding

        return look

    checks = (check("a", None), check("b", Waiting("X", "b")), check("c", Terminal("Y", "c")))
    assert first(checks, "world") == Waiting("X", "b")
    assert asked == ["a", "b"]
    assert first((check("a", None),), "world") is None
