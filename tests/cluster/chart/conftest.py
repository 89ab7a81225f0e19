"""A control plane of its own, on which the chart is installed, upgraded and removed."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from drover.dev import beside, cluster, companions, helm
from drover.dev.beside import Replica
from drover.dev.options import Options
from drover.kube.client import Client
from drover.kube.login import default_login
from tests.cluster.chart.release import Release, previous, release_on
from tests.cluster.scene import SHORT_LEASE, Scene


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fetches or builds helm now: a fixture would do it under the time limit of the first test."""
    if any("cluster/chart" in item.nodeid for item in session.items) and not session.config.option.collectonly:
        helm.ensure()


@pytest.fixture(scope="module")
def release() -> Iterator[Release]:
    """Nothing is installed yet."""
    with cluster.up(Options(name=f"test-chart-{os.getpid()}", audit=True), owned=True) as plane:
        yield release_on(plane)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub(release: Release) -> AsyncIterator[Client]:
    """The administrator's client."""
    async with Client(default_login(str(release.plane.hub.kubeconfig))) as client:
        yield client


@dataclass(frozen=True)
class Operator:
    """Drover beside the cluster, with a token of the release's own ServiceAccount."""

    directory: Path
    kubeconfig: str

    def start(self) -> Replica:
        """One that runs already is ended."""
        return beside.start(self.directory, "one", self.kubeconfig, SHORT_LEASE)


@pytest.fixture(scope="module")
def operator(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """The previous version of the chart is installed; no operator runs until `start`."""
    release.kubectl("create", "namespace", "drover-system")
    release.kubectl("label", "namespace", "drover-system", "pod-security.kubernetes.io/enforce=restricted")
    release.apply(previous(tmp_path_factory.mktemp("previous")))
    directory = tmp_path_factory.mktemp("operator")
    yield Operator(directory, beside.credential(release.plane.hub.kubeconfig))
    companions.end_all(directory)


@pytest.fixture(scope="module")
def scene(hub: Client, operator: Operator) -> Scene:
    """The operator runs."""
    return Scene(hub, hub, operator.start())
