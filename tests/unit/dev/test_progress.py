from __future__ import annotations

import io
from collections.abc import Iterator

from drover.dev.progress import Progress


def ticking(*times: float) -> Iterator[float]:
    return iter(times)


def test_without_a_terminal_a_long_step_writes_a_line_every_twenty_seconds() -> None:
    out = io.StringIO()
    times = ticking(0, 1, 21, 30, 42, 50)
    with Progress(out, clock=lambda: next(times)).step("Building etcd") as step:
        for done in range(4):
            step.update(done, 4, "go.etcd.io/raft")
    assert out.getvalue().splitlines() == [
        "Building etcd ...",
        "Building etcd: 25% after 21 s, go.etcd.io/raft",
        "Building etcd: 75% after 42 s, go.etcd.io/raft",
        "Building etcd: done in 50 s",
    ]


def test_a_reminder_speaks_at_once_and_then_every_twenty_seconds() -> None:
    out = io.StringIO()
    times = ticking(0.0, 10.0, 20.0, 20.0, 30.0)
    remind = Progress(out, clock=lambda: next(times)).reminder("waiting")
    for _ in range(4):
        remind()
    assert out.getvalue() == "waiting\nwaiting\n"
