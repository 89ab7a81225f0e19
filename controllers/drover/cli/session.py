"""A terminal that shows commands and what they say, as a person would type them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

from rich.console import Console

_THERE_SECONDS = 30.0
_EXPECTED_SECONDS = 5.0
_READY = "condition met"


class Failed(Exception):
    """A command did not end as it should; the message says which."""


class Reached(Protocol):
    """A cluster, as kubectl reaches it."""

    @property
    def kubeconfig(self) -> Path:
        """Of its administrator."""

    @property
    def context(self) -> str:
        """The context in it."""


class Session:
    """Runs `kubectl` and `drover` in the hub, or in the member by its context."""

    def __init__(self, kubectl: Path, hub: Reached, member: Reached, console: Console) -> None:
        self._programs = {"kubectl": [str(kubectl)], "drover": [sys.executable, "-m", "drover"]}
        self.kubeconfig = f"{hub.kubeconfig}{os.pathsep}{member.kubeconfig}"
        self._member = member.context
        self._console = console

    def say(self, text: str) -> None:
        """Tells what comes now."""
        self._console.print(f"\n[bold green]# {text}[/]")

    def show(self, line: str, *, member: bool = False, refused: str = "") -> None:
        """Runs a command and shows what it says. It has to do its work, or with `refused` to fail with these words. A
        kube-apiserver sees new rights a moment after they were written: what fails is tried again for some seconds."""
        command, deadline = self._line(line, member), time.monotonic() + _EXPECTED_SECONDS
        while not _fits(result := self._run(command), refused):
            if time.monotonic() > deadline:
                raise Failed(f"{command}: {_said(result) or 'no answer'}")
            time.sleep(0.1)
        self._print(command, _said(result), "yellow" if refused else "")

    def wait(self, what: str) -> None:
        """Waits until objects are Ready, also for one that is not there yet, for which kubectl does not wait."""
        command = f"kubectl wait --for=condition=Ready --timeout=60s {what}"
        deadline = time.monotonic() + _THERE_SECONDS
        while (result := self._run(command)).returncode:
            if not _absent(result) or time.monotonic() > deadline:
                raise Failed(f"{command}: {_said(result)}")
            time.sleep(0.2)
        self._print(command, f"{_READY} ({result.stdout.count(_READY)} objects)")

    def _line(self, line: str, member: bool) -> str:
        program, _, arguments = line.partition(" ")
        return f"{program} --context {self._member} {arguments}" if member else line

    def _print(self, command: str, said: str, style: str = "") -> None:
        self._console.print(f"\n$ {command}", style="bold", markup=False)
        self._console.print(said, markup=False, style=style)

    def _run(self, command: str) -> subprocess.CompletedProcess[str]:
        program, *arguments = shlex.split(command)
        environment = {**os.environ, "KUBECONFIG": self.kubeconfig}
        return subprocess.run(
            [*self._programs[program], *arguments], capture_output=True, text=True, check=False, env=environment
        )


def _fits(result: subprocess.CompletedProcess[str], refused: str) -> bool:
    if refused:
        return result.returncode != 0 and refused in _said(result)
    return result.returncode == 0


def _absent(result: subprocess.CompletedProcess[str]) -> bool:
    return "(NotFound)" in result.stderr or "no matching resources found" in result.stderr


def _said(result: subprocess.CompletedProcess[str]) -> str:
    return (result.stdout + result.stderr).rstrip()
