"""`drover convert`: namespaces that another tool groups, as Projects; roles and bindings of an upstream server."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from itertools import groupby
from typing import Annotated, Final

import typer

from drover.api.scalars import DNS_LABEL
from drover.cli import manifests
from drover.cli.access import Context, Kubeconfig, call
from drover.kinds.resources import (
    CLUSTER_BINDINGS,
    GLOBAL_ROLE_BINDINGS,
    GLOBAL_ROLES,
    PROJECT_BINDINGS,
    ROLE_TEMPLATES,
    USERS,
)
from drover.kube.client import Client
from drover.kube.errors import NotFound
from drover.kube.gvr import CLUSTER_ROLES, GVR, LIMIT_RANGES, NAMESPACES, RESOURCE_QUOTAS, Object
from drover.rules.conversion import capsule, hnc, tenants, trees, upstream
from drover.rules.conversion.result import CannotConvert, Conversion, Document, Remark, Weight
from drover.rules.names import LONGEST_LABEL

app = typer.Typer(
    no_args_is_help=True, help="Write Projects for namespaces that another tool groups, or roles and bindings anew."
)

_HNC: Final = "hnc.x-k8s.io"
_CAPSULE: Final = "capsule.clastix.io"
_RBAC: Final = "rbac.authorization.k8s.io"
_ALWAYS: Final = (NAMESPACES, RESOURCE_QUOTAS, LIMIT_RANGES)
_OF_HNC: Final = (
    *_ALWAYS,
    GVR(_HNC, "v1alpha2", "hierarchyconfigurations", "HierarchyConfiguration"),
    GVR(_HNC, "v1alpha2", "subnamespaceanchors", "SubnamespaceAnchor"),
    GVR(_HNC, "v1alpha2", "hierarchicalresourcequotas", "HierarchicalResourceQuota"),
    GVR(_HNC, "v1alpha2", "hncconfigurations", "HNCConfiguration", namespaced=False),
    GVR(_RBAC, "v1", "rolebindings", "RoleBinding"),
    GVR("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"),
)
_OF_CAPSULE: Final = (
    *_ALWAYS,
    GVR(_CAPSULE, "v1beta2", "tenants", "Tenant", namespaced=False),
    GVR(_CAPSULE, "v1beta2", "capsuleconfigurations", "CapsuleConfiguration", namespaced=False),
    GVR(_CAPSULE, "v1beta2", "globaltenantresources", "GlobalTenantResource", namespaced=False),
    GVR(_CAPSULE, "v1beta2", "tenantresources", "TenantResource"),
    GVR(_CAPSULE, "v1beta2", "resourcepools", "ResourcePool", namespaced=False),
    GVR(_CAPSULE, "v1beta2", "globalresourcequotas", "GlobalResourceQuota", namespaced=False),
)
_OF_UPSTREAM: Final = (
    USERS,
    GLOBAL_ROLES,
    ROLE_TEMPLATES,
    GLOBAL_ROLE_BINDINGS,
    CLUSTER_BINDINGS,
    PROJECT_BINDINGS,
    CLUSTER_ROLES,
)
_TITLES: Final = {
    Weight.DECIDE: "Needs your decision",
    Weight.LOST: "Has no counterpart",
    Weight.NOTE: "To know",
}


class Part(StrEnum):
    """Which cluster the output is for."""

    hub = "hub"
    member = "member"
    both = "both"


Files = Annotated[
    list[str] | None,
    typer.Option(
        "--filename", "-f", help="File or directory of YAML, - for stdin; else the cluster of the kubeconfig is read."
    ),
]
ClusterName = Annotated[
    str, typer.Option("--cluster", help="Name of the Cluster in the hub that the namespaces are in.")
]
For = Annotated[Part, typer.Option("--for", help="Objects for the hub only, or for the member only.")]
Prefix = Annotated[str, typer.Option("--prefix", help="Put before the names of Projects.")]
Only = Annotated[list[str] | None, typer.Option("--only", help="Only this tree (by its root) or Tenant; repeatable.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 2 when something needs a decision.")]


@app.command("hnc")
def from_hnc(
    cluster: ClusterName,
    filename: Files = None,
    part: For = Part.both,
    prefix: Prefix = "",
    only: Only = None,
    split: Annotated[
        list[str] | None, typer.Option("--split", help="Begin a Project of its own with this namespace; repeatable.")
    ] = None,
    level: Annotated[int, typer.Option("--level", min=0, help="Begin a Project at each depth down to this one.")] = 0,
    strict: Strict = False,
    kubeconfig: Kubeconfig = None,
    context: Context = None,
) -> None:
    """Trees of the Hierarchical Namespace Controller."""
    _check(cluster, prefix)
    objects = _objects(filename, kubeconfig, context, _OF_HNC)
    options = trees.Options(cluster, prefix, tuple(split or ()), level, tuple(only or ()))
    try:
        _print(hnc.convert(objects, options), part, cluster, strict=strict)
    except CannotConvert as error:
        raise _failed(error) from error


@app.command("capsule")
def from_capsule(
    cluster: ClusterName,
    filename: Files = None,
    part: For = Part.both,
    prefix: Prefix = "",
    only: Only = None,
    room: Annotated[
        int,
        typer.Option(
            "--room", min=0, help="Further namespaces that a Project has room for where a Tenant has no bound."
        ),
    ] = 10,
    role_bindings: Annotated[
        bool, typer.Option("--role-bindings", help="Write RoleBindings for owners and additional role bindings.")
    ] = False,
    strict: Strict = False,
    kubeconfig: Kubeconfig = None,
    context: Context = None,
) -> None:
    """Tenants of Capsule."""
    _check(cluster, prefix)
    objects = _objects(filename, kubeconfig, context, _OF_CAPSULE)
    options = tenants.Options(cluster, prefix, tuple(only or ()), room, role_bindings)
    try:
        _print(capsule.convert(objects, options), part, cluster, strict=strict)
    except CannotConvert as error:
        raise _failed(error) from error


@app.command("upstream")
def from_upstream(
    filename: Files = None,
    cluster: Annotated[
        list[str] | None, typer.Option("--cluster", help="OLD=NEW: the Cluster OLD has this name here; repeatable.")
    ] = None,
    strict: Strict = False,
    kubeconfig: Kubeconfig = None,
    context: Context = None,
) -> None:
    """Users, roles and bindings of an upstream server."""
    options = upstream.Options(_renamed(cluster or []))
    objects = _objects(filename, kubeconfig, context, _OF_UPSTREAM)
    try:
        converted = upstream.convert(objects, options)
    except CannotConvert as error:
        raise _failed(error) from error
    _print(converted, Part.hub, None, strict=strict)


def _renamed(given: Iterable[str]) -> dict[str, str]:
    """The `OLD=NEW` of options."""
    found = {}
    for each in given:
        old, equals, new = each.partition("=")
        if not (old and equals):
            raise _failed(f"--cluster {each}: write OLD=NEW, such as c-m-x7k2p=edge")
        _check(new)
        found[old] = new
    if len(set(found.values())) < len(found):
        raise _failed("--cluster: two Clusters cannot become one")
    return found


# --- What all do ----------------------------------------------------------------------------------------------------
def _check(cluster: str, prefix: str = "") -> None:
    for option, value in (("--cluster", cluster), ("--prefix", f"{prefix}x")):
        if not re.match(DNS_LABEL, value) or len(value) > LONGEST_LABEL:
            raise _failed(f"{option}: must be lower-case letters, digits and -, as names of Kubernetes are")


def _objects(
    filename: list[str] | None, kubeconfig: str | None, context: str | None, kinds: tuple[GVR, ...]
) -> list[Object]:
    if filename is None:
        return call(kubeconfig, context, lambda client: _read(client, kinds))
    try:
        return manifests.read(filename)
    except manifests.NoManifest as error:
        raise _failed(error) from error


async def _read(client: Client, kinds: tuple[GVR, ...]) -> list[Object]:
    """What a cluster has of the kinds; a kind that it does not know has no objects."""
    found: list[Object] = []
    for gvr in kinds:
        try:
            items = await client.list(gvr)
        except NotFound:
            continue
        found += [{**item, "apiVersion": gvr.api_version, "kind": gvr.kind} for item in items]
    return found


def _print(converted: Conversion, part: Part, cluster: str | None, *, strict: bool) -> None:
    """`cluster` is the one that is converted; None where everything is for the hub."""
    hub = converted.hub if part != Part.member else ()
    member = converted.member if part != Part.hub else ()
    typer.echo(_text("In the hub", hub) + _text(f"In the cluster {cluster}", member), nl=False)
    typer.echo(_report(converted, cluster), err=True, nl=False)
    if strict and any(remark.weight == Weight.DECIDE for remark in converted.remarks):
        raise typer.Exit(2)


def _text(title: str, documents: Iterable[Document]) -> str:
    lines = []
    for number, document in enumerate(documents):
        lines.append("---\n")
        comment = document.comment if number else (title, *document.comment)
        lines += [f"# {_one_line(line)}\n" for line in comment]
        lines.append(manifests.written(document.obj))
    return "".join(lines)


def _report(converted: Conversion, cluster: str | None) -> str:
    lines = [_counts(converted.hub) if cluster is None else _projects(converted)]
    for weight, remarks in groupby(converted.remarks, key=_weight):
        told = list(remarks)
        lines += ["", f"{_TITLES[weight]} ({len(told)}):", *(f"- {remark.about}: {remark.text}" for remark in told)]
    return "".join(f"{_one_line(line)}\n" for line in lines)


def _projects(converted: Conversion) -> str:
    namespaces = sum(document.obj["kind"] == "Namespace" for document in converted.member)
    return f"{_many(len(converted.hub), 'Project')}, {_many(namespaces, 'namespace')}"


def _counts(documents: Iterable[Document]) -> str:
    kinds = Counter(document.obj["kind"] for document in documents)
    return ", ".join(_many(count, kind) for kind, count in kinds.items()) or "nothing to convert"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _weight(remark: Remark) -> Weight:
    return remark.weight


def _one_line(text: str) -> str:
    """Names come from the input: no line break may end a comment, no control character may reach the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _failed(error: object) -> typer.Exit:
    typer.echo(f"error: {error}", err=True)
    return typer.Exit(1)
