"""`drover doctor`: what is wrong with an installation, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from drover import __version__, preflight
from drover.cli.access import Context, Kubeconfig, call
from drover.kinds.resources import CLUSTERS, ROLE_TEMPLATES, SERVED
from drover.kube.client import Client
from drover.kube.errors import ApiError, NotFound
from drover.kube.gvr import CRDS, GVR, LEASES, VALIDATING_WEBHOOKS, Object
from drover.rules.objects import name_of, status

_POLICIES = GVR(
    "admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", namespaced=False
)
_BINDINGS = GVR(
    "admissionregistration.k8s.io",
    "v1",
    "validatingadmissionpolicybindings",
    "ValidatingAdmissionPolicyBinding",
    namespaced=False,
)

_PROBE = "drover-doctor"
_UNANSWERED, _DENIED = "failed calling webhook", "admission webhook"
"""What a kube-apiserver says when a webhook does not answer, and when it refuses."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at and what was found; `problem` is empty where all is well."""

    what: str
    found: str
    problem: str = ""


def doctor(
    kubeconfig: Kubeconfig = None,
    context: Context = None,
    namespace: Annotated[str, typer.Option("--namespace", help="Namespace that Drover runs in.")] = "drover-system",
) -> None:
    """Look at rights, CRDs, policies, the webhook, versions and members; exit with 1 when something is wrong."""

    async def look(client: Client) -> list[Check]:
        return [
            *await _version(client),
            *await _crds(client),
            *await _policies(client),
            *await _webhook(client),
            *await _rights(client, namespace),
            *await _leader(client, namespace),
            *await _members(client),
        ]

    checks = call(kubeconfig, context, look)
    table = Table("", "CHECK", "FOUND", box=None, pad_edge=False)
    for check in checks:
        table.add_row("[red]✗[/]" if check.problem else "[green]✓[/]", check.what, check.problem or check.found)
    Console().print(table)
    if any(check.problem for check in checks):
        raise typer.Exit(1)


async def _version(client: Client) -> list[Check]:
    found = await client.get_path("/version")
    minor = int("".join(letter for letter in str(found.get("minor", "0")) if letter.isdigit()) or 0)
    old = "" if minor >= 30 else f"{found.get('gitVersion')}: ValidatingAdmissionPolicy needs Kubernetes 1.30 or newer"
    return [Check("versions", f"Drover {__version__}, Kubernetes {found.get('gitVersion')}", old)]


async def _crds(client: Client) -> list[Check]:
    checks = []
    for gvr in SERVED:
        try:
            crd = await client.get(CRDS, str(gvr))
        except NotFound:
            checks.append(Check(f"CRD {gvr}", "", "missing; apply crds/"))
            continue
        conditions = {entry["type"]: entry["status"] for entry in status(crd).get("conditions") or []}
        checks.append(
            Check(f"CRD {gvr}", "established", "" if conditions.get("Established") == "True" else "not established")
        )
    return checks


async def _policies(client: Client) -> list[Check]:
    policies = [policy for policy in await client.list(_POLICIES) if name_of(policy).startswith("drover-")]
    bound = {binding["spec"]["policyName"] for binding in await client.list(_BINDINGS)}
    if not policies:
        return [Check("policies", "", "none; apply charts/drover/policies/")]
    unbound = sorted(name_of(policy) for policy in policies if name_of(policy) not in bound)
    wrong = sorted(name_of(policy) for policy in policies if _warnings(policy))
    problem = f"not bound: {', '.join(unbound)}" if unbound else f"type errors in: {', '.join(wrong)}" if wrong else ""
    return [Check("policies", f"{len(policies)} in force", problem)]


def _warnings(policy: Object) -> Iterable[object]:
    return (status(policy).get("typeChecking") or {}).get("expressionWarnings") or []


async def _webhook(client: Client) -> list[Check]:
    """Asks it about a role that is not made."""
    if await client.find(VALIDATING_WEBHOOKS, "drover") is None:
        told = "off: who may write roles and bindings may do everything"
        return [Check("webhook", told)]
    probe = {"apiVersion": ROLE_TEMPLATES.api_version, "kind": ROLE_TEMPLATES.kind, "metadata": {"name": _PROBE}}
    try:
        await client.create(ROLE_TEMPLATES, probe, manager=_PROBE, dry_run=True)
    except ApiError as error:
        if _UNANSWERED in error.message:
            problem = f"does not answer, so that roles and bindings cannot be written: {error.message}"
            return [Check("webhook", "", problem)]
        if _DENIED not in error.message:
            return [Check("webhook", f"on; not asked: {error.message}")]
    return [Check("webhook", "answers")]


async def _rights(client: Client, namespace: str) -> list[Check]:
    """Of whoever runs the doctor: with `--as` the operator's ServiceAccount these are the operator's."""
    lacking = await preflight.missing(client, (*preflight.RIGHTS, preflight.lease_right(namespace)))
    checks = [Check("rights of this login", "", f"missing {preflight.rule(right)}") for right in lacking]
    off = await preflight.missing(client, preflight.PROJECT_SECRET_RIGHTS)
    return [
        *(checks or [Check("rights of this login", "all that the operator needs")]),
        *(Check("project secrets", f"not copied: without {preflight.rule(right)}") for right in off),
    ]


async def _leader(client: Client, namespace: str) -> list[Check]:
    try:
        lease = await client.get(LEASES, "drover", namespace)
    except NotFound:
        return [Check("leader", "", f"no Lease drover in namespace {namespace}: the operator has not run there")]
    except ApiError as error:
        return [Check("leader", "", error.message)]
    holder = (lease.get("spec") or {}).get("holderIdentity")
    return [Check("leader", f"{holder}", "" if holder else "nobody holds the Lease: no replica runs")]


async def _members(client: Client) -> list[Check]:
    checks = []
    try:
        clusters = await client.list(CLUSTERS)
    except NotFound:
        return []
    for cluster in clusters:
        conditions = {entry["type"]: entry for entry in status(cluster).get("conditions") or []}
        connected = conditions.get("Connected") or {}
        version = (status(cluster).get("version") or {}).get("gitVersion", "")
        good = connected.get("status") == "True"
        told = (
            connected.get("message") or (conditions.get("Ready") or {}).get("message") or "not seen by the operator yet"
        )
        checks.append(Check(f"cluster {name_of(cluster)}", f"connected, {version}", "" if good else told))
    return checks
