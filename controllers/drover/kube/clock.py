"""The time of day by the clock of a server."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_REFRESH_SECONDS = 60.0
_TOLERANCE = 2.0


def monotonic() -> float:
    """Seconds that also pass while the machine sleeps, and that no change of the wall clock moves."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class ServerClock:
    """The server's clock made the times in its objects: a deadline that begins with one is told by the same clock, and
    no jump of our own moves it. Before the server has answered, it is our own."""

    def __init__(self) -> None:
        self._ahead: float | None = None  # of `monotonic`
        self._learnt = 0.0

    def learn(self, date: str | None) -> None:
        """Takes the header `Date` of an answer, which has whole seconds: small differences say nothing."""
        now = monotonic()
        if date is None or (self._ahead is not None and now - self._learnt < _REFRESH_SECONDS):
            return
        try:
            ahead = parsedate_to_datetime(date).timestamp() - now
        except ValueError:
            return
        self._learnt = now
        if self._ahead is None or abs(ahead - self._ahead) > _TOLERANCE:
            self._ahead = ahead

    def now(self) -> datetime:
        """The time, in UTC."""
        seconds = time.time() if self._ahead is None else self._ahead + monotonic()
        return datetime.fromtimestamp(seconds, UTC)
