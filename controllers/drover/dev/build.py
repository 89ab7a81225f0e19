"""Builds a bundle from its pinned Go module."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
from collections import deque
from pathlib import Path
from typing import IO

from drover.dev import toolchain
from drover.dev.bundle import Bundle
from drover.dev.errors import DevError
from drover.dev.progress import Progress, Step

_LAST_LINES = 30


def build(bundle: Bundle, destination: Path, progress: Progress) -> None:
    """Builds every program of the bundle into `destination`, with one `go build`.

    Raises DevError when there is no toolchain or the build fails.
    """
    go = toolchain.find(bundle.module)
    progress.say(f"Using {go}")
    with progress.step(f"Building {bundle.name} {bundle.version}") as step:
        packages = _count_packages(go, bundle, step)
        command = [str(go), "build", "-v", "-buildvcs=false", "-trimpath", "-ldflags", bundle.linker_flags]
        _Run(bundle, step, packages).run([*command, "-o", f"{destination}/", bundle.packages])


def _count_packages(go: Path, bundle: Bundle, step: Step) -> int:
    """How many packages there are to compile. Also downloads the modules."""
    run = _Run(bundle, step, None)
    run.run([str(go), "list", "-deps", bundle.packages])
    return len(run.output)


class _Run:
    """Runs `go` and follows what it writes: a package a line, or an error."""

    def __init__(self, bundle: Bundle, step: Step, total: int | None) -> None:
        self._bundle = bundle
        self._step = step
        self._total = total
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.output: list[str] = []

    def run(self, command: list[str]) -> None:
        """Runs to the end; ends the whole process group when interrupted."""
        with subprocess.Popen(
            command,
            cwd=self._bundle.module,
            env=toolchain.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                self._follow(process)
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        if process.returncode != 0:
            raise DevError(self._failure(command, process.returncode))

    def _follow(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101 - for mypy: both are pipes
        assert process.stderr is not None  # noqa: S101
        stdout, stderr = process.stdout, process.stderr
        readers = (
            threading.Thread(target=lambda: self.output.extend(stdout), daemon=True),
            threading.Thread(target=self._read, args=(stderr,), daemon=True),
        )
        for reader in readers:
            reader.start()
        done, line = 0, ""
        while True:
            try:
                got = self._lines.get(timeout=1)
            except queue.Empty:
                got = ""  # linking writes nothing for a minute
            if got is None:
                break
            if got:
                line = got
                self._last.append(line)
                done += not line.startswith("go: ")
            self._step.update(done, self._total, line)
        for reader in readers:
            reader.join()

    def _read(self, stderr: IO[str]) -> None:
        for line in stderr:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def _failure(self, command: list[str], code: int) -> str:
        wrote = "\n".join(f"    {line}" for line in self._last)
        what = f"`{' '.join(command[:2])}` in {self._bundle.module}"
        return (
            f"Building {self._bundle.name} {self._bundle.version} failed: {what} ended with {code}. It needs a "
            f"reachable source of Go modules (`go env GOPROXY`) and about 5 GiB of free disk.\n{wrote}"
        )
