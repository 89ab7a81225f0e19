"""A control plane of its own for tests that stop, break or restart things."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from drover.dev import beside, cluster, companions
from drover.dev.beside import Replica
from drover.dev.cluster import ControlPlane
from drover.dev.options import Options
from drover.kube.client import Client
from drover.kube.login import default_login
from tests.cluster.scene import Scene, eventually

LEASE_SECONDS = "6"


@dataclass
class Stage:
    """A hub with an audit log where operators come and go."""

    control_plane: ControlPlane
    hub: Client
    kubeconfig: str
    directory: Path

    @property
    def audit_log(self) -> Path:
        return self.control_plane.hub.audit_log

    def start(self, name: str = "one", *arguments: str) -> Replica:
        """Starts an operator with a short Lease."""
        given = ["--lease-seconds", LEASE_SECONDS, "--deletion-patience", "8", "--log-level", "debug", *arguments]
        return beside.start(self.directory, name, self.kubeconfig, given)

    def scene(self, replica: Replica) -> Scene:
        """The usual steps, with the hub as the only cluster."""
        return Scene(self.hub, self.hub, replica)


@pytest.fixture(scope="package")
def spare() -> Iterator[ControlPlane]:
    """A hub alone."""
    with cluster.up(Options(name=f"test-operator-{os.getpid()}", audit=True), owned=True) as made:
        yield made


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def stage(spare: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """CRDs, policies and rights are there; no operator runs."""
    kubeconfig = await asyncio.to_thread(beside.prepare, spare.hub.kubeconfig)
    directory = tmp_path_factory.mktemp("operators")
    async with Client(default_login(str(spare.hub.kubeconfig))) as hub:
        yield Stage(spare, hub, kubeconfig, directory)
    await asyncio.to_thread(companions.end_all, directory)  # those of tests that failed


async def log_says(replica: Replica, text: str, seconds: float = 60.0) -> str:
    """Waits for a line in the log of an operator, and gives it."""

    async def look() -> str:
        lines = replica.log.read_text(errors="replace").splitlines() if replica.log.exists() else []
        return next((line for line in lines if text in line), "")

    return await eventually(look, f"the log says {text!r}", seconds)
