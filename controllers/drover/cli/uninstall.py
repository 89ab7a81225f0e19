"""`drover uninstall`: what to run before the chart or the manifests are removed."""

from __future__ import annotations

from typing import Annotated

import typer

from drover import uninstall as removal
from drover.cli.access import Context, Kubeconfig, call
from drover.kinds.resources import SERVED
from drover.kube.client import Client
from drover.uninstall import Survey


def uninstall(
    kubeconfig: Kubeconfig = None,
    context: Context = None,
    namespace: Annotated[str, typer.Option("--namespace", help="Namespace that Drover runs in.")] = "drover-system",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Don't look whether an operator still runs, which would put them on again.")
    ] = False,
) -> None:
    """Take Drover's finalizers off all objects, so that removing Drover leaves nothing that cannot be deleted."""
    if not (dry_run or force):
        _refuse_while_running(kubeconfig, context, namespace)
    found = call(kubeconfig, context, removal.survey)
    objects = ", ".join(f"{count} {kind}" for kind, count in found.counts().items()) or "nothing"
    if dry_run:
        typer.echo(f"Would take finalizers off: {objects}")
    elif found.targets:
        if not yes:
            typer.confirm(f"Take Drover's finalizers off {objects}? Deletions will no longer clean up", abort=True)

        async def free(client: Client) -> int:
            return await removal.free(client, found.targets)

        typer.echo(f"Took finalizers off {call(kubeconfig, context, free)} objects: {objects}")
    else:
        typer.echo("No object has a finalizer of Drover.")
    for line in next_steps(found, namespace):
        typer.echo(line)


def next_steps(found: Survey, namespace: str) -> list[str]:
    """What a person does next, in this order."""
    lines = [
        "",
        "Next, to remove everything:",
        f"  helm uninstall drover --namespace {namespace}     # or: kubectl delete -k deploy/kustomize",
        f"  kubectl delete crd {' '.join(map(str, SERVED))}",
        "      # deletes every Cluster, Project and Workload of Drover with them. What runs in members stays; in this",
        "      # cluster, what Workloads made in their own namespaces goes with them.",
    ]
    if found.namespaces:
        names = " ".join(found.namespaces)  # some of them may be gone until somebody does it
        lines.append(
            f"  kubectl delete namespace --ignore-not-found {names}     # made by Drover, with all that is in them"
        )
    return lines


def _refuse_while_running(kubeconfig: str | None, context: str | None, namespace: str) -> None:
    async def look(client: Client) -> str:
        return await removal.running(client, namespace)

    holder = call(kubeconfig, context, look)
    if holder:
        typer.echo(
            f"error: the operator {holder} runs and would put its finalizers on again. End it first:\n"
            f"  kubectl --namespace {namespace} scale deployment drover --replicas 0\n"
            f"or say --force.",
            err=True,
        )
        raise typer.Exit(1)
