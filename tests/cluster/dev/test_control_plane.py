"""Starting, finding and removing control planes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from drover.dev import cluster, directories, processes
from drover.dev.cluster import ControlPlane
from drover.dev.errors import DevError
from drover.dev.kwok import APISERVER, COMPONENTS, ETCD, SCHEDULER
from drover.dev.options import Options

UP = """
import sys
from drover.dev.cluster import up
from drover.dev.options import Options
up(Options(sys.argv[1]), owned=True)
"""


@pytest.fixture
def name() -> Iterator[str]:
    name = f"test-dev-{os.getpid()}-b"
    yield name
    cluster.down(name)


def started(name: str, component: str) -> int:
    """Waits until kwokctl has started a component of the hub; its process id."""
    file = directories.control_planes() / name / "clusters/hub/pids" / f"{component}.pid"
    deadline = time.monotonic() + 60
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return int(file.read_text())


def half_started(name: str) -> subprocess.Popen[bytes]:
    """An `up` in another process that has just started kube-apiserver."""
    process = subprocess.Popen([sys.executable, "-c", UP, name], stderr=subprocess.DEVNULL)
    started(name, APISERVER)
    return process


def test_everything_listens_on_the_loopback_only(control_plane: ControlPlane) -> None:
    found = {}
    for instance in control_plane.instances:
        for component in COMPONENTS:
            process = instance.process(component)
            assert process is not None
            listening = [c for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
            found[instance.name, component] = {connection.laddr.ip for connection in listening}
    assert set(map(frozenset, found.values())) == {frozenset({"127.0.0.1"})}, found


def test_up_of_a_healthy_control_plane_returns_it(control_plane: ControlPlane) -> None:
    before = control_plane.hub.process("etcd")
    start = time.monotonic()
    assert cluster.up(control_plane.options) == control_plane
    assert time.monotonic() - start < 5
    assert control_plane.hub.process("etcd") == before


def test_up_with_other_options_is_an_error_that_names_the_way_out(control_plane: ControlPlane) -> None:
    with pytest.raises(DevError, match=r"runs already, with other options.*drover dev down --name"):
        cluster.up(Options(control_plane.name))


def test_another_process_finds_it_by_name(control_plane: ControlPlane) -> None:
    assert cluster.find(control_plane.name) == control_plane
    assert control_plane.name in cluster.names()


def test_a_second_one_runs_beside_it_and_leaves_nothing(control_plane: ControlPlane, name: str) -> None:
    kubectl_cache = Path.home() / ".kube/cache/discovery"
    with cluster.up(Options(name)) as second:
        directory = second.hub.layout.control_plane
        stale = kubectl_cache / f"127.0.0.1_{second.hub.port}"
        stale.mkdir(parents=True)
        assert len(processes.of_control_plane(directory)) == len(COMPONENTS)
        ports = [set(instance.ports.values()) for instance in (*control_plane.instances, second.hub)]
        assert len(set.union(*ports)) == sum(map(len, ports))
    assert processes.of_control_plane(directory) == []
    assert not directory.exists()
    assert not stale.exists()
    assert cluster.find(name) is None
    assert cluster.down(name) is False
    assert control_plane.hub.healthy()


def test_what_was_killed_half_way_or_is_broken_is_made_anew_by_the_next_up(name: str) -> None:
    killed = half_started(name)
    killed.kill()
    killed.wait()
    assert cluster.find(name) is None
    left = processes.of_control_plane(directories.control_planes() / name)
    assert left != []
    with cluster.up(Options(name)) as control_plane:
        assert control_plane.hub.healthy()
        assert [process for process in left if process.is_running()] == []

        # A broken one is made anew; a controller that ends while it starts is started again.
        control_plane.hub.kill(ETCD)
        (control_plane.hub.layout.workdir / "pids" / f"{SCHEDULER}.pid").unlink()
        killer = threading.Thread(target=lambda: os.kill(started(name, SCHEDULER), signal.SIGKILL))
        killer.start()
        assert cluster.up(Options(name)).hub.healthy()
        killer.join()


def test_after_a_sigkill_half_way_down_removes_the_rest(name: str) -> None:
    killed = half_started(name)
    killed.kill()
    killed.wait()
    assert cluster.down(name) is True
    directory = directories.control_planes() / name
    assert (processes.of_control_plane(directory), directory.exists()) == ([], False)


def test_what_a_killed_owner_left_is_removed_by_the_next_up_of_any_name(control_plane: ControlPlane, name: str) -> None:
    killed = half_started(name)
    killed.kill()
    killed.wait()
    cluster.up(control_plane.options)
    directory = directories.control_planes() / name
    assert (processes.of_control_plane(directory), directory.exists()) == ([], False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_half_way_leaves_nothing(name: str, number: signal.Signals) -> None:
    stopped = half_started(name)
    stopped.send_signal(number)
    assert stopped.wait(60) != 0
    directory = directories.control_planes() / name
    assert (processes.of_control_plane(directory), directory.exists()) == ([], False)


def test_a_flag_that_kube_apiserver_refuses_is_an_error_with_its_log(name: str) -> None:
    with pytest.raises(DevError, match=r"(?s)hub: .*unknown flag: --no-such-flag"):
        cluster.up(Options(name, apiserver_flags={"no-such-flag": "1"}))
    assert not (directories.control_planes() / name).exists()
