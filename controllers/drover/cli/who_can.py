"""`drover who-can`: who may do something by roles and bindings, and why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated

import typer

from drover.api.keys import LOCAL_CLUSTER, PROJECT_ID
from drover.cli.access import Context, Kubeconfig, call
from drover.cli.resource import UnknownResource, named
from drover.kinds.resources import (
    CLUSTER_BINDINGS,
    CLUSTERS,
    GLOBAL_ROLE_BINDINGS,
    GLOBAL_ROLES,
    PROJECT_BINDINGS,
    PROJECTS,
    ROLE_TEMPLATES,
    USERS,
    WORKSPACES,
)
from drover.kube.client import Client
from drover.kube.errors import Forbidden
from drover.kube.gvr import CLUSTER_ROLES, NAMESPACES
from drover.rules.objects import annotation, name_of
from drover.rules.rbac import graph, reading
from drover.rules.rbac.facts import RoleTemplate, Rule
from drover.rules.rbac.model import Request
from drover.rules.rbac.snapshot import Snapshot
from drover.rules.rbac.why import Reason, about, binding_text, reasons, roles_text, rule_text, subject_text, to_json

_READ = (
    USERS,
    GLOBAL_ROLES,
    ROLE_TEMPLATES,
    GLOBAL_ROLE_BINDINGS,
    CLUSTER_BINDINGS,
    PROJECT_BINDINGS,
    CLUSTERS,
    PROJECTS,
    WORKSPACES,
)


class Output(StrEnum):
    """How the answer is written."""

    table = "table"
    json = "json"


class CannotTell(Exception):
    """The question cannot be answered; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Question:
    """`project` is that of the namespace as `<cluster>:<project>`, empty for none."""

    request: Request
    cluster: str
    project: str = ""

    def __str__(self) -> str:
        request = self.request
        resource = f"{request.resource}{f'/{request.subresource}' if request.subresource else ''}"
        what = request.url or f"{resource}{f'.{request.group}' if request.group else ''}"
        name = f" {request.name}" if request.name else ""
        inside = f" in namespace {request.namespace}" if request.namespace else ""
        of = f" (Project {self.project})" if self.project else ""
        return f"{request.verb} {what}{name}{inside}{of} in cluster {self.cluster}"


def who_can(
    verb: Annotated[str, typer.Argument(help="What is done: get, create, ... or * for everything.")],
    resource: Annotated[str, typer.Argument(help="pods, pods/log, deployments.apps; or a path such as /metrics.")],
    name: Annotated[str, typer.Argument(help="One object; without it, all of them.")] = "",
    namespace: Annotated[
        str, typer.Option("--namespace", "-n", help="One namespace; without it, the whole cluster.")
    ] = "",
    cluster: Annotated[str, typer.Option("--cluster", help="A Cluster; else the one that Drover runs in.")] = (
        LOCAL_CLUSTER
    ),
    project: Annotated[
        str, typer.Option("--project", help="Project of the namespace, where it is in another cluster.")
    ] = "",
    member: Annotated[
        str | None,
        typer.Option("--member-context", help="Context of that cluster, to read the Project of the namespace there."),
    ] = None,
    user: Annotated[str, typer.Option("--user", help="Only why this user can; exit with 1 where it cannot.")] = "",
    group: Annotated[list[str] | None, typer.Option("--group", help="A group of that user; repeatable.")] = None,
    output: Annotated[Output, typer.Option("--output", "-o", help="table or json.")] = Output.table,
    kubeconfig: Kubeconfig = None,
    context: Context = None,
) -> None:
    """List who may do something by roles and bindings of Drover, and why. Plain RBAC may allow it to others."""

    place = Place(cluster, namespace, f"{cluster}:{project}" if project else "", away=cluster != LOCAL_CLUSTER)

    async def answer(client: Client) -> tuple[Question, tuple[Reason, ...]]:
        request = await _request(client, verb, resource, name, namespace)
        facts = await _facts(client)
        if facts.cluster(cluster) is None:
            raise CannotTell(f"there is no Cluster {cluster}; see kubectl get clusters.management.cattle.io")
        question = Question(request, cluster, there.project)
        return question, reasons(facts, cluster, request, lambda _: there.project, there.rules)

    try:
        there = call(kubeconfig, member or context, lambda client: _there(client, place, asked=member is not None))
        question, found = call(kubeconfig, context, answer)
    except (CannotTell, UnknownResource) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
    chosen = about(found, user, tuple(group or ())) if user or group else found
    typer.echo(as_json(question, chosen) if output == Output.json else as_table(question, chosen), nl=False)
    if (user or group) and not chosen:
        raise typer.Exit(1)


# --- What is read -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Place:
    """Where the question is about; `project` is what was said of the namespace. `away`: not the hub."""

    cluster: str
    namespace: str
    project: str
    away: bool


@dataclass(frozen=True, slots=True)
class There:
    """What only the cluster itself knows: the Project of the namespace, and the rules of its ClusterRoles."""

    project: str
    cluster_roles: Mapping[str, tuple[Rule, ...]]

    def rules(self, role: RoleTemplate) -> tuple[Rule, ...]:
        """The rules of a RoleTemplate itself; of an external one, those of its ClusterRole."""
        return self.cluster_roles.get(role.name) or graph.stated(role) if role.external else role.rules


async def _there(client: Client, place: Place, *, asked: bool) -> There:
    """`asked`: the client is one of the place itself, which may not be the hub."""
    try:
        listed = await client.list(CLUSTER_ROLES)
    except Forbidden:
        listed = []
    cluster_roles = {name_of(obj): reading.rules(obj.get("rules")) for obj in listed}
    if place.project or not place.namespace:
        return There(place.project, cluster_roles)
    if place.away and not asked:
        raise CannotTell(
            f"which Project is namespace {place.namespace} of cluster {place.cluster} in? Say --project NAME, or"
            " --member-context CONTEXT to read it there"
        )
    namespace = await client.find(NAMESPACES, place.namespace)
    if namespace is None:
        raise CannotTell(f"there is no namespace {place.namespace} in cluster {place.cluster}")
    return There(annotation(namespace, PROJECT_ID), cluster_roles)


async def _request(client: Client, verb: str, resource: str, name: str, namespace: str) -> Request:
    if resource.startswith("/"):
        return Request(verb, url=resource)
    found = await named(client, resource)
    return Request(verb, found.group, found.plural, found.subresource, name, namespace)


async def _facts(client: Client) -> Snapshot:
    snapshot = Snapshot()
    lists = await asyncio.gather(*(client.list(gvr) for gvr in _READ))
    for gvr, objects in zip(_READ, lists, strict=True):
        for obj in objects:
            snapshot.change(gvr.kind, None, obj)
    return snapshot


# --- What is printed --------------------------------------------------------------------------------------------------
def as_table(question: Question, found: Sequence[Reason]) -> str:
    """The answer for people: a line for each reason, with the way from the binding to the rule."""
    if not found:
        return f"Nobody can {question} by roles and bindings.\n"
    rows = [("WHO", "BY", "ROLES", "RULE"), *(_row(reason, question.request) for reason in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("   ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "".join(f"{_printable(line)}\n" for line in (f"Who can {question}:", *lines))


def _row(reason: Reason, request: Request) -> tuple[str, str, str, str]:
    chain = reason.chain
    return subject_text(reason), binding_text(chain.binding), roles_text(chain), rule_text(chain, request)


def as_json(question: Question, found: Iterable[Reason]) -> str:
    """The answer for programs."""
    request = {key: value for key, value in asdict(question.request).items() if value}
    asked = {"cluster": question.cluster, **({"project": question.project} if question.project else {}), **request}
    return json.dumps({"request": asked, "reasons": [to_json(each) for each in found]}, indent=2) + "\n"


def _printable(line: str) -> str:
    """Names of groups come from users: no control character may reach the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in line)
