"""Drover beside a cluster: installed into it, and run on this machine with its own ServiceAccount."""

from __future__ import annotations

import asyncio
import base64
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from drover import install
from drover.dev import companions, ports
from drover.dev.errors import DevError
from drover.kube.client import Client
from drover.kube.gvr import SECRETS
from drover.kube.login import default_login

_PROBE_ADDRESS = "--probe-address"


@dataclass(frozen=True)
class Replica:
    """A running operator."""

    directory: Path
    name: str
    log: Path

    @property
    def probes(self) -> str:
        """Where it serves probes and metrics; another address after each start."""
        command = self.process.cmdline()
        return f"http://{command[command.index(_PROBE_ADDRESS) + 1]}"

    @property
    def process(self) -> psutil.Process:
        """Its process; raises DevError when it has ended."""
        process = companions.running(self.directory, self.name)
        if process is None:
            raise DevError(f"{self.name} has ended; its log is {self.log}")
        return process

    def stop(self) -> None:
        """Asks it to end and waits."""
        companions.end(self.directory, self.name)


def prepare(kubeconfig: Path) -> str:
    """Installs CRDs, policies and rights into a cluster; gives a kubeconfig with a token of Drover's ServiceAccount."""

    async def run() -> None:
        async with Client(default_login(str(kubeconfig))) as hub:
            await install.install(hub, [*install.access(), *install.crds(), *install.policies()])

    asyncio.run(run())
    return credential(kubeconfig)


def ask_webhook(kubeconfig: Path, port: int) -> None:
    """Lets the kube-apiserver of a cluster ask the admission webhook that an operator on this machine serves."""

    async def run() -> None:
        async with Client(default_login(str(kubeconfig))) as hub:
            await install.install(hub, [install.webhook_secret(), *install.webhooks(f"https://127.0.0.1:{port}")])

    asyncio.run(run())


def credential(kubeconfig: Path) -> str:
    """A kubeconfig with a token of Drover's ServiceAccount, where it is installed already."""

    async def run() -> str:
        async with Client(default_login(str(kubeconfig))) as hub:
            return install.kubeconfig(hub.login.server, _ca(hub), await install.token(hub))

    return asyncio.run(run())


def member_kubeconfig(kubeconfig: Path, server: str = "") -> str:
    """Gives Drover a ServiceAccount in a member; a kubeconfig with its token, for `server` where that is another
    address."""

    async def run() -> str:
        async with Client(default_login(str(kubeconfig))) as member:
            await install.install(member, install.member_access())
            return install.kubeconfig(server or member.login.server, _ca(member), await install.token(member))

    return asyncio.run(run())


def put_secret(kubeconfig: Path, name: str, content: str, namespace: str = "fleet-default") -> None:
    """Puts a member's kubeconfig into a Secret of the hub."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "data": {"value": base64.b64encode(content.encode()).decode()},
    }

    async def run() -> None:
        async with Client(default_login(str(kubeconfig))) as hub:
            await hub.apply(SECRETS, secret, manager="drover-dev")

    asyncio.run(run())


def start(
    directory: Path,
    name: str,
    kubeconfig: str,
    arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    *,
    webhook: int = 0,
) -> Replica:
    """Runs the operator, with further flags and environment variables; one of that name that runs already is ended. It
    outlives this process. It serves the admission webhook on port `webhook`; 0: none."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.kubeconfig"
    path.touch(mode=0o600)
    path.write_text(kubeconfig)
    (port,) = ports.pick(1, set())
    command = [sys.executable, "-m", "drover", "operator", "--kubeconfig", str(path), "--allow-loopback"]
    if webhook:
        command += ["--webhook-address", f"127.0.0.1:{webhook}"]
    address = f"127.0.0.1:{port}"
    log = companions.start(directory, name, [*command, _PROBE_ADDRESS, address, *arguments], environment)
    return Replica(directory, name, log)


def _ca(client: Client) -> str:
    return base64.b64encode(client.login.ca.encode()).decode()
