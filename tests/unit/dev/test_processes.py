from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from drover.dev import processes


@contextmanager
def pretending(*command: str) -> Iterator[psutil.Process]:
    """A process that sleeps and whose command line is `command`."""
    script = 'exec -a "$1" bash -c "read -r _ < <(sleep 60)" "${@:2}"'
    with subprocess.Popen(["bash", "-c", script, "bash", *command], start_new_session=True) as process:
        found = psutil.Process(process.pid)
        while found.cmdline()[:1] != [command[0]]:
            pass
        try:
            yield found
        finally:
            for child in found.children(recursive=True) if found.is_running() else ():
                child.kill()
            process.kill()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "dev"


def test_only_what_was_started_for_a_control_plane_is_its_own(directory: Path) -> None:
    with ExitStack() as stack:
        etcd = stack.enter_context(pretending(f"{directory}/clusters/hub/bin/etcd"))
        kwokctl = stack.enter_context(pretending("/bin/kwokctl", "create", f"--config={directory}/hub/kwokctl.yaml"))
        stack.enter_context(pretending(f"{directory}-2/clusters/hub/bin/etcd"))
        stack.enter_context(pretending("kubectl", f"--kubeconfig={directory}/hub/kubeconfig", "get", "pods"))
        stack.enter_context(pretending("tail", "-f", f"{directory}/clusters/hub/logs/etcd.log"))
        assert processes.of_control_plane(directory) == [kwokctl, etcd]


def test_a_component_is_found_by_its_path_and_not_by_its_name(directory: Path) -> None:
    with pretending(f"{directory}/clusters/member-1/bin/etcd") as etcd:
        assert processes.running(directory / "clusters/member-1/bin/etcd") == etcd
        assert processes.running(directory / "clusters/member-2/bin/etcd") is None


def test_kill_all_waits_until_they_are_gone(directory: Path) -> None:
    with pretending(f"{directory}/clusters/hub/bin/etcd") as etcd:
        processes.kill_all(directory)
        assert not etcd.is_running()


def test_a_stopped_process_is_terminated_too(directory: Path) -> None:
    with pretending(f"{directory}/clusters/hub/bin/etcd") as etcd:
        etcd.suspend()
        processes.terminate(etcd, 5)
        assert not etcd.is_running()
