"""The control plane: made, found again and removed."""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType, TracebackType

from drover.dev import binaries, companions, directories, discovery, ports, processes, state
from drover.dev.errors import DevError
from drover.dev.instance import Instance
from drover.dev.kwok import PORTS, Layout
from drover.dev.launch import launch_all
from drover.dev.lock import file_lock
from drover.dev.options import HUB, Options
from drover.dev.progress import Progress
from drover.dev.state import Owner, State


@dataclass(frozen=True)
class ControlPlane:
    """A running hub and its members. As a context manager it is removed at the end of the block."""

    options: Options
    hub: Instance
    members: tuple[Instance, ...]

    @property
    def name(self) -> str:
        """The name by which `find` and `drover dev` know it."""
        return self.options.name

    @property
    def instances(self) -> tuple[Instance, ...]:
        """The hub, then the members."""
        return (self.hub, *self.members)

    @property
    def binaries(self) -> binaries.Binaries:
        """The programs it runs, and kubectl."""
        return binaries.ensure(self.options.kubernetes)

    def down(self) -> None:
        """Ends every process and deletes every file."""
        down(self.name)

    def __enter__(self) -> ControlPlane:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.down()


def up(
    options: Options, progress: Progress | None = None, *, replace_other: bool = False, owned: bool = False
) -> ControlPlane:
    """Returns the running control plane of that name, started when it isn't there, made anew when it is broken.

    Blocks for seconds (with an empty cache of programs: minutes). One that runs with other options is an error,
    unless `replace_other`. Whatever ends this function early - an error, Ctrl-C, SIGTERM in the main thread - leaves
    nothing running; after a SIGKILL the next `up` or `down` of the name cleans up. An `owned` one belongs to this
    process: if the process ends without `down`, the next `up` of any name removes it.
    """
    progress = progress or Progress()
    for name in state.abandoned():
        down(name, progress)
    programs = binaries.ensure(options.kubernetes, progress)
    with _terminable(), _exclusive(options.name, progress):
        running = _healthy(options.name)
        if running is not None and running.options == options:
            return running
        if running is not None and not replace_other:
            raise DevError(
                f"{options.name} runs already, with other options. `drover dev down --name {options.name}` removes it; "
                f"another --name runs beside it."
            )
        directory = _directory(options.name)
        _remove(directory)
        try:
            wanted = _reserve(options, Owner.this_process() if owned else None)
            control_plane = _control_plane(wanted)
            with progress.step(f"Starting {options.name}: {', '.join(options.instances)}") as step:
                launch_all(options, control_plane.instances, programs, step)
            replace(wanted, ready=True).write(directory)
        except BaseException:
            _remove(directory)
            raise
        return control_plane


def down(name: str, progress: Progress | None = None) -> bool:
    """Ends every process of a control plane and deletes its files; False when there was nothing.

    Raises DevError when a process can't be ended.
    """
    with _exclusive(name, progress or Progress()):
        return _remove(_directory(name))


def find(name: str) -> ControlPlane | None:
    """The control plane of that name, if it was started to the end; its components may have been stopped since."""
    found = State.read(_directory(name))
    return _control_plane(found) if found is not None and found.ready else None


def names() -> list[str]:
    """The names of all control planes of this user, whole or left over."""
    return state.names()


def _directory(name: str) -> Path:
    return directories.control_planes() / Options(name).name


def _exclusive(name: str, progress: Progress) -> AbstractContextManager[None]:
    """Held by whoever makes or removes the control plane."""
    reminder = progress.reminder(f"Waiting for another process that starts or stops {name}")
    return file_lock(directories.control_planes() / f".{Options(name).name}.lock", reminder)


def _healthy(name: str) -> ControlPlane | None:
    found = find(name)
    return found if found is not None and all(instance.healthy() for instance in found.instances) else None


def _reserve(options: Options, owner: Owner | None) -> State:
    """Chooses the ports and writes them down, so that no other control plane chooses the same."""
    with file_lock(directories.control_planes() / ".ports.lock"):
        free = iter(ports.pick(len(PORTS) * len(options.instances), state.taken_ports()))
        wanted = State(options, {name: {port: next(free) for port in PORTS} for name in options.instances}, owner=owner)
        directory = _directory(options.name)
        directory.mkdir(parents=True)
        wanted.write(directory)
        return wanted


def _control_plane(wanted: State) -> ControlPlane:
    options = wanted.options
    directory = _directory(options.name)
    hub, *members = (
        Instance(
            Layout(directory, name),
            context=f"drover-{options.name}" if name == HUB else f"drover-{options.name}-{name}",
            ports=wanted.ports[name],
            nodes=options.nodes,
        )
        for name in options.instances
    )
    return ControlPlane(options, hub, tuple(members))


def _remove(directory: Path) -> bool:
    """Removes whatever is there. The processes come first: they would write the files again."""
    left = State.read(directory)
    existed = directory.exists() or bool(processes.of_control_plane(directory))
    companions.end_all(directory)
    processes.kill_all(directory)
    if directory.exists():
        shutil.rmtree(directory)
    if left is not None:
        for instance in _control_plane(left).instances:
            discovery.forget(instance.server)
    return existed


@contextmanager
def _terminable() -> Iterator[None]:
    """Makes SIGTERM and SIGHUP raise SystemExit, so that a half-made control plane is removed.

    Only where Python allows it (the main thread) and where nobody else handles the signal.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signals = [s for s in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(s) is signal.SIG_DFL]
    for number in signals:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in signals:
            signal.signal(number, signal.SIG_DFL)
