"""Drover beside a cluster: installed into it, and run on this machine with its own ServiceAccount."""

from __future__ import annotations

import asyncio
import base64
import http.client
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from drover import install
from drover.admission import bundle
from drover.dev import companions, ports, state
from drover.dev.errors import DevError
from drover.kube.client import Client
from drover.kube.gvr import SECRETS, Object
from drover.kube.login import default_login

_PROBE_ADDRESS = "--probe-address"
_READY_SECONDS = 60.0


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

    def wait_ready(self, seconds: float = _READY_SECONDS) -> None:
        """Waits until it has read everything and, where it serves the webhook, shows a certificate; raises DevError."""
        address, deadline = self.probes.removeprefix("http://"), time.monotonic() + seconds
        while problem := _not_ready(address):
            if time.monotonic() > deadline or companions.running(self.directory, self.name) is None:
                raise DevError(f"{self.name} is not ready: {problem}; its log is {self.log}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Asks it to end and waits."""
        companions.end(self.directory, self.name)


def _not_ready(address: str) -> str:
    """Why the replica with these probes is not ready; empty where it is."""
    connection = http.client.HTTPConnection(address, timeout=2)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return "" if answer.status == http.client.OK else answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return str(error)
    finally:
        connection.close()


def prepare(kubeconfig: Path) -> str:
    """Installs CRDs, policies and rights into a cluster, and the Secret for the webhook's certificates; gives a
    kubeconfig with a token of Drover's ServiceAccount."""
    objects = [*install.access(), install.webhook_secret(), *install.crds(), *install.policies()]

    async def run() -> None:
        async with Client(default_login(str(kubeconfig))) as hub:
            await install.install(hub, objects)

    asyncio.run(run())
    return credential(kubeconfig)


def ask_webhook(kubeconfig: Path, port: int) -> None:
    """Lets the kube-apiserver of a cluster ask the admission webhook that an operator on this machine serves. From then
    on roles, bindings and usernames are refused while it does not answer: wait for the operator first. The certificates
    that it has made already are trusted at once; else it says whom to trust when it has made them."""
    configurations = install.webhooks(f"https://{ports.LOOPBACK}:{port}")

    async def run() -> None:
        async with Client(default_login(str(kubeconfig))) as hub:
            await install.install(hub, [install.webhook_secret()])
            trusted = _bundle(await hub.get(SECRETS, "drover-webhook", install.NAMESPACE))
            for hook in (hook for each in configurations for hook in each["webhooks"] if trusted):
                hook["clientConfig"]["caBundle"] = trusted
            await install.install(hub, configurations)

    asyncio.run(run())


def _bundle(secret: Object) -> str:
    """The certificates that the operator's one is signed by, as a webhook configuration has them; empty for none."""
    decoded = {name: base64.b64decode(value).decode() for name, value in (secret.get("data") or {}).items()}
    held = bundle.read(decoded)
    return base64.b64encode(held.bundle.encode()).decode() if held else ""


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
    (port,) = ports.pick(1, state.taken_ports() | {webhook})
    command = [sys.executable, "-m", "drover", "operator", "--kubeconfig", str(path), "--allow-loopback"]
    if webhook:
        command += ["--webhook-address", f"{ports.LOOPBACK}:{webhook}"]
    address = f"{ports.LOOPBACK}:{port}"
    log = companions.start(directory, name, [*command, _PROBE_ADDRESS, address, *arguments], environment)
    return Replica(directory, name, log)


def _ca(client: Client) -> str:
    return base64.b64encode(client.login.ca.encode()).decode()
