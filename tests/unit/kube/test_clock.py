"""The time of day by the clock of a server."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from drover.kube import clock
from drover.kube.clock import ServerClock

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Passing:
    """Seconds that pass when a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 1000.0
        monkeypatch.setattr(clock, "monotonic", lambda: self.seconds)


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Passing:
    return Passing(monkeypatch)


def test_before_the_server_has_answered_it_is_our_own() -> None:
    assert abs(ServerClock().now().timestamp() - time.time()) < 5


def test_it_is_what_the_server_said_and_what_has_passed_since(passing: Passing) -> None:
    server = ServerClock()
    server.learn(format_datetime(NOON, usegmt=True))
    passing.seconds += 90
    assert server.now() == NOON + timedelta(seconds=90)


def test_a_second_more_or_less_says_nothing_and_another_time_does(passing: Passing) -> None:
    server = ServerClock()
    server.learn(format_datetime(NOON, usegmt=True))
    passing.seconds += 61
    server.learn(format_datetime(NOON + timedelta(seconds=60), usegmt=True))
    assert server.now() == NOON + timedelta(seconds=61)
    passing.seconds += 61
    server.learn(format_datetime(NOON + timedelta(hours=1), usegmt=True))
    assert server.now() == NOON + timedelta(hours=1)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Thu, 99 Jan 2026 12:00:00 GMT"])
def test_a_server_that_names_no_time_is_not_believed(passing: Passing, date: str | None) -> None:
    server = ServerClock()
    server.learn(format_datetime(NOON, usegmt=True))
    passing.seconds += 61
    server.learn(date)
    assert server.now() == NOON + timedelta(seconds=61)
