"""What the kube-apiservers of the hub and of a member allow is what roles and bindings say, whatever they are: random
ones are applied, changed and deleted, and every answer is compared with that of the model.

`DROVER_GRAPH_ROUNDS` sets how many; `DROVER_GRAPH_SEED` the first one's seed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from random import Random

import pytest
import pytest_asyncio

from drover.kinds.resources import (
    BINDINGS,
    CLUSTERS,
    GLOBAL_ROLES,
    PROJECTS,
    ROLE_TEMPLATES,
    USERS,
    WORKSPACES,
)
from drover.kube.client import Client
from drover.kube.errors import Conflict as Taken
from drover.kube.errors import Forbidden, Invalid
from drover.kube.gvr import CLUSTER_ROLES, Object
from drover.rules.rbac import graph, reading
from drover.rules.rbac.facts import RoleTemplate, Rule
from drover.rules.rbac.model import Request, allowed
from drover.rules.rbac.snapshot import Snapshot
from tests.cluster.attacks import graphs
from tests.cluster.attacks.graphs import Graph
from tests.cluster.attacks.ground import Ground, may
from tests.cluster.scene import eventually, gvr_of, namespace, project

ROUNDS = int(os.environ.get("DROVER_GRAPH_ROUNDS", "3"))
SEED = int(os.environ.get("DROVER_GRAPH_SEED", "20261128"))
_KINDS = (USERS, GLOBAL_ROLES, ROLE_TEMPLATES, CLUSTERS, PROJECTS, WORKSPACES, *BINDINGS)
_ASKED = 250
"""Questions for each cluster, each time."""

Question = tuple[str, str, tuple[str, ...], Request]
"""A cluster, a user name with groups, and what they want to do."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def projects(ground: Ground) -> dict[str, Object]:
    """The Projects, with their namespaces."""
    found: dict[str, Object] = {}
    for cluster, names in graphs.PROJECTS.items():
        for name in names:
            await ground.scene.apply(project(name, cluster))
            found[name] = await ground.scene.ready(project(name, cluster))
        client = _client(ground, cluster)
        for name, home in graphs.NAMESPACES[cluster].items():
            await ground.scene.apply(namespace(name, f"{cluster}:{home}" if home else None), client=client)
    return found


@pytest.mark.parametrize("number", range(ROUNDS))
async def test_the_kube_apiservers_allow_what_the_model_allows_and_nothing_else(
    ground: Ground, projects: dict[str, Object], number: int
) -> None:
    draw = Random(SEED + number)  # noqa: S311 - a graph is no secret
    made = Graph(draw, f"g{number}", projects)
    applied = await put(ground, made.everything())
    yes = await compared(ground, made)
    bindings = [obj for obj in applied if obj["kind"].endswith("Binding")]
    for obj in draw.sample(bindings, len(bindings) // 3):
        await ground.scene.delete(obj)
    changes = [made.role(name) for name in draw.sample(made.roles, 2)]
    await put(ground, [made.user(1, enabled=False), made.global_role(0), *changes, *(made.binding() for _ in range(3))])
    yes += await compared(ground, made)
    for obj in [each for each in applied if each["kind"].endswith("Binding")]:
        await ground.scene.delete(obj)
    await compared(ground, made)
    assert yes > 10, "too little is allowed to tell anything"


async def put(ground: Ground, objects: Iterable[Object]) -> list[Object]:
    """Applies what is taken; what admission refuses is left out."""
    taken = []
    for obj in objects:
        try:
            await ground.scene.hub.apply(gvr_of(obj), obj, manager="test")
        except (Invalid, Taken, Forbidden):
            continue
        taken.append(obj)
    return taken


async def compared(ground: Ground, made: Graph) -> int:
    """Waits until each answer is that of the model; how many are yes."""
    snapshot = Snapshot()
    for gvr in _KINDS:
        for obj in await ground.scene.hub.list(gvr):
            snapshot.change(gvr.kind, None, obj)
    questions: list[Question] = []
    for cluster in graphs.NAMESPACES:
        for _ in range(_ASKED):
            name, groups = made.subject()
            questions.append((cluster, name, tuple(groups), made.request(cluster)))
    rules = {cluster: await _rules(_client(ground, cluster)) for cluster in graphs.NAMESPACES}
    wanted = {each: _model(snapshot, each, rules[each[0]]) for each in questions}

    async def wrong() -> str:
        answers = await asyncio.gather(*(_asked(ground, each) for each in wanted))
        different = [
            f"{each}: the model says {wish}, the kube-apiserver {not wish}"
            for (each, wish), answer in zip(wanted.items(), answers, strict=True)
            if answer is not wish
        ]
        return "\n".join(different)

    last = ""

    async def same() -> bool:
        nonlocal last
        last = await wrong()
        return not last

    try:
        await eventually(same, "kube-apiservers and model agree")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{last}") from None
    return sum(wanted.values())


def _client(ground: Ground, cluster: str) -> Client:
    return ground.scene.hub if cluster == "local" else ground.scene.member


async def _asked(ground: Ground, question: Question) -> bool:
    cluster, name, groups, request = question
    return await may(_client(ground, cluster), name, request, groups)


async def _rules(client: Client) -> Mapping[str, tuple[Rule, ...]]:
    return {obj["metadata"]["name"]: reading.rules(obj.get("rules")) for obj in await client.list(CLUSTER_ROLES)}


def _model(snapshot: Snapshot, question: Question, cluster_roles: Mapping[str, tuple[Rule, ...]]) -> bool:
    cluster, name, groups, request = question

    def project_of(place: str) -> str:
        home = graphs.NAMESPACES[cluster].get(place)
        return f"{cluster}:{home}" if home else ""

    def rules_of(role: RoleTemplate) -> tuple[Rule, ...]:
        return cluster_roles.get(role.name, graph.stated(role)) if role.external else role.rules

    return allowed(snapshot, cluster, name, groups, request, project_of, rules_of) is not None
