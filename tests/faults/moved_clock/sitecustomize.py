"""Moves the time of day by as many seconds as a file says, which can change at any moment.

Python imports this at its start where PYTHONPATH names this directory. Clocks that only run forward are left alone.
"""

from __future__ import annotations

import datetime
import os
import time
from pathlib import Path
from typing import Self

_FILE = Path(os.environ.get("DROVER_TEST_CLOCK", os.devnull))
_real = time.time


def _now() -> float:
    return _real() + float(_FILE.read_text() or 0)


class _Moved(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Self:
        return cls.fromtimestamp(_now(), tz)

    @classmethod
    def utcnow(cls) -> Self:
        return cls.fromtimestamp(_now(), datetime.UTC).replace(tzinfo=None)


vars(time)["time"] = _now
vars(time)["time_ns"] = lambda: int(_now() * 1e9)
vars(datetime)["datetime"] = _Moved
