"""One cluster of a control plane: where it is reached, and its components, which can be stopped and started."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import yaml

from drover.dev import kubeconfig, node, processes
from drover.dev.apiserver import Apiserver
from drover.dev.errors import DevError
from drover.dev.kwok import APISERVER, COMPONENTS, PORT_OF, Layout
from drover.dev.ports import LOOPBACK

_POLL_SECONDS = 0.05
_LOG_LINES = 15


@dataclass(frozen=True)
class Instance:
    """A hub or a member.

    `component` is one of `etcd`, `kube-apiserver`, `kube-controller-manager`, `kube-scheduler`, `kwok-controller`.
    Every function blocks; from asyncio use `asyncio.to_thread`.
    """

    layout: Layout
    context: str
    ports: Mapping[str, int]
    nodes: int

    @property
    def name(self) -> str:
        """`hub` or `member-<n>`."""
        return self.layout.instance

    @property
    def port(self) -> int:
        """Where kube-apiserver listens on 127.0.0.1."""
        return self.ports[PORT_OF[APISERVER]]

    @property
    def server(self) -> str:
        """The URL of kube-apiserver."""
        return f"https://{LOOPBACK}:{self.port}"

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig of the administrator (group system:masters) with all certificates inside."""
        return self.layout.kubeconfig

    @property
    def audit_log(self) -> Path:
        """One JSON object a request, there when the options ask for it."""
        return self.layout.audit_log

    @cached_property
    def apiserver(self) -> Apiserver:
        """A minimal client."""
        return Apiserver(self.port, self.layout.workdir / "pki")

    def kubeconfig_for(self, server: str) -> str:
        """A kubeconfig as YAML for another address, such as a proxy's; certificates are still verified."""
        return yaml.safe_dump(kubeconfig.render(self.context, server, self.layout.workdir / "pki"), sort_keys=False)

    def log(self, component: str) -> Path:
        """What the component wrote."""
        return self.layout.workdir / "logs" / f"{_known(component)}.log"

    def process(self, component: str) -> psutil.Process | None:
        """The running process of a component, None when it doesn't run."""
        return processes.running(self.layout.program(_known(component)))

    def stopped(self) -> tuple[str, ...]:
        """The components that don't run."""
        running = processes.programs(self.layout.control_plane)
        return tuple(component for component in COMPONENTS if str(self.layout.program(component)) not in running)

    def stop(self, component: str, seconds: float = 10.0) -> None:
        """Ends a component with SIGTERM, after `seconds` with SIGKILL, and waits until it is gone."""
        if process := self.process(component):
            processes.terminate(process, seconds)

    def kill(self, component: str) -> None:
        """Ends a component with SIGKILL, as a crash would, and waits until it is gone."""
        if process := self.process(component):
            processes.kill(process)

    def pause(self, component: str) -> None:
        """Freezes a component (SIGSTOP): its connections stay open and nothing answers."""
        self._required(component).suspend()

    def resume(self, component: str) -> None:
        """Ends `pause`."""
        self._required(component).resume()

    def start(self, component: str, seconds: float = 60.0) -> None:
        """Starts a component that doesn't run, as it was started before, and waits until it answers.

        Raises DevError when it doesn't within `seconds`; with 0 nothing is waited for.
        """
        if self.process(component) is None:
            self._spawn(component)
        deadline = time.monotonic() + seconds
        while seconds and not self.answers(component):
            if time.monotonic() > deadline:
                raise DevError(
                    f"{self.name}: {component} doesn't answer after {seconds:.0f} s{self._end_of_log(component)}"
                )
            time.sleep(_POLL_SECONDS)

    def restart(self, component: str, seconds: float = 60.0) -> None:
        """`stop`, then `start`."""
        self.stop(component)
        self.start(component, seconds)

    def answers(self, component: str) -> bool:
        """Whether kube-apiserver says that it is ready; of any other component, whether it accepts connections."""
        if component == APISERVER:
            return self.apiserver.ready()
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((LOOPBACK, self.ports[PORT_OF[_known(component)]])) == 0

    def healthy(self) -> bool:
        """Whether every component runs and kube-apiserver is ready."""
        return not self.stopped() and self.apiserver.ready()

    def wait_ready(self, seconds: float = 60.0, stop: threading.Event | None = None) -> None:
        """Waits until kube-apiserver is ready, every node is Ready and namespaces get their ServiceAccount.

        Raises DevError when a component has ended, after `seconds`, or when `stop` is set; the message has the end of
        a log.
        """
        stop = stop or threading.Event()
        deadline = time.monotonic() + seconds
        while missing := self._missing():
            ended = self.stopped()
            if ended:
                raise DevError(self.obituary(ended[0]))
            if time.monotonic() > deadline:
                raise DevError(
                    f"{self.name} is not ready after {seconds:.0f} s: {missing}{self._end_of_log(APISERVER)}"
                )
            if stop.wait(_POLL_SECONDS):
                raise DevError(f"{self.name}: given up while {missing}")

    def obituary(self, component: str) -> str:
        """Says that a component has ended, with the end of its log."""
        return f"{self.name}: {component} has ended{self._end_of_log(component)}"

    def _missing(self) -> str:
        if not self.apiserver.ready():
            return f"{self.server}/readyz doesn't say ok"
        ready = node.ready(self.apiserver)
        if ready < self.nodes:
            return f"{ready} of {self.nodes} nodes are Ready"
        if self.apiserver.get("/api/v1/namespaces/default/serviceaccounts/default") is None:
            return "the namespace default has no ServiceAccount yet"
        return ""

    def _required(self, component: str) -> psutil.Process:
        process = self.process(component)
        if process is None:
            raise DevError(f"{self.name}: {component} doesn't run; start it first")
        return process

    def _spawn(self, component: str) -> None:
        """Runs the command that kwokctl wrote down, in a session of its own: it must outlive this process."""
        wanted = self._component(component)
        program = str(wanted["binary"])
        environment = os.environ | {entry["name"]: entry["value"] for entry in wanted.get("envs", ())}
        append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        pid = os.posix_spawn(
            program,
            [program, *wanted["args"]],
            environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(self.log(component)), append, 0o644),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )
        (self.layout.workdir / "pids" / f"{component}.pid").write_text(str(pid))

    def _component(self, component: str) -> dict[str, Any]:
        documents = yaml.safe_load_all((self.layout.workdir / "kwok.yaml").read_text())
        for document in documents:
            for found in (document or {}).get("components", ()):
                if found["name"] == component:
                    return dict(found)
        raise DevError(f"{self.layout.workdir / 'kwok.yaml'} has no component {component}")

    def _end_of_log(self, component: str) -> str:
        try:
            lines = self.log(component).read_text(errors="replace").splitlines()[-_LOG_LINES:]
        except OSError:
            return ""
        return f". The end of the log of {component}:\n" + "\n".join(f"    {line[:400]}" for line in lines)


def _known(component: str) -> str:
    if component not in COMPONENTS:
        raise DevError(f'"{component}" is not a component; use one of {", ".join(COMPONENTS)}')
    return component
