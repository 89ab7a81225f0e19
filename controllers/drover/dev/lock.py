"""A lock between processes, held on a file."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.1


@contextmanager
def file_lock(path: Path, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Holds an exclusive lock on `path`, a file that exists only while somebody has or wants the lock.

    The kernel lets go of it when the process ends, however it ends. `waiting` is called ten times a second while
    another process or thread has the lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _take(path, waiting)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _take(path: Path, waiting: Callable[[], None] | None) -> int:
    while True:
        # A new descriptor each time: flock belongs to the open file, so threads of one process exclude each other too.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_file_of(path, descriptor):
                return descriptor
            # Whoever had the lock has deleted the file that we opened; the lock is on the one that has its name now.
            os.close(descriptor)
        except BlockingIOError:
            os.close(descriptor)
            if waiting is not None:
                waiting()
            time.sleep(_POLL_SECONDS)


def _is_file_of(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
