"""The commands `drover` and `kubectl drover`."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated

import typer

_ALONE = {"operator": "operator", "doctor": "doctor", "tree": "tree", "uninstall": "uninstall", "who-can": "who_can"}
"""Commands that are loaded without the others, and so start sooner; the container has not what those of `dev` need."""


def main() -> None:
    """The console script."""
    command = next(iter(sys.argv[1:]), "")
    if command in _ALONE:
        _one(command, _ALONE[command])
    else:
        _everything()


def _one(command: str, name: str) -> None:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(getattr(import_module(f"drover.cli.{name}"), name))
    app(args=sys.argv[2:], prog_name=f"drover {command}")


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
