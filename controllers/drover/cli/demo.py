"""`drover dev demo`: the main job on the embedded control plane, in one command."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Protocol

import typer
from rich.console import Console

from drover.dev import beside, cluster
from drover.dev.errors import DevError
from drover.dev.options import Options
from drover.kinds.resources import CLUSTERS, PROJECT_BINDINGS, PROJECTS, PROVISIONING_CLUSTERS, WORKLOADS
from drover.kube.errors import ApiError, Unreachable

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
        hub, member = control_plane.hub, control_plane.members[0]
        operator = beside.prepare(hub.kubeconfig)
        beside.put_secret(hub.kubeconfig, "edge-kubeconfig", beside.member_kubeconfig(member.kubeconfig))
        replica = beside.start(hub.layout.control_plane, "operator", operator)
        Demo(control_plane.binaries.kubectl, hub, member, console).run()
    except (DevError, DemoError, ApiError, Unreachable) as error:
        console.print(f"[red]error:[/] {error}", markup=True)
        raise typer.Exit(1) from error
    console.print(f"\n[green]Everything is Ready[/] after {time.monotonic() - started:.1f} s. Now try:\n")
    console.print(
        f"  export KUBECONFIG={control_plane.hub.kubeconfig} PATH={control_plane.binaries.kubectl.parent}:$PATH"
    )
    for line in _NEXT:
        console.print(f"  {line}")
    console.print(f"\nThe operator's log is {replica.log}. `make down` ends it all.")


_NEXT = (
    "kubectl get cattle -A",
    "kubectl explain workload.spec.scheduling",
    "kubectl -n edge-shop scale workload frontend --replicas 3",
    "kubectl -n edge-shop describe workload frontend",
    "drover tree            # in .venv/bin; also `kubectl drover tree`",
    "drover who-can patch deployments -n shop-web --cluster edge --project shop",
    "drover doctor",
)


_SHOWN = ",".join(map(str, (CLUSTERS, PROJECTS, WORKLOADS, PROJECT_BINDINGS, PROVISIONING_CLUSTERS)))

_DEVELOPER = "--as eve --as-group shop-developers"
_QUESTIONS = (
    ("yes", "member", f"create deployments -n shop-web {_DEVELOPER}"),
    ("no", "member", f"create deployments -n kube-system {_DEVELOPER}"),
    ("no", "member", "create deployments -n shop-web --as eve"),
    ("yes", "member", "patch deployments -n shop-web --as bob"),
    ("no", "member", "get secrets -n shop-web --as bob"),
    ("yes", "member", "get secrets -n shop-web --as ann"),
    ("yes", "hub", "get projects.management.cattle.io/shop -n edge --as bob"),
    ("no", "hub", "delete projects.management.cattle.io/shop -n edge --as bob"),
    ("yes", "hub", "delete projects.management.cattle.io/shop -n edge --as ann"),
    ("no", "hub", "get projects.management.cattle.io/tools -n local --as ann"),
)
"""The answer, who gives it, and what is asked."""


class Reached(Protocol):
    """A cluster, as kubectl reaches it."""

    @property
    def kubeconfig(self) -> Path:
        """Of its administrator."""

    @property
    def context(self) -> str:
        """The context in it."""


class Demo:
    """What a person would type."""

    def __init__(self, kubectl: Path, hub: Reached, member: Reached, console: Console) -> None:
        self._kubectl = str(kubectl)
        self._hub = hub
        self._member = member
        self._console = console

    def run(self) -> None:
        """Applies the examples, waits for Ready, shows what has become of them."""
        self._apply("10-cluster.yaml")
        self._wait_for("mcl/local", "mcl/edge")
        self._apply("20-projects.yaml")
        self._apply("edge/25-namespaces.yaml", self._member)
        self._wait_for("projects.management.cattle.io --all -A")
        self._apply("22-project-secret.yaml")
        self._apply("26-team-access.yaml")
        self._apply("30-workloads.yaml")
        self._apply("40-local-workload.yaml")
        self._wait_for("workloads.project.cattle.io --all -A", "clusters.provisioning.cattle.io --all -A")
        self._wait_for("projectroletemplatebindings.management.cattle.io --all -A")
        self._show(f"get {_SHOWN} -A")
        native = "deployments,statefulsets,daemonsets,cronjobs,jobs"
        self._show(f"get {native} -A -l drover.dev/owner-uid", self._member)
        self._show("get resourcequotas -A -l drover.dev/owner-uid", self._member)
        self._show("get secrets -A -l management.cattle.io/project-scoped-secret", self._member)
        healthy = '{.status.conditions[?(@.type=="QuotaHealthy")].message}'
        self._show(f"-n edge get projects.management.cattle.io shop -o jsonpath={healthy}")
        self._console.print("\n[bold]Who may do what in the project shop[/]")
        for expected, where, question in _QUESTIONS:
            self._ask(question, self._hub if where == "hub" else self._member, expected)

    def _apply(self, example: str, instance: Reached | None = None) -> None:
        self._show(f"apply -f {_EXAMPLES / example}", instance)

    def _wait_for(self, *what: str) -> None:
        """kubectl's wait fails at once for an object that is not there yet."""
        for each in what:
            self._until_there(each)
            self._show(f"wait --for=condition=Ready --timeout={_WAIT} {each}")

    def _until_there(self, what: str) -> None:
        deadline = time.monotonic() + 30
        while self._run(f"get {what.replace('--all ', '')}", self._hub).returncode:
            if time.monotonic() > deadline:
                raise DemoError("the operator does not answer; its log says why")
            time.sleep(0.2)

    def _ask(self, question: str, instance: Reached, expected: str) -> None:
        """Asks a kube-apiserver what it lets somebody do. It sees new rights a moment after they were written."""
        deadline = time.monotonic() + 5
        while (answer := self._run(f"auth can-i {question}", instance).stdout.strip()) != expected:
            if time.monotonic() > deadline:
                raise DemoError(f"kubectl auth can-i {question}: the answer is {answer or 'an error'}, not {expected}")
            time.sleep(0.1)
        self._console.print(f"$ kubectl --context {instance.context} auth can-i {question}: [bold]{answer}[/]")

    def _show(self, arguments: str, instance: Reached | None = None) -> None:
        instance = instance or self._hub
        self._console.print(f"\n[bold]$ kubectl --context {instance.context} {arguments}[/]")
        result = self._run(arguments, instance)
        self._console.print((result.stdout + result.stderr).rstrip(), markup=False)
        if result.returncode:
            raise DemoError(f"kubectl {arguments} failed")

    def _run(self, arguments: str, instance: Reached) -> subprocess.CompletedProcess[str]:
        command = [self._kubectl, "--kubeconfig", str(instance.kubeconfig), *arguments.split()]
        return subprocess.run(command, capture_output=True, text=True, check=False)
