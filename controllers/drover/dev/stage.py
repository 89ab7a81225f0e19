"""A hub with an audit log on which operators come and go: for tests of faults and for benchmarks."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from drover.dev import beside, cluster, companions
from drover.dev.beside import Replica
from drover.dev.cluster import ControlPlane
from drover.dev.options import Options
from drover.kube.client import Client
from drover.kube.login import default_login


@dataclass(frozen=True)
class Stage:
    """CRDs, policies and rights are there; no operator runs until `start`. `arguments` go to each operator."""

    control_plane: ControlPlane
    hub: Client
    kubeconfig: str
    directory: Path
    arguments: tuple[str, ...] = ()

    @property
    def audit_log(self) -> Path:
        """One JSON object a request."""
        return self.control_plane.hub.audit_log

    def start(self, name: str = "one", *arguments: str, environment: Mapping[str, str] | None = None) -> Replica:
        """Starts an operator, with flags beside those of the stage and further environment variables."""
        return beside.start(self.directory, name, self.kubeconfig, [*self.arguments, *arguments], environment)


@asynccontextmanager
async def stage(name: str, *, members: int = 0, arguments: Sequence[str] = ()) -> AsyncIterator[Stage]:
    """A control plane of its own; it and every operator on it end with the context."""
    options = Options(name=name, members=members, audit=True)
    made = await asyncio.to_thread(cluster.up, options, owned=True)
    try:
        with tempfile.TemporaryDirectory() as directory:
            kubeconfig = await asyncio.to_thread(beside.prepare, made.hub.kubeconfig)
            async with Client(default_login(str(made.hub.kubeconfig))) as hub:
                try:
                    yield Stage(made, hub, kubeconfig, Path(directory), tuple(arguments))
                finally:
                    await asyncio.to_thread(companions.end_all, Path(directory))
    finally:
        await asyncio.to_thread(made.down)
