"""Faults at chosen writes of the operator: refused, answered by nobody, or the last thing that it does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

import psutil

from drover.dev.beside import Replica
from drover.kube.errors import NotFound
from drover.kube.gvr import LEASES
from tests.faults.conftest import Ground
from tests.faults.intercept import Answer, Asked

Chosen = Callable[[int], bool]
"""Whether something happens at a write, by its number since the count began."""


def never(_number: int) -> bool:
    """At no write."""
    return False


class Writes:
    """Runs an operator and counts its writes to the hub and the member.

    A chosen write is answered with `refusal`, and the server never gets it; without one the server has done it, and
    its answer is lost with the connection. `arguments` go to the operator.
    """

    def __init__(
        self, ground: Ground, chosen: Chosen = never, *, refusal: Answer | None = None, arguments: Sequence[str] = ()
    ) -> None:
        self.made = 0
        self.faults = 0
        self.created: list[str] = []
        self.log: list[str] = []
        """Each write that was done, as `METHOD resource/subresource name`."""
        self._ground = ground
        self._chosen = chosen
        self._refusal = refusal
        self._arguments = arguments
        self._replica: Replica | None = None

    async def __aenter__(self) -> Self:
        for proxy in (self._ground.hub, self._ground.member):
            proxy.before, proxy.after = self._asked, self._done
        await self._start()
        return self

    async def _start(self) -> None:
        self._replica = await asyncio.to_thread(self._ground.stage.start, "one", *self._arguments)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for proxy in (self._ground.hub, self._ground.member):
            proxy.reset()

    @property
    def replica(self) -> Replica:
        """The operator that runs now."""
        assert self._replica is not None
        return self._replica

    def choose(self, chosen: Chosen = never) -> None:
        """Counts anew, and chooses other writes from now on."""
        self.made, self.faults, self.created, self.log = 0, 0, [], []
        self._chosen = chosen

    async def rest(self, seconds: float = 5.0) -> None:
        """Waits until nothing was written for a while."""
        before = -1
        while before != self.made:
            before = self.made
            await asyncio.sleep(seconds)

    def strike(self) -> None:
        """What else happens at a chosen write."""

    async def _asked(self, asked: Asked) -> Answer | None:
        if self._refusal is not None and asked.write and self._counts():
            return self._refusal
        return None

    def _done(self, asked: Asked, status: int) -> bool:
        if not asked.write or status >= 300:
            return True
        what = "/".join(filter(None, (f"{asked.method} {asked.resource}", asked.subresource)))
        self.log.append(f"{what} {asked.name}")
        if status == 201:
            self.created.append(asked.resource)
        return self._refusal is not None or not self._counts()

    def _counts(self) -> bool:
        self.made += 1
        if not self._chosen(self.made):
            return False
        self.faults += 1
        self.strike()
        return True


class Killer(Writes):
    """At a chosen write the operator is ended with SIGKILL: before the server gets it (`before`), or when it has done
    it and nobody has its answer.

    It is started again at once, and the Lease of the dead one is taken away so that nothing is waited for.
    """

    def __init__(self, ground: Ground, chosen: Chosen = never, *, before: bool = False) -> None:
        refusal = Answer(503, "ServiceUnavailable") if before else None  # nobody is left to read it
        # a deletion that takes many lives is not to lose its patience
        super().__init__(ground, chosen, refusal=refusal, arguments=("--deletion-patience", "600"))
        self._process: psutil.Process | None = None
        self._died = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._process = self.replica.process
        self._keeping = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._keeping is not None
        self._keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._keeping
        await super().__aexit__(kind, error, traceback)

    def strike(self) -> None:
        """Kills it."""
        assert self._process is not None
        self._process.kill()
        self._process = None
        self._died.set()

    def _counts(self) -> bool:
        return self._process is not None and super()._counts()  # else it is on its way from a process that is dead

    async def _keep(self) -> None:
        while True:
            await self._died.wait()
            self._died.clear()
            hub = self._ground.stage.hub
            with contextlib.suppress(NotFound):
                lease = await hub.get(LEASES, "drover", "drover-system")
                await hub.delete(LEASES, "drover", "drover-system", uid=lease["metadata"]["uid"])
            await self._start()
            self._process = self.replica.process
