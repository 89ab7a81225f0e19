"""`drover dev demo`: the main job on the embedded control plane, in one command."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import typer
from rich.console import Console

from drover import install
from drover.dev import cluster, companions, ports
from drover.dev.cluster import ControlPlane
from drover.dev.errors import DevError
from drover.dev.instance import Instance
from drover.dev.options import Options
from drover.kube.client import Client
from drover.kube.errors import ApiError, Unreachable
from drover.kube.gvr import SECRETS
from drover.kube.login import default_login

NAME = "demo"
_WAIT = "60s"
_EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


class DemoError(Exception):
    """The demo did not come to its end; the message says where."""


def demo() -> None:
    """Start a hub, a member and Drover, apply the examples, and wait until all is Ready. Leaves everything running."""
    console = Console(highlight=False, soft_wrap=True)
    started = time.monotonic()
    try:
        control_plane = cluster.up(Options(name=NAME, members=1))
        log = start_operator(control_plane)
        _Demo(control_plane, console).run()
    except (DevError, DemoError, ApiError, Unreachable) as error:
        console.print(f"[red]error:[/] {error}", markup=True)
        raise typer.Exit(1) from error
    console.print(f"\n[green]Everything is Ready[/] after {time.monotonic() - started:.1f} s. Now try:\n")
    console.print(
        f"  export KUBECONFIG={control_plane.hub.kubeconfig} PATH={control_plane.binaries.kubectl.parent}:$PATH"
    )
    for line in _NEXT:
        console.print(f"  {line}")
    console.print(f"\nThe operator's log is {log}. `make down` ends it all.")


_NEXT = (
    "kubectl get cattle -A",
    "kubectl explain workload.spec.scheduling",
    "kubectl -n edge-shop scale workload frontend --replicas 3",
    "kubectl -n edge-shop describe workload frontend",
    "drover tree            # in .venv/bin; also `kubectl drover tree`",
    "drover doctor",
)


def start_operator(control_plane: ControlPlane, *, name: str = "operator", arguments: Iterable[str] = ()) -> Path:
    """Installs Drover into the hub and runs it beside it with its own ServiceAccount; gives the file of its log."""
    kubeconfig = asyncio.run(prepare(control_plane))
    directory = control_plane.hub.layout.control_plane
    path = directory / "operator.kubeconfig"
    path.touch(mode=0o600)
    path.write_text(kubeconfig)
    (port,) = ports.pick(1, set())
    command = [sys.executable, "-m", "drover", "operator", "--kubeconfig", str(path), "--allow-loopback"]
    return companions.start(directory, name, [*command, "--probe-address", f"127.0.0.1:{port}", *arguments])


async def prepare(control_plane: ControlPlane) -> str:
    """Installs CRDs, policies and rights, and puts the kubeconfig of every member into a Secret; gives the operator's
    kubeconfig."""
    async with _client(control_plane.hub) as hub:
        await install.install(hub, [*install.access(), *install.crds(), *install.policies()])
        for member in control_plane.members:
            name = "edge-kubeconfig" if member.name == "member-1" else f"{member.name}-kubeconfig"
            await _put_secret(hub, name, await member_kubeconfig(member))
        return install.kubeconfig(control_plane.hub.server, _ca(hub), await install.token(hub))


async def member_kubeconfig(member: Instance, server: str = "") -> str:
    """Gives Drover a ServiceAccount in a member; a kubeconfig with its token."""
    async with _client(member) as client:
        await install.install(client, install.member_access())
        return install.kubeconfig(server or member.server, _ca(client), await install.token(client))


async def _put_secret(hub: Client, name: str, kubeconfig: str) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "fleet-default"},
        "data": {"value": base64.b64encode(kubeconfig.encode()).decode()},
    }
    await hub.apply(SECRETS, secret, manager="drover-demo")


def _client(instance: Instance) -> Client:
    return Client(default_login(str(instance.kubeconfig)))


def _ca(client: Client) -> str:
    return base64.b64encode(client.login.ca.encode()).decode()


class _Demo:
    """What a person would type."""

    def __init__(self, control_plane: ControlPlane, console: Console) -> None:
        self._kubectl = str(control_plane.binaries.kubectl)
        self._hub = control_plane.hub
        self._member = control_plane.members[0]
        self._console = console

    def run(self) -> None:
        """Applies the examples, waits for Ready, shows what has become of them."""
        self._apply("10-cluster.yaml")
        self._wait_for("mcl/local", "mcl/edge")
        self._apply("20-projects.yaml")
        self._apply("edge/25-namespaces.yaml", self._member)
        self._wait_for("projects.management.cattle.io --all -A")
        self._apply("30-workloads.yaml")
        self._apply("40-local-workload.yaml")
        self._wait_for("workloads.project.cattle.io --all -A", "clusters.provisioning.cattle.io --all -A")
        self._show("get cattle -A")
        native = "deployments,statefulsets,daemonsets,cronjobs,jobs"
        self._show(f"get {native} -A -l drover.dev/owner-uid", self._member)

    def _apply(self, example: str, instance: Instance | None = None) -> None:
        self._show(f"apply -f {_EXAMPLES / example}", instance)

    def _wait_for(self, *what: str) -> None:
        """kubectl's wait fails at once for an object that is not there yet."""
        for each in what:
            self._until(lambda each=each: self._run(f"get {each}", self._hub).returncode == 0)  # type: ignore[misc]
            self._show(f"wait --for=condition=Ready --timeout={_WAIT} {each}")

    def _until(self, found: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not found():
            if time.monotonic() > deadline:
                raise DemoError("the operator does not answer; its log says why")
            time.sleep(0.2)

    def _show(self, arguments: str, instance: Instance | None = None) -> None:
        instance = instance or self._hub
        self._console.print(f"\n[bold]$ kubectl --context {instance.context} {arguments}[/]")
        result = self._run(arguments, instance)
        self._console.print((result.stdout + result.stderr).rstrip(), markup=False)
        if result.returncode:
            raise DemoError(f"kubectl {arguments} failed")

    def _run(self, arguments: str, instance: Instance) -> subprocess.CompletedProcess[str]:
        command = [self._kubectl, "--kubeconfig", str(instance.kubeconfig), *arguments.split()]
        return subprocess.run(command, capture_output=True, text=True, check=False)
