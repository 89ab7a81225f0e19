"""The labels of a template in a member: given, put right, taken off, and never taken from a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest_asyncio

from drover.kube.errors import Conflict, Forbidden
from drover.kube.gvr import GVR, NAMESPACES, Object
from drover.members.desired import POD_SECURITY, Part
from drover.members.loop import MemberLoop
from drover.rules.pod_security import LABELS, MANAGER, PodSecurity
from tests.unit.members.cluster import Cluster, copied
from tests.unit.members.test_loop import Running, project

BASELINE = PodSecurity({label: "latest" if label.endswith("version") else "baseline" for label in LABELS}, ("exempt",))
ENFORCE = "pod-security.kubernetes.io/enforce"


class Applying(Cluster):
    """A cluster that knows who holds the labels of a namespace, as server-side apply does."""

    async def apply(self, gvr: GVR, obj: Object, *, manager: str, force: bool = True) -> Object:
        self._fail("apply")
        assert (gvr, manager, force) == (NAMESPACES, MANAGER, False)
        known = copied(self.objects[gvr.plural][obj["metadata"]["name"]])
        assert obj["metadata"]["uid"] == known["metadata"]["uid"]
        wanted, live = obj["metadata"]["labels"], dict(known["metadata"].get("labels") or {})
        mine = self.held(known)
        if any(live.get(key, value) != value and key not in mine for key, value in wanted.items()):
            raise Conflict(409, "Conflict", "a label belongs to another manager")
        self.written.append({"labels": wanted})
        kept = {key: value for key, value in live.items() if key not in mine}
        fields: Object = {"f:metadata": {"f:labels": {f"f:{key}": {} for key in wanted}}}
        managed = [{"manager": MANAGER, "operation": "Apply", "fieldsV1": fields}] if wanted else []
        return self.put(
            gvr, {**known, "metadata": {**known["metadata"], "labels": {**kept, **wanted}, "managedFields": managed}}
        )

    @staticmethod
    def held(namespace: Object) -> set[str]:
        entries = namespace["metadata"].get("managedFields") or []
        return {key[2:] for entry in entries for key in entry["fieldsV1"]["f:metadata"]["f:labels"]}

    def person_sets(self, name: str, **labels: str) -> None:
        """A person labels a namespace, and holds those labels then."""
        known = copied(self.objects[NAMESPACES.plural][name])
        metadata = known["metadata"]
        wanted = {**(metadata.get("labels") or {}), **{key.replace("_", "-"): value for key, value in labels.items()}}
        changed = {key for key, value in wanted.items() if (metadata.get("labels") or {}).get(key) != value}
        fields: Object = {"f:metadata": {"f:labels": {f"f:{key}": {} for key in self.held(known) - changed}}}
        managed = [{"manager": MANAGER, "operation": "Apply", "fieldsV1": fields}]
        self.put(NAMESPACES, {**known, "metadata": {**metadata, "labels": wanted, "managedFields": managed}})

    def levels(self, name: str) -> dict[str, str]:
        labels = self.objects[NAMESPACES.plural][name]["metadata"].get("labels") or {}
        return {key: value for key, value in labels.items() if key in LABELS}


def held_to(value: PodSecurity | None, **changes: Any) -> Part:
    return replace(project(), pod_security=value, **changes)


@pytest_asyncio.fixture
async def running() -> Any:
    running = Running()
    running.cluster = Applying()
    running.loop = MemberLoop(
        "edge",
        running.cluster.client,
        may_write=running.may_write,
        on_part=running._on_part,
        on_cluster=lambda: None,
    )
    await running.start()
    yield running
    await running.stop()


def applied(running: Running) -> list[Object]:
    return [each for each in running.cluster.written if "name" not in each]


async def test_namespaces_of_a_project_get_the_labels_with_one_write(running: Any) -> None:
    for name in ("web", "exempt"):
        running.cluster.namespace(name, "edge:shop")
    running.cluster.namespace("outside")
    running.loop.want(held_to(BASELINE))
    await running.cluster.until(lambda: running.cluster.levels("web") == BASELINE.labels)
    await running.until_told("uid-shop", ("exempt", "web"))
    await running.idle()
    assert len(applied(running)) == 1
    assert running.cluster.levels("exempt") == running.cluster.levels("outside") == {}
    running.cluster.namespace("late", "edge:shop")
    await running.cluster.until(lambda: running.cluster.levels("late") == BASELINE.labels)


async def test_they_go_with_the_template_the_project_and_the_annotation(running: Any) -> None:
    running.loop.want(held_to(BASELINE))
    ways: list[Callable[[], object]] = [
        lambda: running.loop.want(held_to(None)),
        lambda: running.loop.want(held_to(None, ends=True)),
        lambda: running.cluster.namespace("web", uid="uid-web", labels=dict(BASELINE.labels), managedFields=managed()),
    ]
    for way in ways:
        running.loop.want(held_to(BASELINE))
        running.cluster.namespace("web", "edge:shop")
        await running.cluster.until(lambda: running.cluster.levels("web") == BASELINE.labels)
        await running.idle()
        running.loop.know_all()
        way()
        await running.cluster.until(lambda: running.cluster.levels("web") == {})
        await running.idle()


def managed() -> list[Object]:
    fields: Object = {"f:metadata": {"f:labels": {f"f:{key}": {} for key in LABELS}}}
    return [{"manager": MANAGER, "operation": "Apply", "fieldsV1": fields}]


async def test_a_label_that_a_person_sets_wins_and_stays(running: Any) -> None:
    running.cluster.namespace("web", "edge:shop")
    running.loop.want(held_to(BASELINE))
    await running.cluster.until(lambda: running.cluster.levels("web") == BASELINE.labels)
    running.cluster.person_sets("web", **{ENFORCE: "privileged"})
    await running.cluster.until(lambda: running.cluster.levels("web") == {ENFORCE: "privileged"})
    running.loop.want(held_to(None))
    await running.idle()
    assert running.cluster.levels("web") == {ENFORCE: "privileged"}


async def test_while_a_template_is_not_known_labels_stay(running: Any) -> None:
    running.cluster.namespace("web", "edge:shop")
    running.loop.want(held_to(BASELINE))
    await running.cluster.until(lambda: running.cluster.levels("web") == BASELINE.labels)
    running.loop.want(held_to(PodSecurity()))
    await running.idle()
    assert running.cluster.levels("web") == BASELINE.labels
    assert len(applied(running)) == 1


async def test_a_refusal_is_told_of_the_namespace(running: Any) -> None:
    running.cluster.fails["apply"] = [Forbidden(403, "Forbidden", "you may not updatepsa") for _ in range(20)]
    running.cluster.namespace("web", "edge:shop")
    running.loop.want(held_to(BASELINE))
    await running.until_told("uid-shop", ("web",))
    await running.idle()
    problems = [seen.problems for seen in running.loop.parts.state("uid-shop").seen]
    assert problems == [{POD_SECURITY: "you may not updatepsa"}]
