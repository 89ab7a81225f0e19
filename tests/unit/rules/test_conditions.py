"""Conditions as kstatus and `kubectl wait` read them."""

from __future__ import annotations

from drover.rules.conditions import false, summary, true, written
from drover.rules.findings import Terminal, Transient, Waiting, listed


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
