"""Waiting for tasks so that none goes on unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def all_of(works: Iterable[Awaitable[T]]) -> list[T]:
    """What each gives, in order, when all have ended; raises the first failure only then. `asyncio.gather` raises at
    once and lets the others go on: what they write late would come after what the next look has written."""
    results = await asyncio.gather(*works, return_exceptions=True)
    found: list[T] = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        found.append(result)
    return found


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancels a task and waits until it has ended, however it ends. To await it would take a cancellation of who waits
    for that of the task."""
    task.cancel()
    await asyncio.wait({task})
