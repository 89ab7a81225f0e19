"""kopf at the edge: it watches the hub's own kinds and hands every event over. The only module that imports it.

kopf runs in a thread and event loop of its own, because it cancels every task of its loop when it ends; and it ends
on a 403, on a deleted CRD and on errors of a watch, after which it is started again.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

for _heavy in ("kubernetes", "kubernetes_asyncio", "pykube"):
    sys.modules.setdefault(_heavy, None)  # type: ignore[arg-type]  # kopf imports them where it finds them: 50 MiB for nothing

import kopf
from kopf._cogs.clients import fetching, watching

from drover.kinds.source import Source
from drover.kube.client import Client
from drover.kube.errors import ApiError, Unreachable
from drover.kube.gvr import GVR, Object
from drover.kube.login import Login, LoginError

log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0  # what is deleted meanwhile may be a grant
_STABLE_SECONDS = 10.0
_DISCOVERY_SECONDS = 5.0
_STOP_SECONDS = 3.0
_LOGIN_SECONDS = 1.0


_NO_STATE = ("DELETED", "BOOKMARK", "ERROR")
"""Types of events that do not show an object as it is."""

_runs = threading.local()
"""`thread`: the run of kopf that this thread is for."""

_fetch, _watch = fetching.fetch_objs, watching.infinite_watch


async def _fetch_unless_listed(*, resource: Any, **rest: Any) -> AsyncIterator[tuple[Any, str]]:
    """kopf begins every watch with a list of its own and calls a handler for each object in it. Right after our list
    that would be the same again: seconds of CPU for some thousand objects, with every new event behind them.

    The list of kopf does not tell what has vanished, and nothing at all when the last object has: so its end is told.
    """
    run: _Thread = _runs.thread
    key = resource.group, resource.plural
    if run.over:
        raise _Over
    run.begins(key)
    version = run.fresh.pop(key, "")
    if version:
        yield [], version
        return
    async for page in _fetch(resource=resource, **rest):
        yield page
    run.relisted[key]()


async def _watch_until_it_fails(*, resource: Any, **rest: Any) -> AsyncIterator[Any]:
    """When one watch fails, kopf waits five seconds for the others, and for ever where its cancellation meets a request
    on its way: that swallows it, and begins another watch. So the first failure ends all of it here.

    What the cache has already, most of it our own writes, ends here too: kopf takes longer to hand an event over than
    the news of it is worth."""
    run: _Thread = _runs.thread
    knows = run.knows[resource.group, resource.plural]
    try:
        async for event in _watch(resource=resource, **rest):
            if isinstance(event, watching.Bookmark) or event["type"] in _NO_STATE or not knows(event["object"]):
                yield event
    except Exception as error:
        run.fail(error)
        raise


fetching.fetch_objs, watching.infinite_watch = _fetch_unless_listed, _watch_until_it_fails


class _Over(Exception):
    """This run of kopf has ended."""


class Operator:
    """Watches the kinds of the sources, as long as `run` runs. `missing` are the kinds that the kube-apiserver does
    not serve now. `on_watching` is called when every other kind is about to be watched, and perhaps again later."""

    def __init__(self, client: Client, sources: Sequence[Source], *, on_watching: Callable[[], object]) -> None:
        self.missing: tuple[GVR, ...] = ()
        self._on_watching = on_watching
        self._client = client
        self._sources = {source.gvr: source for source in sources}
        self._pause = _FIRST_PAUSE

    async def run(self) -> None:
        """Watches until cancelled."""
        while True:
            started = time.monotonic()
            try:
                await self._discover()
                started = time.monotonic()
                await self._watch_once()
            except (ApiError, Unreachable) as error:
                log.warning("the watches of Drover's kinds cannot start: %s", error)
            if time.monotonic() - started > _STABLE_SECONDS:
                self._pause = _FIRST_PAUSE
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    async def _discover(self) -> None:
        """Finds out which kinds are served; a kind that has come (back) is listed, one that has gone is forgotten."""
        served = await self._client.served(self._sources)
        missing = tuple(gvr for gvr in self._sources if gvr not in served)
        if missing != self.missing and missing:
            log.error("the CustomResourceDefinitions of %s are missing; apply crds/", ", ".join(map(str, missing)))
        for source in self._sources.values():
            if source.gvr in missing:
                source.unserved()
            elif source.gvr in self.missing or not source.synced.is_set():
                await source.load()
        self.missing = missing

    async def _watch_once(self) -> None:
        """Runs kopf until it ends by itself or one of the missing kinds appears."""
        served = [source for gvr, source in self._sources.items() if gvr not in self.missing]
        thread = _Thread(self._client.login, served, asyncio.get_running_loop(), self._on_watching)
        thread.start()
        try:
            while not thread.ended.is_set():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_DISCOVERY_SECONDS if self.missing else None):
                        await thread.ended.wait()
                if not thread.ended.is_set() and await self._appeared():
                    self._pause = 0.0
                    return
        finally:
            await thread.stop()
        if thread.error is not None:
            log.warning("watches end and are started again: %s", thread.error)
        if await self._disappeared():
            self._pause = min(self._pause, 1.0)

    async def _appeared(self) -> bool:
        return bool(await self._client.served(self.missing))

    async def _disappeared(self) -> bool:
        try:
            return not self._sources.keys() - set(self.missing) <= await self._client.served(self._sources)
        except (ApiError, Unreachable):
            return False


class _Thread:
    """One run of kopf."""

    def __init__(
        self, login: Login, sources: Sequence[Source], loop: asyncio.AbstractEventLoop, on_begun: Callable[[], object]
    ) -> None:
        self.ended = asyncio.Event()
        self.over = False
        self.error: BaseException | None = None
        self.fresh: dict[tuple[str, str], str] = {}
        """By group and plural: the resourceVersion of our own list, from which the first watch goes on."""
        self.relisted: dict[tuple[str, str], Callable[[], object]] = {}
        """By group and plural: tells that kopf has made a list of its own."""
        self.knows: dict[tuple[str, str], Callable[[Any], bool]] = {}
        """By group and plural: whether an object is known as it is."""
        for source in sources:
            key = source.gvr.group, source.gvr.plural
            self.fresh[key], source.fresh = source.fresh, ""
            self.knows[key] = source.knows
            self.relisted[key] = functools.partial(loop.call_soon_threadsafe, source.relisted)
        self._to_begin = set(self.knows)
        self._on_begun = on_begun
        self._login = login
        self._sources = sources
        self._loop = loop
        self._kopf: tuple[asyncio.AbstractEventLoop, asyncio.Task[None]] | None = None
        self._thread = threading.Thread(target=self._run, name="kopf", daemon=True)
        self._last_login = 0.0

    def start(self) -> None:
        self._thread.start()

    async def stop(self) -> None:
        """Asks kopf to end and waits for it, not for ever: its thread is a daemon."""
        self.over = True
        if self._kopf is not None:
            loop, task = self._kopf
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(task.cancel)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await self.ended.wait()

    def begins(self, key: tuple[str, str]) -> None:
        """A kind is about to be watched, in this run's own thread."""
        self._to_begin.discard(key)
        if not self._to_begin:
            self._loop.call_soon_threadsafe(self._on_begun)

    def fail(self, error: Exception) -> None:
        """Ends kopf, from within its own thread."""
        if not self.over and self._kopf is not None:
            self.over, self.error = True, error
            self._kopf[1].cancel()

    def _run(self) -> None:
        _runs.thread = self
        try:
            asyncio.run(self._operate())
        except BaseException as error:  # whatever ends it is told to the supervisor
            self.error = self.error if self.over else error
        with contextlib.suppress(RuntimeError):  # the process may be past its end
            self._loop.call_soon_threadsafe(self.ended.set)

    async def _operate(self) -> None:
        registry = kopf.OperatorRegistry()
        kopf.on.login(registry=registry, retries=3, backoff=1.0)(self._log_in)
        for source in self._sources:
            gvr = source.gvr
            kopf.on.event(gvr.group, gvr.version, gvr.plural, registry=registry, id=str(gvr))(self._handler(source))
        operator = kopf.operator(registry=registry, settings=_settings(), standalone=True, clusterwide=True)
        loop = asyncio.get_running_loop()
        task = loop.create_task(operator)
        self._kopf = loop, task
        if self.over:
            task.cancel()
        await task

    def _handler(self, source: Source) -> Any:
        async def handle(type: str | None, event: Any, **_: Any) -> None:  # noqa: A002 - kopf's name
            obj: Object = dict(event["object"])
            obj["metadata"] = dict(obj["metadata"])
            self._loop.call_soon_threadsafe(source.take, type, obj)

        return handle

    async def _log_in(self, **_: Any) -> kopf.ConnectionInfo:
        wait = self._last_login + _LOGIN_SECONDS - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)  # a refused credential asks for another at once, and again
        self._last_login = time.monotonic()
        login = self._login
        try:
            token = await login.token(True) if login.token is not None else None
        except LoginError as error:
            raise kopf.TemporaryError(str(error), delay=5) from error
        return kopf.ConnectionInfo(
            server=login.server,
            ca_data=login.ca.encode() if login.ca else None,
            insecure=login.insecure,
            token=token,
            certificate_data=login.client_certificate.encode() if login.client_certificate else None,
            private_key_data=login.client_key.encode() if login.client_key else None,
            proxy_url=login.proxy or None,
        )


class _NoDiffs(kopf.DiffBaseStorage):
    """Nobody asks what has changed in an object: to find that out, kopf copies each one."""

    def build(self, **_: object) -> kopf.BodyEssence:
        return kopf.BodyEssence()

    def fetch(self, **_: object) -> None:
        return None

    def store(self, **_: object) -> None:
        pass


def _settings() -> kopf.OperatorSettings:
    """kopf as a watcher and nothing else. Each value has a reason in docs/architecture.md."""
    settings = kopf.OperatorSettings()
    settings.scanning.disabled = True
    settings.posting.enabled = False
    settings.queueing.worker_limit = 200
    settings.queueing.idle_timeout = 0.05
    settings.watching.chunk_size = 500
    settings.watching.inactivity_timeout = 70.0
    settings.networking.error_backoffs = (0.1, 0.3, 1.0, 3.0)
    settings.networking.enforce_retry_after = True
    settings.process.ultimate_exiting_timeout = None
    settings.persistence.finalizer = "drover.dev/kopf"
    settings.persistence.diffbase_storage = _NoDiffs()
    return settings
