"""`drover dev demo`: the main job on the embedded control plane, in one command."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from drover.cli.session import Failed, Session
from drover.dev import beside, cluster, ports, state
from drover.dev.beside import Replica
from drover.dev.cluster import ControlPlane
from drover.dev.errors import DevError
from drover.dev.options import Options
from drover.kube.errors import ApiError, Unreachable

NAME = "demo"
_EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
_NEXT = (
    "kubectl get cattle -A",
    "kubectl explain workload.spec.scheduling",
    "kubectl -n edge-shop scale workload frontend --replicas 3",
    "kubectl -n edge-shop describe prtb developers",
    "kubectl drover tree",
    "kubectl drover who-can get nodes --cluster edge",
    "kubectl drover doctor",
)


def demo(
    name: Annotated[str, typer.Option("--name", help="Name of the control plane.")] = NAME,
) -> None:
    """Start a hub, a member and Drover, apply the examples, and wait until all is Ready. Leaves everything running."""
    console = Console(highlight=False, soft_wrap=True)
    started = time.monotonic()
    try:
        control_plane = cluster.up(Options(name=name, members=1))
        replica = start(control_plane)
        hub, member = control_plane.hub, control_plane.members[0]
        session = Session(control_plane.binaries.kubectl, hub, member, console)
        tell(session)
    except (DevError, Failed, ApiError, Unreachable) as error:
        console.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(1) from error
    programs = f"{Path(sys.executable).parent}{os.pathsep}{control_plane.binaries.kubectl.parent}"
    console.print(f"\n[green]Everything is Ready[/] after {time.monotonic() - started:.1f} s. Now try:\n")
    console.print(f"  export KUBECONFIG={session.kubeconfig}")
    console.print(f"  export PATH={programs}{os.pathsep}$PATH")
    for line in _NEXT:
        console.print(f"  {line}", markup=False)
    ending = "make down" if name == NAME else f"drover dev down --name {name}"
    console.print(f"\nThe operator's log is {replica.log}. `{ending}` ends it all.")


def start(control_plane: ControlPlane) -> Replica:
    """Drover on a control plane with a member, as the chart installs it: with the webhook. The kube-apiserver asks that
    once it answers, so that nothing is refused meanwhile."""
    hub, member = control_plane.hub, control_plane.members[0]
    credential = beside.prepare(hub.kubeconfig)
    (port,) = ports.pick(1, state.taken_ports())
    replica = beside.start(hub.layout.control_plane, "operator", credential, webhook=port)
    beside.put_secret(hub.kubeconfig, "edge-kubeconfig", beside.member_kubeconfig(member.kubeconfig))
    replica.wait_ready()
    beside.ask_webhook(hub.kubeconfig, port)
    return replica


def tell(session: Session) -> None:
    """What a person would type: the examples are applied, and what has become of them is shown."""
    _clusters_and_projects(session)
    _workloads(session)
    _rights(session)


def _clusters_and_projects(session: Session) -> None:
    session.say("A cluster that exists already is imported, by the kubeconfig in a Secret")
    session.show(f"kubectl apply -f {_example('10-cluster.yaml')}")
    session.wait("mcl/local mcl/edge")
    session.say("Projects in it and in the hub, and namespaces that belong to one")
    session.show(f"kubectl apply -f {_example('20-projects.yaml')}")
    session.show(f"kubectl apply -f {_example('edge/25-namespaces.yaml')}", member=True)
    session.wait("projects.management.cattle.io --all -A")


def _workloads(session: Session) -> None:
    session.say("A secret for all namespaces of a project, roles in it, and workloads, written in the hub")
    files = ("22-project-secret.yaml", "26-team-access.yaml", "30-workloads.yaml", "40-local-workload.yaml")
    session.show(f"kubectl apply {' '.join(f'-f {_example(name)}' for name in files)}")
    session.wait("clusters.provisioning.cattle.io,workloads.project.cattle.io,prtb --all -A")
    session.show("kubectl get mcl,mproj,workloads.project.cattle.io -A")
    session.say("What has become of it in the member")
    made = "deployments,statefulsets,daemonsets,cronjobs,jobs,resourcequotas,secrets"
    session.show(f"kubectl get {made} -A -l drover.dev/owner-uid", member=True)
    healthy = '{.status.conditions[?(@.type=="QuotaHealthy")].message}'
    session.show(f"kubectl -n edge get mproj shop -o jsonpath='{healthy}'")


def _rights(session: Session) -> None:
    session.say("Rights: ann owns the project, and gives bob a role in it; shop-developers is a group")
    session.show(f"kubectl --as ann apply -f {_example('27-given-by-the-owner.yaml')}")
    session.wait("prtb --all -A")
    session.show("kubectl -n edge-shop get prtb")
    session.say("In the member: eve is a developer by her group, bob restarts and scales, and neither goes beyond that")
    developer, forbidden = "--as eve --as-group shop-developers", "is forbidden"
    session.show(f"kubectl {developer} -n shop-web get secrets", member=True)
    session.show("kubectl --as eve -n shop-web get secrets", member=True, refused=forbidden)
    scale = "-n shop-web scale deployment frontend --replicas 2 --dry-run=server"
    session.show(f"kubectl --as bob {scale}", member=True)
    session.show("kubectl --as bob -n shop-web get secrets", member=True, refused=forbidden)
    session.show(f"kubectl {developer} -n kube-system get secrets", member=True, refused=forbidden)
    session.say("In the hub: whoever has a role in a project sees it, and owners change it")
    delete = "-n edge delete projects.management.cattle.io shop --dry-run=server"
    session.show("kubectl --as bob -n edge get projects.management.cattle.io shop")
    session.show(f"kubectl --as bob {delete}", refused=forbidden)
    session.show(f"kubectl --as ann {delete}")
    session.say("Nobody gives away more than they have")
    more = _example("refused/28-more-than-the-owner-has.yaml")
    session.show(f"kubectl --as ann apply -f {more}", refused="that you do not have there yourself")
    session.say("Who can, and why")
    session.show("drover who-can patch deployments -n shop-web --cluster edge")


def _example(name: str) -> str:
    """The path of an example, from here where it is below."""
    path = _EXAMPLES / name
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
