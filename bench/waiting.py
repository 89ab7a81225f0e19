"""Waiting for what a benchmark measures, and doing many things at once."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from typing import Any

_SECONDS = 600.0
_IN_FLIGHT = 32


async def until(look: Callable[[], Awaitable[bool]], what: str, *, pause: float = 0.02) -> None:
    """Waits until something is so; `pause` is the time between two looks, in seconds."""
    deadline = time.monotonic() + _SECONDS
    while not await look():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {_SECONDS:.0f} s: {what}")
        await asyncio.sleep(pause)


async def at_once(calls: Iterable[Awaitable[object]]) -> None:
    """Awaits all, 32 of them in flight."""
    limit = asyncio.Semaphore(_IN_FLIGHT)

    async def one(call: Awaitable[object]) -> None:
        async with limit:
            await call

    await asyncio.gather(*(one(call) for call in calls))


@contextlib.asynccontextmanager
async def meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Works beside, and ends it afterwards."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
