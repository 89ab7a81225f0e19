"""`drover dev image` and `drover dev kind`: the image, and the demo with it in clusters of kind."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.markup import escape

from drover.cli.demo import tell
from drover.cli.dev import errors
from drover.cli.session import Failed, Session
from drover.dev import kind as clusters
from drover.dev.progress import Progress
from drover.kube.errors import ApiError, Unreachable


def image() -> None:
    """Build the container image with Docker or podman."""
    with errors():
        engine = clusters.engine()
        with Progress().step(f"Building {clusters.IMAGE}"):
            engine.build()
    typer.echo(f"Built {clusters.IMAGE}; tag it for your registry and push it.")


def kind() -> None:
    """Build the image, install the chart in a cluster of kind, import a second one, and run the demo there."""
    console = Console(highlight=False, soft_wrap=True)
    with errors():
        found = clusters.tools()
        clusters.up(found, Progress())
    session = Session(found.kubectl, clusters.HUB, clusters.EDGE, console)
    try:
        tell(session)
    except (Failed, ApiError, Unreachable) as error:
        console.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(1) from error
    console.print(f"\n[green]Everything is Ready.[/] export KUBECONFIG={session.kubeconfig}")
    console.print(f"`kind delete clusters {clusters.HUB.name} {clusters.EDGE.name}` ends it all.")
