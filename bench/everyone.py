"""What everybody may do everywhere: asked of the kube-apiservers, one question at a time, and of roles and bindings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Final, NamedTuple

from bench.asking import ask, may, review
from bench.people import Fleet
from bench.virtual import Share
from drover.api.keys import LOCAL_CLUSTER, MANAGEMENT
from drover.kinds.resources import FACTS
from drover.kube.client import Client
from drover.kube.gvr import CLUSTER_ROLES
from drover.rules.rbac import reading
from drover.rules.rbac.facts import RoleTemplate, Rule, Subject
from drover.rules.rbac.model import Request, who_can
from drover.rules.rbac.snapshot import Snapshot
from drover.rules.rbac.subjects import matches

_AT_ONCE: Final = 32
_IN_NAMESPACES: Final = (
    Request("get", "", "pods"),
    Request("create", "apps", "deployments"),
    Request("update", "", "secrets"),
)
_IN_MEMBERS: Final = (
    Request("list", "", "nodes"),
    Request("create", "", "namespaces"),
    Request("delete", "", "pods"),
    Request("get", "", "pods", namespace="default"),
)
_IN_HUB: Final = ("get", "delete")


class Question(NamedTuple):
    """Whether a user may do something in a cluster; `project` is the one that the namespace is in, as
    `<cluster>:<project>`."""

    cluster: str
    user: str
    request: Request
    project: str = ""


class Answers(NamedTuple):
    """How many questions were asked; how many were allowed that should not be, and the other way round."""

    asked: int
    stale: int
    missing: int


async def facts(hub: Client) -> Snapshot:
    """The roles and bindings, as they are in the hub."""
    snapshot = Snapshot()
    for gvr in FACTS:
        for obj in await hub.list(gvr):
            snapshot.change(gvr.kind, None, obj)
    return snapshot


def questions(fleet: Fleet) -> Iterator[Question]:
    """Of every user, in the groups that the user is in: some verbs in every namespace of every project, in the whole of
    every member and in a namespace of no project there; and in the hub about every Cluster and Project."""
    for user in fleet.people:
        for cluster, project in fleet.all_projects():
            for namespace in fleet.namespaces(project):
                for request in _IN_NAMESPACES:
                    yield Question(cluster, user, replace(request, namespace=namespace), f"{cluster}:{project}")
            for verb in _IN_HUB:
                about = Request(verb, MANAGEMENT, "projects", name=project, namespace=cluster)
                yield Question(LOCAL_CLUSTER, user, about)
        for cluster in fleet.clusters:
            for request in _IN_MEMBERS:
                yield Question(cluster, user, request)
            for verb in _IN_HUB:
                yield Question(LOCAL_CLUSTER, user, Request(verb, MANAGEMENT, "clusters", name=cluster))


async def compare(fleet: Fleet, hub: Client, shares: Mapping[str, Share]) -> Answers:
    """Asks every question; what is right follows from the roles and bindings in the hub, by `drover.rules.rbac.model`,
    which knows nothing of what is compiled from them. Of external roles it is what Kubernetes' own ClusterRoles say,
    which members have as the hub has them."""
    external = {obj["metadata"]["name"]: reading.rules(obj.get("rules")) for obj in await hub.list(CLUSTER_ROLES)}
    right = _right(await facts(hub), external)
    left, asked, stale, missing = questions(fleet), 0, 0, 0

    async def work() -> None:
        nonlocal asked, stale, missing
        for question in left:
            groups = [fleet.group_of(question.user)]
            answer = await _answer(question, groups, hub, shares)
            wanted = any(matches(one, question.user, groups) for one in right(question._replace(user="")))
            asked, stale, missing = asked + 1, stale + (answer and not wanted), missing + (wanted and not answer)

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return Answers(asked, stale, missing)


async def _answer(question: Question, groups: Iterable[str], hub: Client, shares: Mapping[str, Share]) -> bool:
    if question.cluster == LOCAL_CLUSTER:
        return await ask(hub, review(question.request, question.user, groups))
    return await may(shares[question.cluster], question.request, question.user, groups)


def _right(known: Snapshot, external: Mapping[str, tuple[Rule, ...]]) -> Callable[[Question], tuple[Subject, ...]]:
    """Who may do what is asked for, whoever asks; `external` are the rules of ClusterRoles."""

    def rules(role: RoleTemplate) -> tuple[Rule, ...]:
        return external.get(role.name, ()) if role.external else role.rules

    @cache
    def who(question: Question) -> tuple[Subject, ...]:
        cluster, _, request, project = question
        return tuple(subject for subject, _ in who_can(known, cluster, request, lambda _namespace: project, rules))

    return who
