"""A hub for a benchmark, with an audit log, and the operator beside it."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from drover.dev import beside, cluster
from drover.dev.beside import Replica
from drover.dev.cluster import ControlPlane
from drover.dev.options import Options
from drover.kube.client import Client
from drover.kube.login import default_login

_SECONDS = 300.0


@dataclass
class Stage:
    """Where a benchmark happens."""

    control_plane: ControlPlane
    hub: Client
    kubeconfig: str
    directory: Path

    @property
    def audit_log(self) -> Path:
        """One JSON object a request."""
        return self.control_plane.hub.audit_log

    async def start(self) -> Replica:
        """Starts the operator."""
        return await asyncio.to_thread(beside.start, self.directory, "operator", self.kubeconfig)


@asynccontextmanager
async def stage(name: str) -> AsyncIterator[Stage]:
    """An empty hub with CRDs, policies and rights; everything is removed at the end."""
    options = Options(name=f"bench-{name}-{os.getpid()}", audit=True)
    made = await asyncio.to_thread(cluster.up, options)
    with tempfile.TemporaryDirectory() as directory:
        try:
            kubeconfig = await asyncio.to_thread(beside.prepare, made.hub.kubeconfig)
            async with Client(default_login(str(made.hub.kubeconfig))) as hub:
                stage = Stage(made, hub, kubeconfig, Path(directory))
                try:
                    yield stage
                finally:
                    await asyncio.to_thread(Replica(stage.directory, "operator", Path(), "").stop)
        finally:
            await asyncio.to_thread(made.down)


async def until(look: Callable[[], Awaitable[bool]], what: str) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + _SECONDS
    while not await look():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {_SECONDS:.0f} s: {what}")
        await asyncio.sleep(0.02)
