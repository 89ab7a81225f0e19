"""One kind of the hub in its cache: listed by us, kept up by kopf's events, and audited, because kopf can miss a
deletion."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from drover.kube.cache import Cache, Change, version_of
from drover.kube.client import Client
from drover.kube.errors import ApiError, Unreachable
from drover.kube.gvr import GVR, Key, Object, key_of

log = logging.getLogger(__name__)


class Source:
    """Follows one kind. `on_change(change, listed)` is told of every change; `listed` where it came from a list, not
    from an event of its own."""

    def __init__(self, client: Client, cache: Cache, *, on_change: Callable[[Change, bool], None]) -> None:
        self.cache = cache
        self.synced = asyncio.Event()
        self.audit_due = asyncio.Event()
        self.fresh = ""
        """The resourceVersion of a list that no watch has gone on from yet; empty for none."""
        self._client = client
        self._on_change = on_change

    @property
    def gvr(self) -> GVR:
        """The resource."""
        return self.cache.gvr

    def unserved(self) -> None:
        """The kind is not served any more: its objects are gone with it."""
        self.synced.clear()
        self._tell(self.cache.retain(set(), 0, restored=True))

    async def load(self) -> None:
        """Fills the cache by a whole list, after which it is `synced`."""
        items: list[Object] = []
        version = ""
        async for page in self._client.pages(self.gvr):
            items += page.items
            version = version or page.resource_version
        for item in items:
            item.setdefault("apiVersion", self.gvr.api_version)
            item.setdefault("kind", self.gvr.kind)
        self._tell(self.cache.replace(items, version))
        self.fresh = version
        self.synced.set()

    def take(self, type_: str | None, obj: Object) -> None:
        """Takes an event of kopf: `type_` is None for an object of a list."""
        change = self.cache.forget(obj) if type_ == "DELETED" else self.cache.observe(obj)
        if change is not None:
            self._on_change(change, type_ is None)

    def knows(self, obj: Object) -> bool:
        """Whether the cache has an object as it is here, or newer. Any thread may ask."""
        known = self.cache.get(key_of(obj))
        return known is not None and version_of(obj) <= version_of(known)

    def relisted(self) -> None:
        """kopf has made a new list: something may have vanished unseen."""
        if self.synced.is_set():
            self.audit_due.set()

    async def audit(self) -> int:
        """Compares the cache with a list of metadata; gives the number of objects that had vanished unseen.

        What the list shows and the cache lacks comes by an event; were it taken from here, it would be without its
        spec.
        """
        seen: set[Key] = set()
        version = ""
        async for page in self._client.pages(self.gvr, metadata_only=True):
            seen |= {key_of(item) for item in page.items}
            version = version or page.resource_version
        if int(version or 0) < self.cache.listed:
            await self.load()  # etcd was restored from a backup: nothing that was cached can be relied on
            return 0
        gone = self.cache.retain(seen, int(version or 0))
        self._tell(gone)
        return len(gone)

    async def audit_for_ever(self, seconds: float = 600.0) -> None:
        """Audits when kopf has listed, and every ten minutes; after an error again a second later."""
        while True:
            try:
                async with asyncio.timeout(seconds):
                    await self.audit_due.wait()
                await asyncio.sleep(0.5)  # one audit where it lists several times
            except TimeoutError:
                pass
            self.audit_due.clear()
            if not self.synced.is_set():
                continue
            try:
                await self.audit()
            except (ApiError, Unreachable) as error:
                log.debug("audit of %s: %s", self.gvr, error)
                await asyncio.sleep(1.0)
                self.audit_due.set()

    def _tell(self, changes: list[Change]) -> None:
        for change in changes:
            self._on_change(change, True)
