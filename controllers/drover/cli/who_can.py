"""`drover who-can`: who may do something by roles and bindings, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated

import typer

from drover.api.keys import LOCAL_CLUSTER, PROJECT_ID
from drover.cli.access import Context, Kubeconfig, call
from drover.cli.answer import Question, as_json, as_table
from drover.cli.resource import UnknownResource, named
from drover.kinds.resources import CLUSTERS, FACTS, PROJECTS
from drover.kube.client import Client
from drover.kube.errors import Forbidden
from drover.kube.gvr import CLUSTER_ROLES, GVR, NAMESPACES, Object
from drover.rules.objects import annotation, name_of, namespace_of, status
from drover.rules.rbac import graph, reading
from drover.rules.rbac.facts import RoleTemplate, Rule
from drover.rules.rbac.model import Request
from drover.rules.rbac.snapshot import Snapshot
from drover.rules.rbac.why import Reason, about, reasons, would_do

Lists = Mapping[GVR, list[Object]]


class Output(StrEnum):
    """How the answer is written."""

    table = "table"
    json = "json"


class CannotTell(Exception):
    """The question cannot be answered; the message says what is missing."""


def who_can(
    verb: Annotated[str, typer.Argument(help="What is done: get, create, ... or '*' for everything.")],
    resource: Annotated[
        str, typer.Argument(help="pods, deploy, pods/log, deployments.apps, '*'; or a path such as /metrics.")
    ],
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

    place = Place(cluster, namespace, f"{cluster}:{project.rpartition(':')[2]}" if project else "")
    groups = tuple(group or ())

    async def answer(client: Client) -> Answer:
        request = await _request(client, verb, resource, name, namespace)
        lists = await _lists(client)
        _check_cluster(cluster, lists[CLUSTERS])
        there = known if known is not None else await _there(client, place, lists[PROJECTS])
        objects = [obj for each in lists.values() for obj in each]
        found = reasons(Snapshot(objects), cluster, request, lambda _: there.project, there.rules)
        asked = about(found, user, groups) if user or groups else found
        question = Question(request, cluster, there.project, _asked_about(user, groups))
        would = () if asked else would_do(objects, cluster, request, there.project, there.rules)
        return Answer(question, asked, would, _silence(cluster, lists[CLUSTERS]))

    try:
        known = call(kubeconfig, member, lambda client: _there(client, place)) if member is not None else None
        answered = call(kubeconfig, context, answer)
    except (CannotTell, UnknownResource) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
    if answered.note:
        typer.echo(f"note: {answered.note}", err=True)
    question, found = answered.question, answered.reasons
    text = as_json(question, found) if output == Output.json else as_table(question, found, answered.would)
    typer.echo(text, nl=False)
    if question.about and not found:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Answer:
    """`would` are roles that would allow it, where none does; `note` is what else is to know."""

    question: Question
    reasons: tuple[Reason, ...]
    would: tuple[str, ...]
    note: str


def _asked_about(user: str, groups: tuple[str, ...]) -> str:
    named_groups = f"groups {', '.join(groups)}" if len(groups) > 1 else "".join(f"group {one}" for one in groups)
    if not user:
        return f"G{named_groups[1:]}" if groups else ""
    return f"User {user} in {named_groups}" if groups else f"User {user}"


# --- What is read -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Place:
    """Where the question is about; `project` is what was said of the namespace."""

    cluster: str
    namespace: str
    project: str


@dataclass(frozen=True, slots=True)
class There:
    """What only the cluster itself knows: the Project of the namespace, and the rules of its ClusterRoles."""

    project: str
    cluster_roles: Mapping[str, tuple[Rule, ...]]

    def rules(self, role: RoleTemplate) -> tuple[Rule, ...]:
        """The rules of a RoleTemplate itself; of an external one, those of its ClusterRole."""
        return self.cluster_roles.get(role.name) or graph.stated(role) if role.external else role.rules


async def _there(client: Client, place: Place, projects: Iterable[Object] | None = None) -> There:
    """What is known of a place. With `projects`, the client is one of the hub, and they may say it of a namespace in
    another cluster; without, it is one of the cluster itself."""
    try:
        listed = await client.list(CLUSTER_ROLES)
    except Forbidden:
        listed = []
    cluster_roles = {name_of(obj): reading.rules(obj.get("rules")) for obj in listed}
    if place.project or not place.namespace:
        return There(place.project, cluster_roles)
    if projects is not None and place.cluster != LOCAL_CLUSTER:
        return There(_by_quota(place, projects), cluster_roles)
    namespace = await client.find(NAMESPACES, place.namespace)
    if namespace is None:
        raise CannotTell(f"there is no namespace {place.namespace} in cluster {place.cluster}")
    return There(annotation(namespace, PROJECT_ID), cluster_roles)


def _by_quota(place: Place, projects: Iterable[Object]) -> str:
    """The Project that says what a namespace of another cluster was granted. The hub knows no more of namespaces there,
    and nothing of those in Projects without a quota."""
    found = [
        name_of(project)
        for project in projects
        if namespace_of(project) == place.cluster
        and any(one.get("namespace") == place.namespace for one in status(project).get("namespaceQuotas") or ())
    ]
    if len(found) == 1:
        return f"{place.cluster}:{found[0]}"
    raise CannotTell(
        f"which Project is namespace {place.namespace} of cluster {place.cluster} in? Say --project NAME, or"
        " --member-context CONTEXT to read it there"
    )


async def _request(client: Client, verb: str, resource: str, name: str, namespace: str) -> Request:
    if resource.startswith("/"):
        if name or namespace:
            raise CannotTell(f"{resource} is a path, which has no name and lies in no namespace; leave them out")
        return Request(verb, url=resource)
    found = await named(client, resource)
    return Request(verb, found.group, found.plural, found.subresource, name, namespace)


async def _lists(client: Client) -> Lists:
    lists = await asyncio.gather(*(client.list(gvr) for gvr in FACTS))
    return {
        gvr: [{**obj, "apiVersion": gvr.api_version, "kind": gvr.kind} for obj in objects]
        for gvr, objects in zip(FACTS, lists, strict=True)
    }


def _check_cluster(cluster: str, clusters: Iterable[Object]) -> None:
    names = sorted(map(name_of, clusters))
    if cluster not in names:
        near = get_close_matches(cluster, names, n=1)
        which = f"did you mean {near[0]}?" if near else "see kubectl get clusters.management.cattle.io"
        raise CannotTell(f"there is no Cluster {cluster}; {which}")


def _silence(cluster: str, clusters: Iterable[Object]) -> str:
    """What to know of a cluster that does not answer: it may allow what it did before."""
    found = next(one for one in clusters if name_of(one) == cluster)
    conditions = {entry["type"]: entry.get("status") for entry in status(found).get("conditions") or ()}
    if conditions.get("Connected") == "True":
        return ""
    return (
        f"cluster {cluster} does not answer Drover: this is what roles and bindings say now, and it keeps what it was "
        "told last"
    )
