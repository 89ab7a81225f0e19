"""Keeps a cache equal to what a kube-apiserver has: list in pages, then watch, and again after a gap."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

from drover.kube.cache import Cache, Change
from drover.kube.client import Client
from drover.kube.errors import ApiError, Gone, Unreachable
from drover.kube.gvr import Object, well_formed

log = logging.getLogger(__name__)

SILENCE = 70.0
"""Seconds without a byte after which a watch counts as dead: the server sends a bookmark every minute."""

_WATCH_SECONDS = (240, 300)
_LONGEST_PAUSE = 30.0
_SHORT_SECONDS = 1.0


class Reflector:
    """Follows one kind, in all namespaces or in one.

    It is listed in pages of `page` objects. `shrink` makes less of each as it comes, where objects are large: a list is
    held whole before the cache takes it.

    `on_change` is called for every change, in order; `on_error` when the server does not answer. `synced` is set
    after the first whole list and stays set; `error` is what is wrong now (empty: nothing), for readiness and
    conditions. An `optional` kind that may not be read is `denied`, and the cache stays as it is; `on_access` is called
    when that changes.
    """

    def __init__(
        self,
        client: Client,
        cache: Cache,
        *,
        on_change: Callable[[Change], None],
        namespace: str = "",
        label_selector: str = "",
        page: int = 500,
        shrink: Callable[[Object], Object] = lambda obj: obj,
        optional: bool = False,
        on_error: Callable[[], None] = lambda: None,
        on_access: Callable[[], None] = lambda: None,
    ) -> None:
        self.cache = cache
        self.synced = asyncio.Event()
        self.error = ""
        self.denied = False
        self._client = client
        self._on_change = on_change
        self._namespace = namespace
        self._selector = label_selector
        self._page = page
        self._shrink = shrink
        self._optional = optional
        self._on_error = on_error
        self._on_access = on_access
        self._version = ""
        self._heard = 0.0  # when the watch last brought something, or began

    async def run(self) -> None:
        """Follows until cancelled; an error is kept in `error` and tried again, at most every 30 s."""
        failures = 0
        while True:
            try:
                if not self._version:
                    await self._list()
                    failures = 0
                began = _now()
                await self._watch()
                failures = 0
                if _now() - began < _SHORT_SECONDS:  # something between here and the server does not stream
                    await asyncio.sleep(_SHORT_SECONDS)
            except Gone:
                self._version = ""  # what happened meanwhile is only in a new list
            except (ApiError, Unreachable) as error:
                if _now() - self._heard >= SILENCE:
                    # Not even a bookmark: etcd may have been restored from a backup, and then a watch brings nothing
                    # until the server is at this version again.
                    self._version = ""
                if self._optional and isinstance(error, ApiError) and error.status in (403, 404):
                    self._version = ""  # what happens until the right is given back is only in a new list
                    self.synced.set()  # nothing of this kind can be seen here, which its users know how to take
                    self._set_denied(denied=True)
                self.error = f"{self.cache.gvr}: {error}"
                if isinstance(error, Unreachable):
                    self._on_error()
                failures += 1
                pause = min(0.1 * 2.0 ** min(failures, 10), _LONGEST_PAUSE) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
                log.debug("watch of %s: %s; again in %.1f s", self.cache.gvr, error, pause)
                await asyncio.sleep(pause)

    async def _list(self) -> None:
        items: list[Object] = []
        version = ""
        pages = self._client.pages(self.cache.gvr, self._namespace, label_selector=self._selector, size=self._page)
        async for page in pages:
            if not all(map(well_formed, page.items)):
                raise Unreachable(f"{self._client.host} lists something that is no object: not a kube-apiserver")
            items += map(self._shrink, page.items)
            version = version or page.resource_version
        kind, api_version = self.cache.gvr.kind, self.cache.gvr.api_version
        for item in items:  # items of a list come without them
            item.setdefault("kind", kind)
            item.setdefault("apiVersion", api_version)
        for change in self.cache.replace(items, version):
            self._on_change(change)
        self._version = version
        self.error = ""
        self.synced.set()
        self._set_denied(denied=False)

    def _set_denied(self, *, denied: bool) -> None:
        if denied != self.denied:
            self.denied = denied
            self._on_access()

    async def _watch(self) -> None:
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(random.randint(*_WATCH_SECONDS)),  # noqa: S311 - spreads reconnects
        }
        if self._selector:
            query["labelSelector"] = self._selector
        path = self.cache.gvr.path(self._namespace)
        self._heard = _now()
        async for event in self._client.stream(path, query, silence=SILENCE):
            self._heard = _now()
            self.error = ""
            obj, kind = event.get("object"), event.get("type")
            if kind == "BOOKMARK":
                obj = {"metadata": {"name": "", "uid": "", **_metadata(obj)}}  # a bookmark has a version only
            if not well_formed(obj):
                raise Unreachable(f"{self._client.host} sends an event of no object: not a kube-apiserver")
            self._version = obj["metadata"]["resourceVersion"]
            change = None
            if kind == "DELETED":
                change = self.cache.forget(obj)
            elif kind in ("ADDED", "MODIFIED"):
                change = self.cache.observe(self._shrink(obj))
            if change is not None:
                self._on_change(change)


def _metadata(obj: Any) -> dict[str, Any]:
    metadata = obj.get("metadata") if isinstance(obj, dict) else None
    return metadata if isinstance(metadata, dict) else {}


def _now() -> float:
    return asyncio.get_running_loop().time()
