"""The commands `drover` and `kubectl drover`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def main() -> None:
    """The console script."""
    if sys.argv[1:2] == ["operator"]:  # the container has neither rich nor what `drover dev` needs, and starts sooner
        _operator()
    else:
        _everything()


def _operator() -> None:
    from drover.cli.operator import operator

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(operator)
    app(args=sys.argv[2:], prog_name="drover operator")


def _everything() -> None:
    from drover.cli import convert, demo, dev, doctor, kind, operator, tree, uninstall, who_can

    app = typer.Typer(
        help="Rancher-compatible clusters, projects and workloads as plain Kubernetes resources.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(_version)
    dev.app.command("demo")(demo.demo)
    dev.app.command("image")(kind.image)
    dev.app.command("kind")(kind.kind)
    app.add_typer(dev.app, name="dev")
    app.command("operator")(operator.operator)
    app.command("tree")(tree.tree)
    app.command("doctor")(doctor.doctor)
    app.command("who-can")(who_can.who_can)
    app.add_typer(convert.app, name="convert")
    app.command("uninstall")(uninstall.uninstall)
    app()


def _version(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        from drover import __version__

        typer.echo(f"drover {__version__}")
        raise typer.Exit
