"""The audit of the rights in one cluster: a proof, now and then, that nothing is there which nobody wants."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from drover.api.keys import UNIT
from drover.kube import metrics
from drover.kube.client import Client
from drover.kube.errors import ApiError, NotLeading, Unreachable
from drover.kube.gvr import Object
from drover.members.rbac import KINDS
from drover.members.rights import Rights
from drover.rules.objects import uid_of

log = logging.getLogger(__name__)

_SECONDS: Final = 600.0
_STALE_SECONDS: Final = 5.0
_ERROR_SECONDS: Final = 60.0


class Audit:
    """Lists what carries our label anew, beside the watches, and deletes what no part wants. It runs once all parts
    are known. `grace` is for how many seconds something must be found, so that what is just being removed counts as
    nothing."""

    def __init__(self, cluster: str, client: Client, rights: Rights, *, grace: float = 1.0) -> None:
        self._cluster = cluster
        self._client = client
        self._rights = rights
        self._grace = grace

    async def run(self, ready: Callable[[], Awaitable[object]]) -> None:
        """Audits at once, every ten minutes, and soon again where something was found; each time when `ready`."""
        await self._rights.known.wait()
        while True:
            await ready()
            try:
                pause = _STALE_SECONDS if await self.once() else _SECONDS
            except (ApiError, Unreachable, NotLeading) as error:
                log.debug("audit of the rights in %s: %s", self._cluster, error)
                pause = _ERROR_SECONDS
            await asyncio.sleep(pause)

    async def once(self) -> int:
        """One audit; the number of objects that were there and should not have been."""
        stale = await self._stale()
        if stale:
            await asyncio.sleep(self._grace)
            again = {uid_of(obj) for obj in await self._stale()}
            stale = [obj for obj in stale if uid_of(obj) in again]
        metrics.STALE.labels(self._cluster).set(len(stale))
        if stale:
            log.warning("stale rights are removed", extra={"cluster": self._cluster, "count": len(stale)})
            await self._rights.delete(stale)
        return len(stale)

    async def _stale(self) -> list[Object]:
        return [
            obj
            for gvr in KINDS.values()
            async for page in self._client.pages(gvr, label_selector=UNIT, metadata_only=True)
            for obj in ({**item, "kind": gvr.kind} for item in page.items)
            if not self._rights.wants(obj)
        ]
