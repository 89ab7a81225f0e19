"""Starts the clusters of a control plane, several at a time."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

import yaml

from drover.dev import discovery, kwok, node
from drover.dev.binaries import Binaries
from drover.dev.errors import DevError
from drover.dev.instance import Instance
from drover.dev.options import Options
from drover.dev.progress import Step

_AT_A_TIME = 4
_POLL_SECONDS = 0.1
_START_SECONDS = 180.0
_LOOK_SECONDS = 0.5
_RESTARTS = 3
_VITAL = frozenset({kwok.ETCD, kwok.APISERVER})  # without one of them nothing comes right by itself


def launch_all(options: Options, instances: tuple[Instance, ...], programs: Binaries, step: Step) -> None:
    """Starts every instance and waits until all are ready.

    Raises DevError for the first that fails. When it raises, no thread of it runs any more; processes may.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        try:
            futures = [pool.submit(_launch, options, instance, programs, stop) for instance in instances]
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


def _launch(options: Options, instance: Instance, programs: Binaries, stop: threading.Event) -> None:
    layout = instance.layout
    layout.files.mkdir(parents=True)
    for name, content in {kwok.AUDIT_POLICY: kwok.AUDIT_POLICY_CONTENT, **options.apiserver_files}.items():
        (layout.files / name).write_text(content)
    config = kwok.configuration(options, layout, programs, instance.ports)
    layout.config.write_text(yaml.safe_dump(config, sort_keys=False))
    _run_kwokctl(instance, programs, stop)
    discovery.forget(instance.server)
    layout.kubeconfig.touch(mode=0o600)
    layout.kubeconfig.write_text(instance.kubeconfig_for(instance.server))
    for number in range(options.nodes):
        node.create(instance.apiserver, f"node-{number + 1}", options.kubernetes)
    _wait_ready(instance)


def _wait_ready(instance: Instance) -> None:
    """Starts a controller again that has ended: kube-controller-manager waits only 10 s for a slow kube-apiserver."""
    for _ in range(_RESTARTS):
        if not _VITAL.isdisjoint(ended := instance.stopped()):
            break
        for component in ended:
            instance.start(component)
        try:
            return instance.wait_ready()
        except DevError:
            if not instance.stopped():
                raise
    return instance.wait_ready()


def _run_kwokctl(instance: Instance, programs: Binaries, stop: threading.Event) -> None:
    """Makes the certificates and starts the components. Ends early, with an error, when `stop` is set."""
    layout = instance.layout
    command = [
        str(programs.kwokctl),
        "create",
        "cluster",
        f"--config={layout.config}",
        f"--name={instance.name}",
        "--kubeconfig=",
    ]
    log = layout.directory / "kwokctl.log"
    environment = kwok.environment(layout.control_plane, programs.kubectl.parent, os.environ)
    with (
        log.open("w") as output,
        subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone; we end it
        ) as process,
    ):
        try:
            _watch(instance, process, stop)
        finally:
            process.kill()
    if process.returncode != 0:
        end = "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-30:])
        raise DevError(f"{instance.name}: kwokctl ended with {process.returncode}:\n{end}")


def _watch(instance: Instance, process: subprocess.Popen[bytes], stop: threading.Event) -> None:
    """Returns when kwokctl has ended or should be ended; kwokctl itself wouldn't notice that a component has."""
    deadline = time.monotonic() + _START_SECONDS
    look = 0.0
    while process.poll() is None and not stop.wait(_POLL_SECONDS):
        now = time.monotonic()
        if now > deadline:
            raise DevError(f"{instance.name}: kwokctl is not done after {_START_SECONDS:.0f} s")
        if now < look:
            continue
        look = now + _LOOK_SECONDS
        for component in sorted(_VITAL.intersection(instance.stopped())):
            # The pid file is written after the start.
            if (instance.layout.workdir / "pids" / f"{component}.pid").exists():
                raise DevError(instance.obituary(component))
