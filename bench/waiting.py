"""Waiting for what a benchmark measures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

_SECONDS = 300.0


async def until(look: Callable[[], Awaitable[bool]], what: str) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + _SECONDS
    while not await look():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {_SECONDS:.0f} s: {what}")
        await asyncio.sleep(0.02)
