"""`drover dev`: the embedded control plane, from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from drover.dev import cluster
from drover.dev.binaries import KUBERNETES_VERSION
from drover.dev.cluster import ControlPlane
from drover.dev.errors import DevError
from drover.dev.instance import Instance
from drover.dev.options import Options

app = typer.Typer(
    help="A real Kubernetes on this machine, without Docker and without root.",
    no_args_is_help=True,
    add_completion=False,
)

Name = Annotated[str, typer.Option("--name", help="Name of the control plane; several can run side by side.")]


@app.command()
def up(
    members: Annotated[int, typer.Option("--members", help="How many clusters besides the hub.")] = 0,
    name: Name = "dev",
    kubernetes: Annotated[str, typer.Option("--kubernetes", help="Version of Kubernetes.")] = KUBERNETES_VERSION,
) -> None:
    """Start a hub and its members; one that runs already is left as it is."""
    with errors():
        control_plane = cluster.up(Options(name=name, members=members, kubernetes=kubernetes))
    for instance in control_plane.instances:
        typer.echo(f"{instance.name}: {instance.server}  export KUBECONFIG={instance.kubeconfig}")
    typer.echo(f"`drover dev down{_option(name)}` removes it; kubectl is {control_plane.binaries.kubectl}")


@app.command()
def down(
    name: Name = "dev",
    everything: Annotated[bool, typer.Option("--all", help="Remove every control plane of this user.")] = False,
) -> None:
    """Stop a control plane and delete its data, also after it was killed half-way."""
    with errors():
        for one in cluster.names() if everything else [name]:
            typer.echo(f"{one}: removed" if cluster.down(one) else f"{one}: there is none")


@app.command()
def status() -> None:
    """Show each control plane, its clusters and what of them doesn't run. Exits with 1 when something doesn't."""
    table = Table("NAME", "CLUSTER", "SERVER", "STATE", box=None, pad_edge=False)
    sound = True
    for name in cluster.names():
        control_plane = cluster.find(name)
        if control_plane is None:
            table.add_row(name, "", "", f"not started to the end; `drover dev down{_option(name)}` removes it")
            sound = False
            continue
        for instance in control_plane.instances:
            state = _state(instance)
            sound = sound and state == "Ready"
            table.add_row(name, instance.name, instance.server, state)
    if table.row_count:
        Console(soft_wrap=True).print(table)
    else:
        typer.echo("No control plane; `drover dev up` starts one.")
    raise typer.Exit(0 if sound else 1)


@app.command()
def kubeconfig(
    name: Name = "dev",
    member: Annotated[int, typer.Option("--member", help="Number of the member; without it, the hub.")] = 0,
) -> None:
    """Print the path of a kubeconfig: export KUBECONFIG=$(drover dev kubeconfig)."""
    with errors():
        typer.echo(_instance(_existing(name), member).kubeconfig)


def _existing(name: str) -> ControlPlane:
    control_plane = cluster.find(name)
    if control_plane is None:
        raise DevError(f"There is no control plane {name}; `drover dev up{_option(name)}` starts it")
    return control_plane


def _instance(control_plane: ControlPlane, member: int) -> Instance:
    if not 0 <= member <= len(control_plane.members):
        raise DevError(
            f"{control_plane.name} has no member {member}; its clusters: {', '.join(control_plane.options.instances)}"
        )
    return control_plane.instances[member]


def _state(instance: Instance) -> str:
    stopped = instance.stopped()
    if stopped:
        return f"stopped: {', '.join(stopped)}"
    return "Ready" if instance.apiserver.ready() else "kube-apiserver is not ready"


def _option(name: str) -> str:
    return "" if name == "dev" else f" --name {name}"


@contextmanager
def errors() -> Iterator[None]:
    """Turns what a person has to know into one line and exit code 1."""
    try:
        yield
    except DevError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error
