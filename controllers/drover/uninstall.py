"""Before Drover is removed from a cluster its finalizers have to go: nothing else would take them off."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from drover.api.keys import OWNER_UID, UPSTREAM_FINALIZERS
from drover.kinds.resources import SERVED
from drover.kube.client import Client
from drover.kube.errors import Conflict, NotFound
from drover.kube.gvr import GVR, LEASES, NAMESPACES, Key, Object, identity, key_of
from drover.rules.objects import Obj, finalizers, label, name_of

_OURS = ("drover.dev/", *UPSTREAM_FINALIZERS)
_AT_ONCE = 16
_ATTEMPTS = 5
_MANAGER = "drover-uninstall"


@dataclass(frozen=True, slots=True)
class Target:
    """An object with finalizers that would hold it for ever; `kept` are those of others, which stay."""

    gvr: GVR
    key: Key
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """What is in the cluster: objects to free, and the namespaces that Drover made."""

    targets: tuple[Target, ...]
    namespaces: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        """How many objects of each kind are to be freed."""
        return dict(Counter(str(target.gvr) for target in self.targets))


def target(gvr: GVR, obj: Obj) -> Target | None:
    """What is to be done about an object: Drover's finalizers go, and those of an upstream server, which Drover would
    take off too. None where there is none of them."""
    found = finalizers(obj)
    kept = tuple(name for name in found if not name.startswith(_OURS))
    return Target(gvr, key_of(dict(obj)), kept) if len(kept) < len(found) else None


async def survey(client: Client) -> Survey:
    """Looks at every object of the kinds; a kind that is not served has none."""
    targets: list[Target] = []
    for gvr in SERVED:
        with contextlib.suppress(NotFound):
            async for page in client.pages(gvr):
                targets += [found for obj in page.items if (found := target(gvr, obj))]
    namespaces = [name_of(each) for each in await client.list(NAMESPACES) if label(each, OWNER_UID)]
    return Survey(tuple(targets), tuple(sorted(namespaces)))


async def running(client: Client, namespace: str) -> str:
    """Who holds the Lease and renews it; empty for nobody.

    A holder that does not renew it for as long as it lasts is gone. The times in the Lease are not trusted: clocks
    differ.
    """
    try:
        first = await _lease(client, namespace)
    except NotFound:
        return ""
    deadline = time.monotonic() + float(first.get("leaseDurationSeconds") or 0)
    spec = first
    while holder := str(spec.get("holderIdentity") or ""):
        if spec.get("renewTime") != first.get("renewTime"):
            return holder
        if time.monotonic() > deadline:
            return ""
        await asyncio.sleep(0.5)
        spec = await _lease(client, namespace)
    return ""


async def _lease(client: Client, namespace: str) -> dict[str, Any]:
    lease = await client.get(LEASES, "drover", namespace)
    return lease.get("spec") or {}


async def free(client: Client, targets: Iterable[Target]) -> int:
    """Takes the finalizers off; gives how many objects were freed. One that is being deleted goes at once."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(each: Target) -> bool:
        async with slots:
            return await _free(client, each)

    return sum(await asyncio.gather(*(one(each) for each in targets)))


async def _free(client: Client, wanted: Target) -> bool:
    for attempt in range(_ATTEMPTS):
        try:
            obj = await client.get(wanted.gvr, wanted.key.name, wanted.key.namespace)
            now = target(wanted.gvr, obj)
            if now is None:
                return False
            await client.merge(wanted.gvr, _patch(obj, now), manager=_MANAGER)
        except NotFound:
            return False
        except Conflict:  # somebody else changed the object in between
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return True
    return False


def _patch(obj: Object, wanted: Target) -> Object:
    """Only for the object as it was read, so that no finalizer that came meanwhile is lost."""
    return {"metadata": {**identity(obj), "finalizers": list(wanted.kept)}}
