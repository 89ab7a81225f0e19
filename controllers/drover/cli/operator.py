"""`drover operator`: runs the operator."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import typer

from drover.cli.access import Context, Kubeconfig


def operator(
    kubeconfig: Kubeconfig = None,
    context: Context = None,
    namespace: Annotated[
        str, typer.Option("--namespace", help="Namespace of the leader election Lease.")
    ] = "drover-system",
    lease_seconds: Annotated[
        float, typer.Option("--lease-seconds", min=5, help="How long a leader's Lease lasts.")
    ] = 15.0,
    probe_address: Annotated[
        str, typer.Option("--probe-address", help="HOST:PORT of /healthz, /readyz and /metrics; empty for none.")
    ] = "127.0.0.1:8080",
    webhook_address: Annotated[
        str, typer.Option("--webhook-address", help="HOST:PORT of the admission webhook; empty for none.")
    ] = "",
    webhook_days: Annotated[
        float, typer.Option("--webhook-certificate-days", min=0.0001, help="How long its certificate is valid.")
    ] = 90.0,
    webhook_foreign: Annotated[
        bool, typer.Option("--webhook-foreign-certificate", help="Somebody else makes it, such as cert-manager.")
    ] = False,
    patience: Annotated[
        float,
        typer.Option("--deletion-patience", min=1, help="Seconds that a deletion waits for clean-up in a member."),
    ] = 120.0,
    linger: Annotated[
        float,
        typer.Option("--unused-role-seconds", min=0, help="How long roles stay in a cluster that nobody has any more."),
    ] = 60.0,
    allow_loopback: Annotated[
        bool, typer.Option("--allow-loopback", help="Let kubeconfigs name this machine, as `drover dev` needs it.")
    ] = False,
    may_leave: Annotated[
        bool,
        typer.Option("--namespaces-may-leave", help="In members, a namespace leaves a project without rights on it."),
    ] = False,
    log_level: Annotated[str, typer.Option("--log-level", help="debug, info, warning or error.")] = "info",
    log_format: Annotated[str, typer.Option("--log-format", help="json or text.")] = "json",
) -> None:
    """Reconcile clusters, projects and workloads until told to end."""
    from drover import logs, process
    from drover.admission import webhook
    from drover.kinds.hub import Settings
    from drover.kube.lease import LeaseSettings
    from drover.kube.login import LoginError, default_login

    logs.configure(level=log_level, json=log_format == "json")
    probes, hook = _address("--probe-address", probe_address), _address("--webhook-address", webhook_address)
    options = process.Options(
        lease=LeaseSettings(
            namespace=namespace, duration=lease_seconds, retry=lease_seconds / 7.5, margin=lease_seconds / 5
        ),
        probe_host=probes[0] if probes else "127.0.0.1",
        probe_port=probes[1] if probes else 0,
        webhook=webhook.Options(*hook, namespace, webhook_days, webhook_foreign) if hook else None,
        settings=Settings(
            loopback=allow_loopback,
            patience=patience,
            linger=linger,
            may_leave=may_leave,
            environment=_environment(),
        ),
    )
    try:
        login = default_login(kubeconfig, context)
    except LoginError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)
    asyncio.run(process.run(login, options))


def _address(flag: str, text: str) -> tuple[str, int] | None:
    """HOST:PORT, the host without the brackets of IPv6; None where nothing is given."""
    host, _, port = text.rpartition(":")
    if text and not port.isdigit():
        typer.echo(f"error: {flag} {text}: write HOST:PORT", err=True)
        raise typer.Exit(2)
    return (host.strip("[]") or "127.0.0.1", int(port)) if text else None


def _environment() -> dict[str, str]:
    """The variables that decide over Settings."""
    from drover.rules.settings import ENVIRONMENT_PREFIX

    return {name: value for name, value in os.environ.items() if name.startswith(ENVIRONMENT_PREFIX)}
