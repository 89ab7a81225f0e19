"""Leader election by a Lease: one replica writes, and it stops before its Lease can be another's."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from drover.kube import metrics
from drover.kube.client import Client
from drover.kube.clock import monotonic
from drover.kube.errors import ApiError, Conflict, NotFound, NotLeading, Unreachable
from drover.kube.gvr import LEASES, Object
from drover.kube.tasks import ended

log = logging.getLogger(__name__)

_END_SECONDS = 2.0


async def _nothing() -> None:
    """Where nothing else writes."""


@dataclass(frozen=True, slots=True)
class LeaseSettings:
    """Where the Lease is and its times, in seconds: a leader writes for `duration - margin` after its last renewal."""

    namespace: str
    name: str = "drover"
    duration: float = 15.0
    retry: float = 2.0
    margin: float = 3.0


class Elector:
    """Holds the Lease, or waits for it.

    `run` calls `lead` while this process holds it and cancels it when it no longer does. `fence` is for clients: it
    refuses writes without a valid Lease. Whether somebody else's Lease has ended is told by how long it did not
    change here, never by the times in it: clocks differ.
    """

    def __init__(
        self, client: Client, identity: str, settings: LeaseSettings, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self.identity = identity
        self._client = client
        self._settings = settings
        self._clock = clock
        self._valid_until = 0.0
        self._seen: tuple[Any, float] = (None, 0.0)
        self._ends = 0.0

    async def close(self) -> None:
        """Ends its connections."""
        await self._client.close()

    @property
    def leading(self) -> bool:
        """Whether this process may write now."""
        return self._clock() < self._valid_until

    def fence(self) -> float:
        """Seconds for which this process may still write; raises `NotLeading`."""
        left = self._valid_until - self._clock()
        if left <= 0:
            raise NotLeading("this replica does not hold the Lease")
        return left

    async def run(self, lead: Callable[[], Awaitable[None]], at_end: Callable[[], Awaitable[None]] = _nothing) -> None:
        """Takes part until cancelled; gives the Lease back at the end, once `at_end` has ended what may write still."""
        leader: asyncio.Task[None] | None = None
        try:
            while True:
                await self._try()
                if self.leading and leader is None:
                    log.info("leading", extra={"lease": self._settings.name, "identity": self.identity})
                    metrics.LEADING.labels(self._settings.name).set(1)
                    leader = asyncio.ensure_future(_run(lead))
                elif leader is not None and (leader.done() or not self.leading):
                    log.warning("no longer leading", extra={"lease": self._settings.name, "identity": self.identity})
                    metrics.LEADING.labels(self._settings.name).set(0)
                    await _end(leader)
                    leader = None
                await asyncio.sleep(self._pause())
        finally:
            if leader is not None:
                await _end(leader)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_END_SECONDS):
                    await at_end()
            with contextlib.suppress(ApiError, Unreachable, TimeoutError):
                async with asyncio.timeout(_END_SECONDS):
                    await self._release()

    def _pause(self) -> float:
        """A leader also wakes at the moment its right to write ends, so that it stops its work then; a standby when the
        Lease that it saw ends. It looks twice as often as a leader renews: what it sees late, it ends late."""
        leading = self.leading
        until, retry = (self._valid_until, self._settings.retry) if leading else (self._ends, self._settings.retry / 2)
        left = until - self._clock()
        return max(0.05, min(retry, left)) if left > 0 else retry

    async def _try(self) -> None:
        started = self._clock()
        try:
            async with asyncio.timeout(max(1.0, self._settings.duration / 3)):
                held = await self._take(started)
        except (ApiError, Unreachable, TimeoutError) as error:
            if not isinstance(error, Conflict):
                why = str(error) or "no answer in time"
                log.warning("lease not renewed: %s", why, extra={"lease": self._settings.name})
            return
        if held:
            self._valid_until = started + self._settings.duration - self._settings.margin
        else:
            self._valid_until = 0.0

    async def _take(self, now: float) -> bool:
        try:
            lease = await self._client.get(LEASES, self._settings.name, self._settings.namespace)
        except NotFound:
            if now < self._ends:
                return False  # somebody has deleted it, and the one that held it may write still
            await self._client.create(LEASES, self._body(None), manager="drover-lease")
            return True
        spec = lease.get("spec") or {}
        holder = spec.get("holderIdentity") or ""
        if holder not in ("", self.identity) and not self._ended(spec, now):
            return False
        await self._client.replace(LEASES, self._body(lease), manager="drover-lease")
        self._ends = 0.0
        return True

    def _ended(self, spec: dict[str, Any], now: float) -> bool:
        record = (spec.get("holderIdentity"), spec.get("renewTime"), spec.get("leaseTransitions"))
        if self._seen[0] != record:
            self._seen = (record, now)
            self._ends = now + float(spec.get("leaseDurationSeconds") or self._settings.duration)
            return False
        return now >= self._ends

    def _body(self, lease: Object | None) -> Object:
        spec = (lease or {}).get("spec") or {}
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        ours = spec.get("holderIdentity") == self.identity
        transitions = int(spec.get("leaseTransitions") or 0) + (0 if ours or lease is None else 1)
        return {
            "apiVersion": LEASES.api_version,
            "kind": LEASES.kind,
            "metadata": {"name": self._settings.name, "namespace": self._settings.namespace, **_version(lease)},
            "spec": {
                "holderIdentity": self.identity,
                "leaseDurationSeconds": int(self._settings.duration),
                "acquireTime": spec.get("acquireTime") if ours else now,
                "renewTime": now,
                "leaseTransitions": transitions,
            },
        }

    async def _release(self) -> None:
        if not self._valid_until:
            return
        self._valid_until = 0.0  # it may have passed already, and the Lease can still be ours
        metrics.LEADING.labels(self._settings.name).set(0)
        lease = await self._client.get(LEASES, self._settings.name, self._settings.namespace)
        if (lease.get("spec") or {}).get("holderIdentity") != self.identity:
            return
        lease["spec"] |= {"holderIdentity": "", "leaseDurationSeconds": 1}
        await self._client.replace(LEASES, lease, manager="drover-lease")


def _version(lease: Object | None) -> dict[str, str]:
    return {} if lease is None else {"resourceVersion": lease["metadata"]["resourceVersion"]}


async def _run(lead: Callable[[], Awaitable[None]]) -> None:
    await lead()


async def _end(leader: asyncio.Task[None]) -> None:
    await ended(leader)
    if not leader.cancelled() and (error := leader.exception()) is not None:
        log.error("leading ended with an error, and begins again", exc_info=error)
