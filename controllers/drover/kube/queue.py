"""A work queue: each key once, a person's change before a listing, retries with growing pauses."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Generic, TypeVar

from drover.kube import metrics

K = TypeVar("K", bound=Hashable)

HIGH, LOW = 0, 1
_NAMES = ("high", "low")
_FIRST_BACKOFF = 0.005
_LONGEST_BACKOFF = 300.0
_LOW_SHARE = 8  # one key of the low priority after this many of the high one, so that it is never starved
_PATIENT = 2  # failures in a row after which a key has the low priority: a change is not to wait behind what is broken


class Queue(Generic[K]):
    """Keys to work on.

    A key that is added while it waits stays where it is (and rises to the higher priority); one that is added while
    it is worked on comes again afterwards. `get` waits for a key, `done` must follow. At most `low_at_once` keys of the
    low priority are worked on at the same time, so that there is room for others. Not for use from other threads.
    """

    def __init__(self, name: str, *, low_at_once: int = sys.maxsize) -> None:
        self.name = name
        self._low_at_once = low_at_once
        self._low_working = 0
        self._low_held = False
        self._waiting: tuple[OrderedDict[K, float], OrderedDict[K, float]] = (OrderedDict(), OrderedDict())
        self._working: dict[K, tuple[float, int]] = {}  # since when, and with which priority
        self._again: dict[K, int] = {}
        self._timers: dict[K, tuple[float, asyncio.TimerHandle]] = {}
        self._failures: dict[K, int] = {}
        self._idlers: deque[asyncio.Future[None]] = deque()  # who waits for a key
        self._high_in_a_row = 0
        self._adds, self._retries = metrics.ADDS.labels(name), metrics.RETRIES.labels(name)
        self._queue_seconds, self._work_seconds = metrics.QUEUE_SECONDS.labels(name), metrics.WORK_SECONDS.labels(name)
        self._depths = tuple(metrics.DEPTH.labels(name, priority) for priority in _NAMES)

    def add(self, key: K, priority: int = HIGH) -> None:
        """Adds a key, now."""
        if key in self._working:
            self._again[key] = min(priority, self._again.get(key, priority))
            return
        self._forget_timer(key)
        if key in self._waiting[HIGH]:
            return
        since = self._waiting[LOW].get(key)
        if since is not None:
            if priority == LOW:
                return
            del self._waiting[LOW][key]
        else:
            self._adds.inc()
        self._waiting[priority][key] = time.perf_counter() if since is None else since
        self._measure()
        self._wake()

    def hold_low(self, *, held: bool) -> None:
        """Whether keys of the low priority wait for another call of this."""
        self._low_held = held
        self._wake()

    def add_after(self, key: K, seconds: float, priority: int | None = None) -> None:
        """Adds a key later, with the priority with which it is worked on now unless another is given; of two delays the
        shorter one counts."""
        loop = asyncio.get_running_loop()
        if priority is None:
            priority = self._working[key][1] if key in self._working else LOW
        due = loop.time() + seconds
        timer = self._timers.get(key)
        if timer is not None and timer[0] <= due:
            return
        self._forget_timer(key)
        self._timers[key] = (due, loop.call_at(due, self._due, key, priority))

    def retry(self, key: K) -> float:
        """Adds a key again after a failure; gives the seconds until then (5 ms doubled with each failure, at most 5
        minutes). After two failures in a row it comes with the low priority."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        pause = min(_FIRST_BACKOFF * 2.0 ** min(failures, 30), _LONGEST_BACKOFF) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
        self._retries.inc()
        self.add_after(key, pause, None if failures < _PATIENT else LOW)
        return pause

    def forget(self, key: K) -> None:
        """Ends the count of failures of a key: it succeeded."""
        self._failures.pop(key, None)

    async def get(self) -> K:
        """The next key; the caller works on it and then calls `done`."""
        while True:
            key = self._next()
            if key is not None:
                return key
            idler = asyncio.get_running_loop().create_future()
            self._idlers.append(idler)
            try:
                await idler
            except asyncio.CancelledError:
                if idler.done() and not idler.cancelled():
                    self._wake()  # what it was woken for is for another
                raise

    def done(self, key: K) -> None:
        """Work on a key has ended, however it ended."""
        started, priority = self._working.pop(key)
        if priority == LOW:
            self._low_working -= 1
            if self._waiting[LOW]:
                self._wake()
        self._work_seconds.observe(time.perf_counter() - started)
        again = self._again.pop(key, None)
        if again is not None:
            self.add(key, again)

    def priority(self, key: K) -> int:
        """The priority with which a key is worked on now."""
        return self._working[key][1]

    def failures(self, key: K) -> int:
        """How often in a row work on a key has failed."""
        return self._failures.get(key, 0)

    def clear(self) -> None:
        """Forgets every key that waits."""
        for timer in self._timers.values():
            timer[1].cancel()
        for forgotten in (*self._waiting, self._timers, self._again, self._failures):
            forgotten.clear()
        self._measure()

    def __len__(self) -> int:
        return len(self._waiting[HIGH]) + len(self._waiting[LOW])

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is worked on; keys that are due later do not count."""
        return not len(self) and not self._working

    def oldest(self) -> tuple[float, float]:
        """Seconds of all unfinished work together, and of the oldest piece."""
        now = time.perf_counter()
        ages = [now - started for started, _ in self._working.values()]
        return sum(ages), max(ages, default=0.0)

    def _next(self) -> K | None:
        high, low = self._waiting
        may_low = bool(low) and not self._low_held and self._low_working < self._low_at_once
        source = low if may_low and (not high or self._high_in_a_row >= _LOW_SHARE) else high
        if not source:
            return None
        if source is low:
            self._low_working += 1
            self._high_in_a_row = 0
        else:
            self._high_in_a_row += 1
        key, since = source.popitem(last=False)
        now = time.perf_counter()
        self._working[key] = (now, LOW if source is low else HIGH)
        self._queue_seconds.observe(now - since)
        self._measure()
        if high or (low and not self._low_held and self._low_working < self._low_at_once):
            self._wake()
        return key

    def _wake(self) -> None:
        """Wakes one of those who wait: woken all at once, all but one would wait again."""
        while self._idlers:
            idler = self._idlers.popleft()
            if not idler.done():
                idler.set_result(None)
                return

    def _due(self, key: K, priority: int) -> None:
        self._timers.pop(key, None)
        self.add(key, priority)

    def _forget_timer(self, key: K) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer[1].cancel()

    def _measure(self) -> None:
        for depth, waiting in zip(self._depths, self._waiting, strict=True):
            depth.set(len(waiting))
