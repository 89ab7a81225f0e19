"""The processes of a control plane: found by their command line, so that a lost pid file loses no process."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import psutil

from drover.dev.errors import DevError

_KILL_SECONDS = 20.0


def of_control_plane(directory: Path) -> list[psutil.Process]:
    """Every live process that was started for the control plane in `directory`; `kwokctl` comes first.

    A component is run as `<directory>/clusters/<instance>/bin/<component>`, kwokctl with our `--config`. Somebody's
    editor or kubectl that merely has a file of the directory open is not one of them.
    """
    components, installers = [], []
    for process in psutil.process_iter():
        arguments = _arguments(process)
        if not arguments:
            continue
        if arguments[0].startswith(f"{directory}/clusters/"):
            components.append(process)
        elif Path(arguments[0]).name == "kwokctl" and any(a.startswith(f"--config={directory}/") for a in arguments):
            installers.append(process)
    return installers + components


def running(program: Path) -> psutil.Process | None:
    """The process that was started by this path, None when there is none."""
    for process in psutil.process_iter():
        if _arguments(process)[:1] == [str(program)]:
            return process
    return None


def programs(directory: Path) -> set[str]:
    """The paths by which the running components of the control plane were started."""
    return {arguments[0] for process in of_control_plane(directory) if (arguments := _arguments(process))}


def kill_all(directory: Path) -> None:
    """Kills every process of the control plane and waits until they are gone. Raises DevError when one stays."""
    deadline = time.monotonic() + _KILL_SECONDS
    # Again until none is left: kwokctl may have started one more after the list was made.
    while left := of_control_plane(directory):
        if time.monotonic() > deadline:
            pids = ", ".join(str(process.pid) for process in left)
            raise DevError(f"Processes of {directory} don't end: {pids}; end them by hand and try again")
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=2)


def terminate(process: psutil.Process, seconds: float) -> None:
    """Asks a process to end, and kills it when it still runs after `seconds`."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        process.resume()  # a stopped process takes no SIGTERM
        try:
            process.wait(seconds)
        except psutil.TimeoutExpired:
            kill(process)


def kill(process: psutil.Process) -> None:
    """Kills a process and waits until it is gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()
        process.wait(_KILL_SECONDS)


def _arguments(process: psutil.Process) -> list[str]:
    """The command line; empty for a process that ended meanwhile (a zombie's is empty) or belongs to another user."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []
