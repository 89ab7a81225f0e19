"""How commands reach a cluster: the options of kubectl, and its way to fail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from drover.kube.client import Client
from drover.kube.errors import ApiError, Unreachable
from drover.kube.login import LoginError, default_login

T = TypeVar("T")

Kubeconfig = Annotated[
    str | None, typer.Option("--kubeconfig", help="Kubeconfig file; else $KUBECONFIG, ~/.kube/config.")
]
Context = Annotated[str | None, typer.Option("--context", help="Context of the kubeconfig; else its current one.")]


def call(kubeconfig: str | None, context: str | None, function: Callable[[Client], Awaitable[T]]) -> T:
    """Runs a function with a client of the chosen cluster; an error is one line and exit code 1."""

    async def with_client() -> T:
        async with Client(default_login(kubeconfig, context), timeout=15.0) as client:
            return await function(client)

    try:
        return asyncio.run(with_client())
    except (LoginError, ApiError, Unreachable) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
