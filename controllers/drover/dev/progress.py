"""What a person or a CI log sees while something takes minutes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

_PLAIN_SECONDS = 20.0  # CI systems end a job that is silent for minutes


class Step:
    """One thing that is being done. `update` is cheap: call it at least once a second."""

    def __init__(self, show: Callable[[float, float | None, str], None]) -> None:
        self._show = show

    def update(self, done: float = 0, total: float | None = None, detail: str = "") -> None:
        """Shows `done` of `total` (None: not known) and a few words about what is being done."""
        self._show(done, total, detail)


class Progress:
    """A bar on a terminal, else a plain line at the start, every 20 seconds and at the end of a step."""

    def __init__(self, stream: TextIO | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock

    def say(self, line: str) -> None:
        """Prints a line."""
        print(line, file=self._stream, flush=True)

    def reminder(self, line: str) -> Callable[[], None]:
        """A function to be called again and again while something is waited for: prints the line every 20 seconds."""
        last: float | None = None

        def remind() -> None:
            nonlocal last
            if last is None or self._clock() - last >= _PLAIN_SECONDS:
                last = self._clock()
                self.say(line)

        return remind

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Shows one step until the block ends. Bars of two threads at once are not possible on one terminal."""
        with self._bar(title) if self._stream.isatty() else self._plain(title) as step:
            yield step

    @contextmanager
    def _bar(self, title: str) -> Iterator[Step]:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
        )
        with Bars(*columns, console=Console(file=self._stream)) as bars:
            task = bars.add_task(title, total=None, detail="")
            yield Step(lambda done, total, detail: bars.update(task, completed=done, total=total, detail=detail[-60:]))
            bars.update(task, total=1, completed=1, detail="done")

    @contextmanager
    def _plain(self, title: str) -> Iterator[Step]:
        start = last = self._clock()
        self.say(f"{title} ...")

        def show(done: float, total: float | None, detail: str) -> None:
            nonlocal last
            now = self._clock()
            if now - last < _PLAIN_SECONDS:
                return
            last = now
            share = f" {min(done / total, 1.0):.0%}" if total else ""
            self.say(f"{title}:{share} after {now - start:.0f} s{', ' if detail else ''}{detail}")

        yield Step(show)
        self.say(f"{title}: done in {self._clock() - start:.0f} s")
