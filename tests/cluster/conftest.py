"""A real control plane for the tests: the embedded one, or with `--k8s-provider kind` clusters of kind."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from drover.dev import beside, binaries, cluster
from drover.dev.beside import Replica
from drover.dev.cluster import ControlPlane
from drover.dev.options import Options
from drover.kube.client import Client
from drover.kube.gvr import Object
from drover.kube.login import default_login
from tests.cluster.scene import ARGUMENTS, Scene, import_member
from tests.cluster.scheduling import ByControlPlane


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fetches or builds the programs now: a fixture would do it under the time limit of the first test."""
    if session.items and not session.config.option.collectonly and not session.config.option.k8s_provider:
        binaries.ensure()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByControlPlane:
    """How `make cluster` shares the tests between its workers."""
    return ByControlPlane(config, log)


@pytest.fixture(scope="session")
def control_plane(pytestconfig: pytest.Config) -> Iterator[ControlPlane]:
    """The embedded control plane: a hub and two members, with audit logs."""
    if pytestconfig.option.k8s_provider:
        pytest.fail("this test stops components or reads the audit log, which needs the embedded control plane")
    with cluster.up(Options(name=f"test-{os.getpid()}", members=2, audit=True), owned=True) as made:
        yield made


@pytest.fixture(scope="session")
def clusters(
    pytestconfig: pytest.Config, request: pytest.FixtureRequest, k8s_manager: Callable[..., type[Any]]
) -> Iterator[tuple[Any, ...]]:
    """pytest-kubernetes' managers of the hub and of two members."""
    provider = pytestconfig.option.k8s_provider
    if not provider:
        made: ControlPlane = request.getfixturevalue("control_plane")
        os.environ["PATH"] = f"{made.binaries.kubectl.parent}{os.pathsep}{os.environ['PATH']}"  # its `kubectl` is ours
        external = k8s_manager("external")
        yield tuple(external(instance.name, None, instance.kubeconfig) for instance in made.instances)
        return
    managers = [k8s_manager(provider)(name) for name in ("hub", "edge", "branch")]
    try:
        for manager in managers:
            manager.create()
        yield tuple(managers)
    finally:
        for manager in managers:
            manager.delete()


@pytest.fixture(scope="session")
def k8s(clusters: tuple[Any, ...]) -> Any:
    """pytest-kubernetes' fixture: the hub."""
    return clusters[0]


@pytest.fixture(scope="session")
def hub_kubeconfig(clusters: tuple[Any, ...]) -> Path:
    """The administrator's kubeconfig of the hub."""
    return Path(clusters[0].kubeconfig)


@pytest.fixture(scope="session")
def member_kubeconfig(clusters: tuple[Any, ...]) -> Path:
    """The administrator's kubeconfig of the member."""
    return Path(clusters[1].kubeconfig)


@pytest.fixture(scope="session")
def kubectl(pytestconfig: pytest.Config) -> str:
    """The kubectl of the control plane; that of the machine with another provider."""
    return "kubectl" if pytestconfig.option.k8s_provider else str(binaries.ensure().kubectl)


@pytest.fixture(scope="session")
def operator_kubeconfig(hub_kubeconfig: Path) -> str:
    """CRDs, policies and rights are in the hub; a kubeconfig of Drover's ServiceAccount."""
    return beside.prepare(hub_kubeconfig)


@pytest.fixture(scope="session")
def edge_secret(hub_kubeconfig: Path, member_kubeconfig: Path, operator_kubeconfig: str) -> str:
    """The Secret in fleet-default with the member's kubeconfig."""
    beside.put_secret(hub_kubeconfig, "edge-kubeconfig", beside.member_kubeconfig(member_kubeconfig))
    return "edge-kubeconfig"


@pytest.fixture(scope="session")
def branch_secret(hub_kubeconfig: Path, clusters: tuple[Any, ...], operator_kubeconfig: str) -> str:
    """The Secret in fleet-default with the kubeconfig of the second member, which one test at a time imports."""
    beside.put_secret(hub_kubeconfig, "branch-kubeconfig", beside.member_kubeconfig(Path(clusters[2].kubeconfig)))
    return "branch-kubeconfig"


@pytest.fixture(scope="session")
def drover(operator_kubeconfig: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """The operator, with exactly the rights that it is installed with."""
    directory = tmp_path_factory.mktemp("drover")
    replica = beside.start(directory, "operator", operator_kubeconfig, ARGUMENTS)
    yield replica
    replica.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hub(hub_kubeconfig: Path) -> AsyncIterator[Client]:
    """The administrator's client of the hub."""
    async with Client(default_login(str(hub_kubeconfig))) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def member(member_kubeconfig: Path) -> AsyncIterator[Client]:
    """The administrator's client of the member."""
    async with Client(default_login(str(member_kubeconfig))) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def branch_client(clusters: tuple[Any, ...]) -> AsyncIterator[Client]:
    """The administrator's client of the second member."""
    async with Client(default_login(str(clusters[2].kubeconfig))) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def scene(hub: Client, member: Client, drover: Replica, edge_secret: str) -> Scene:
    """Drover runs, and the member is imported as the Cluster `edge`."""
    scene = Scene(hub, member, drover)
    await import_member(scene, "edge", edge_secret)
    return scene


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def branch(scene: Scene, branch_secret: str) -> AsyncIterator[Object]:
    """The second member, imported: it goes away and comes back, and the first one is not disturbed."""
    obj = await import_member(scene, "branch", branch_secret)
    yield obj
    await scene.delete(obj)
    await scene.gone(obj)
