"""Starts the clusters of a control plane, several at a time."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import yaml

from drover.dev import discovery, kwok, node
from drover.dev.binaries import Binaries
from drover.dev.errors import DevError
from drover.dev.instance import Instance
from drover.dev.options import Options
from drover.dev.progress import Step

_AT_A_TIME = 4
_POLL_SECONDS = 0.1
_LOOK_SECONDS = 0.5
_START_SECONDS = 180.0
_RESTARTS = 3
_LOG_LINES = 20
_VITAL = frozenset({kwok.ETCD, kwok.APISERVER})  # without one of them nothing comes right by itself


def launch_all(options: Options, instances: tuple[Instance, ...], programs: Binaries, step: Step) -> None:
    """Starts every instance and waits until all are ready.

    Raises DevError for the first that fails. When it raises, no thread of it runs any more; processes may.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        try:
            futures = [pool.submit(_Launch(options, instance, programs, stop).run) for instance in instances]
            _wait(futures, step)
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


def _wait(futures: list[Future[None]], step: Step) -> None:
    pending = set(futures)
    while pending:
        finished, pending = wait(pending, timeout=_POLL_SECONDS, return_when=FIRST_EXCEPTION)
        for future in finished:
            future.result()
        step.update(len(futures) - len(pending), len(futures))


@dataclass(frozen=True)
class _Launch:
    """The start of one instance; it ends early, with an error, when `stop` is set."""

    options: Options
    instance: Instance
    programs: Binaries
    stop: threading.Event

    def run(self) -> None:
        self._write_files()
        self._run_kwokctl()
        discovery.forget(self.instance.server)
        self._write_kubeconfig()
        self._create_nodes()
        self._wait_ready()

    def _write_files(self) -> None:
        layout = self.instance.layout
        layout.files.mkdir(parents=True)
        for name, content in {kwok.AUDIT_POLICY: kwok.AUDIT_POLICY_CONTENT, **self.options.apiserver_files}.items():
            (layout.files / name).write_text(content)
        config = kwok.configuration(self.options, layout, self.programs, self.instance.ports)
        layout.config.write_text(yaml.safe_dump(config, sort_keys=False))

    def _run_kwokctl(self) -> None:
        """Makes the certificates and starts the components."""
        layout = self.instance.layout
        config = f"--config={layout.config}"
        # No --kubeconfig: kwokctl would write into the user's.
        arguments = ("create", "cluster", config, f"--name={self.instance.name}", "--kubeconfig=")
        log = layout.directory / "kwokctl.log"
        with (
            log.open("w") as output,
            subprocess.Popen(
                [self.programs.kwokctl, *arguments],
                env=kwok.environment(layout.control_plane, self.programs.kubectl.parent, os.environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone; we end it
            ) as process,
        ):
            try:
                self._watch(process)
            finally:
                process.kill()
        if process.returncode != 0:
            end = "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-_LOG_LINES:])
            raise DevError(f"{self.instance.name}: kwokctl ended with {process.returncode}:\n{end}")

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Returns when kwokctl has ended or should be ended; kwokctl itself doesn't notice that a component has."""
        deadline = time.monotonic() + _START_SECONDS
        look = 0.0
        while process.poll() is None and not self.stop.wait(_POLL_SECONDS):
            now = time.monotonic()
            if now > deadline:
                raise DevError(f"{self.instance.name}: kwokctl is not done after {_START_SECONDS:.0f} s")
            if now > look:
                look = now + _LOOK_SECONDS
                self._check_vital()

    def _write_kubeconfig(self) -> None:
        file = self.instance.kubeconfig
        file.touch(mode=0o600)
        file.write_text(self.instance.kubeconfig_for(self.instance.server))

    def _create_nodes(self) -> None:
        """Tries until it works: kube-apiserver answers before its admission plugins are ready."""
        deadline = time.monotonic() + _START_SECONDS
        for number in range(self.options.nodes):
            while problem := node.create(self.instance.apiserver, number + 1, self.options.kubernetes):
                if self.stop.wait(_POLL_SECONDS) or time.monotonic() > deadline:
                    raise DevError(f"{self.instance.name}: {problem}")
                self._check_vital()

    def _wait_ready(self) -> None:
        """Starts a controller again that has ended: kube-controller-manager gives a slow kube-apiserver only 10 s."""
        for _ in range(_RESTARTS):
            self._check_vital()
            for component in self.instance.stopped():
                self.instance.start(component, seconds=0)
            try:
                return self.instance.wait_ready(_START_SECONDS, self.stop)
            except DevError:
                if not self.instance.stopped():
                    raise
        return self.instance.wait_ready(_START_SECONDS, self.stop)

    def _check_vital(self) -> None:
        # kwokctl writes the pid file after it has started the component; look at the files first.
        pids = self.instance.layout.workdir / "pids"
        started = [component for component in sorted(_VITAL) if (pids / f"{component}.pid").exists()]
        stopped = self.instance.stopped() if started else ()
        for component in started:
            if component in stopped:
                raise DevError(self.instance.obituary(component))
