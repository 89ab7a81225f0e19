"""Policies of projects in a member: there where they should be, and written no more often than needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from drover.api.keys import OWNER_UID
from drover.kube.errors import Forbidden, ServerError
from drover.kube.gvr import NETWORK_POLICIES, NODES
from drover.members import isolation, loop
from drover.members.desired import ISOLATION, Desired, Part
from drover.members.loop import MemberLoop
from drover.rules.ownership import Owner
from tests.unit.members.cluster import SECONDS, Gate, ended, eventually
from tests.unit.members.policies import PolicyCluster


def project(name: str = "shop", admits: tuple[str, ...] | None = ("p-system", "shop")) -> Part:
    owner = Owner("Project.management.cattle.io", "edge", name, f"uid-{name}")
    return Part(owner, "drover-project", project=f"edge:{name}", admits=admits)


class Running:
    """A loop that runs on a cluster in memory, which has one node."""

    def __init__(self) -> None:
        self.cluster = PolicyCluster()
        self.cluster.node("n-0", "10.0.0.1")
        may_write = asyncio.Event()
        may_write.set()
        self.loop = MemberLoop(
            "edge", self.cluster.client, may_write=may_write, on_part=lambda _uid: None, on_cluster=lambda: None
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self, *parts: Part) -> None:
        self._task = asyncio.create_task(self.loop.run())
        async with asyncio.timeout(SECONDS):
            await self.loop.caches.wait_synced()
        self.loop.desire(Desired("edge", {part.owner.uid: part for part in parts}))
        await self.idle()

    async def want(self, part: Part) -> None:
        self.loop.want(part)
        await eventually(lambda: self.loop.parts.state(part.owner.uid) is not None)
        await self.idle()

    async def idle(self) -> None:
        await eventually(
            lambda: self.loop._queue.idle and all(queue.empty() for queue in self.cluster.watches.values())
        )

    def problem(self, namespace: str, uid: str = "uid-shop") -> str:
        state = self.loop.parts.state(uid)
        assert state is not None
        return {seen.namespace: seen.problems.get(ISOLATION, "") for seen in state.seen}[namespace]

    async def stop(self) -> None:
        if self._task is not None:
            await ended(self._task)


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Running]:
    running = Running()
    yield running
    await running.stop()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is put off comes at once."""
    monkeypatch.setattr(isolation, "_SETTLE_SECONDS", 0.02)
    monkeypatch.setattr(isolation, "_BETWEEN_SECONDS", 0.04)


async def test_each_namespace_of_a_project_gets_one_policy_and_no_other_one_does(running: Running) -> None:
    for name, of in (("web", "shop"), ("db", "shop"), ("bank", "bank")):
        running.cluster.project_namespace(name, of)
    running.cluster.namespace("free")
    await running.start(project(), project("bank", None))
    assert sorted(running.cluster.policies) == ["db", "web"]
    assert running.cluster.projects("web") == ["p-system", "shop"]
    assert running.cluster.blocks("web") == ["10.0.0.1/32"]
    assert sorted(running.cluster.verbs) == [("create", "db"), ("create", "web")]


async def test_what_is_settled_costs_no_request(running: Running) -> None:
    running.cluster.project_namespace("web")
    await running.start(project())
    running.cluster.verbs.clear()
    again = MemberLoop(
        "edge",
        running.cluster.client,
        may_write=running.loop._may_write,
        on_part=lambda _: None,
        on_cluster=lambda: None,
    )
    await running.stop()
    running.loop = again
    await running.start(project())
    assert running.loop.parts.state("uid-shop") is not None
    assert running.cluster.verbs == []


async def test_a_namespace_that_comes_later_is_isolated(running: Running) -> None:
    await running.start(project())
    running.cluster.project_namespace("web")
    await eventually(lambda: "web" in running.cluster.policies)


async def test_switched_off_every_policy_goes(running: Running) -> None:
    for name in ("web", "db"):
        running.cluster.project_namespace(name)
    await running.start(project())
    await running.want(project(admits=None))
    assert running.cluster.policies == {}


async def test_while_the_system_project_is_not_known_policies_stay_as_they_are(running: Running) -> None:
    running.cluster.project_namespace("web")
    await running.start(project(admits=()))
    assert running.cluster.policies == {}
    await running.want(project())
    await running.want(project(admits=()))
    assert sorted(running.cluster.policies) == ["web"]


async def test_a_namespace_opts_out_and_in_again(running: Running) -> None:
    running.cluster.project_namespace("web", opted_out=True)
    await running.start(project())
    assert running.cluster.policies == {}
    running.cluster.project_namespace("web")
    await eventually(lambda: "web" in running.cluster.policies)
    running.cluster.project_namespace("web", opted_out=True)
    await eventually(lambda: not running.cluster.policies)
    await running.idle()
    state = running.loop.parts.state("uid-shop")
    assert state is not None
    assert [seen.exempt for seen in state.seen] == [True]


async def test_a_policy_that_was_deleted_or_edited_comes_back(running: Running) -> None:
    running.cluster.project_namespace("web")
    await running.start(project())
    wanted = running.cluster.policies["web"]["spec"]
    running.cluster.drop_policy("web")
    await eventually(lambda: "web" in running.cluster.policies)
    open_to_all = {**wanted, "ingress": [{}]}
    running.cluster.policy("web", {**running.cluster.policies["web"], "spec": open_to_all})
    await eventually(lambda: running.cluster.policies["web"]["spec"] == wanted)


async def test_a_namespace_that_moves_is_isolated_all_the_time(running: Running) -> None:
    running.cluster.project_namespace("web")
    await running.start(project(), project("bank", ("bank", "p-system")))
    uid = running.cluster.policies["web"]["metadata"]["uid"]
    running.cluster.project_namespace("web", "bank")
    await eventually(lambda: running.cluster.projects("web") == ["bank", "p-system"])
    await running.idle()
    metadata = running.cluster.policies["web"]["metadata"]
    assert (metadata["uid"], metadata["labels"][OWNER_UID]) == (uid, "uid-bank")
    assert running.cluster.verbs == [("create", "web"), ("apply", "web")]


async def test_a_namespace_that_leaves_all_projects_loses_its_policy(running: Running) -> None:
    running.cluster.project_namespace("web")
    await running.start(project())
    running.cluster.namespace("web")
    await eventually(lambda: not running.cluster.policies)


async def test_a_project_that_ends_takes_its_policies_along(running: Running) -> None:
    running.cluster.project_namespace("web")
    await running.start(project())
    running.loop.want(replace(project(), ends=True))
    await eventually(lambda: (state := running.loop.parts.state("uid-shop")) is not None and state.gone)
    assert running.cluster.policies == {}


async def test_policies_of_a_project_that_is_held_stay(running: Running) -> None:
    running.cluster.project_namespace("web")
    await running.start(project())
    await running.want(replace(project(admits=None), held=True))
    assert sorted(running.cluster.policies) == ["web"]


# --- What stands in the way -----------------------------------------------------------------------------------------
async def test_a_policy_of_that_name_that_somebody_else_made_is_not_touched_and_told(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_PROBLEM_SECONDS", 0.02)
    theirs = {"metadata": {"name": "np-default", "namespace": "web"}, "spec": {"podSelector": {}}}
    stored = running.cluster.policy("web", theirs)
    running.cluster.project_namespace("web")
    await running.start(project())
    await eventually(lambda: running.loop.parts.state("uid-shop") is not None)
    assert "exists and was not made by Drover; delete it" in running.problem("web")
    assert running.cluster.policies["web"] == stored
    await running.want(project(admits=None))
    assert running.cluster.policies["web"] == stored
    await running.want(project())
    running.cluster.drop_policy("web")
    await eventually(lambda: "web" in running.cluster.policies and not running.problem("web"))


async def test_one_that_is_labelled_for_it_is_taken_over_in_place(running: Running) -> None:
    stored = running.cluster.policy(
        "web",
        {
            "metadata": {"name": "np-default", "namespace": "web", "labels": {OWNER_UID: "upstream"}},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
        },
    )
    running.cluster.project_namespace("web")
    await running.start(project())
    assert running.cluster.projects("web") == ["p-system", "shop"]
    assert running.cluster.policies["web"]["metadata"]["uid"] == stored["metadata"]["uid"]


async def test_a_create_whose_answer_was_lost_is_found_to_be_ours(running: Running) -> None:
    running.cluster.project_namespace("web")
    await running.start(project())
    running.loop.caches.policies.forget(running.cluster.policies["web"])
    running.loop._queue.add(loop._Work("part", "uid-shop"))
    await running.idle()
    assert running.cluster.verbs == [("create", "web"), ("create", "web"), ("get", "web")]
    assert running.problem("web") == ""


async def test_a_right_that_is_missing_is_told(running: Running) -> None:
    running.cluster.fails["create"] = [Forbidden(403, "Forbidden", "networkpolicies is forbidden")]
    running.cluster.project_namespace("web")
    await running.start(project())
    assert running.problem("web") == "networkpolicies is forbidden"


async def test_without_a_node_that_has_an_address_nothing_is_written_and_it_is_told(
    running: Running, soon: None
) -> None:
    running.cluster.node("n-0", "127.0.0.1")
    running.cluster.project_namespace("web")
    await running.start(project())
    assert running.cluster.policies == {}
    assert "no address of a node is known" in running.problem("web")
    running.cluster.node("n-0", "10.0.0.1")
    await eventually(lambda: "web" in running.cluster.policies)
    await running.idle()
    assert running.problem("web") == ""


async def test_when_the_last_address_goes_the_policy_stays_and_it_is_told(running: Running, soon: None) -> None:
    running.cluster.project_namespace("web")
    await running.start(project())
    running.cluster.remove(NODES, "n-0")
    await eventually(lambda: "no address of a node is known" in running.problem("web"))
    assert running.cluster.blocks("web") == ["10.0.0.1/32"]


# --- Nodes come and go ----------------------------------------------------------------------------------------------
async def test_a_hundred_nodes_at_once_are_one_write_a_namespace(running: Running, soon: None) -> None:
    for name in ("web", "db"):
        running.cluster.project_namespace(name)
    await running.start(project())
    running.cluster.verbs.clear()
    for number in range(1, 101):
        running.cluster.node(f"n-{number}", f"10.0.1.{number}")
    await eventually(lambda: len(running.cluster.blocks("web")) == len(running.cluster.blocks("db")) == 101)
    await running.idle()
    assert sorted(running.cluster.verbs) == [("apply", "db"), ("apply", "web")]


async def test_a_node_that_goes_is_let_in_no_longer(running: Running, soon: None) -> None:
    running.cluster.node("n-1", "10.0.0.2")
    running.cluster.project_namespace("web")
    await running.start(project())
    assert running.cluster.blocks("web") == ["10.0.0.1/32", "10.0.0.2/32"]
    running.cluster.remove(NODES, "n-1")
    await eventually(lambda: running.cluster.blocks("web") == ["10.0.0.1/32"])


async def test_changes_of_nodes_are_spread_out(running: Running) -> None:
    keeper = isolation.IsolationKeeper(running.cluster.client, running.loop.caches)
    assert keeper.pause() == pytest.approx(1.0)
    assert keeper.look()
    assert not keeper.look()
    assert keeper.pause() == pytest.approx(1.0)
    running.loop.caches.nodes.observe(
        {
            "metadata": {"name": "n", "uid": "n", "resourceVersion": "1"},
            "status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.1"}]},
        }
    )
    assert keeper.look()
    assert keeper.pause() == pytest.approx(10.0, abs=0.5)


async def test_a_heartbeat_or_a_label_of_a_node_is_no_write(running: Running, soon: None) -> None:
    running.cluster.project_namespace("web")
    await running.start(project())
    running.cluster.verbs.clear()
    running.cluster.node("n-0", "10.0.0.1", spec={"unschedulable": True})
    await running.idle()
    await asyncio.sleep(0.1)
    await running.idle()
    assert running.cluster.verbs == []


# --- What is late ---------------------------------------------------------------------------------------------------
async def test_a_late_write_of_the_project_before_is_undone_in_a_namespace_that_has_moved(running: Running) -> None:
    running.cluster.project_namespace("web")
    await running.start(project(), project("bank", ("bank",)))
    gate = Gate(running.cluster, "apply", lambda gvr, _obj: gvr is NETWORK_POLICIES)
    running.loop.want(project(admits=("shop", "p-system", "other")))
    await gate.reached()
    running.cluster.project_namespace("web", "bank")
    await eventually(lambda: running.cluster.projects("web") == ["bank"])
    await gate.open()
    await eventually(lambda: running.cluster.projects("web") == ["bank"])
    await running.idle()
    assert running.cluster.projects("web") == ["bank"]


async def test_a_late_deletion_leaves_no_namespace_that_has_joined_a_project_without_its_policy(
    running: Running,
) -> None:
    running.cluster.project_namespace("web")
    await running.start(project(), project("bank", ("bank",)))
    gate = Gate(running.cluster, "delete", lambda gvr, _name: gvr is NETWORK_POLICIES)
    running.cluster.namespace("web")
    await gate.reached()
    running.cluster.project_namespace("web", "bank")
    await eventually(lambda: running.cluster.projects("web") == ["bank"])
    await gate.open()
    await eventually(lambda: "web" in running.cluster.policies)
    await running.idle()
    assert running.cluster.projects("web") == ["bank"]


async def test_a_look_that_failed_in_one_namespace_has_ended_in_all_others_before_the_next_one(
    running: Running,
) -> None:
    for name in ("a", "b"):
        running.cluster.project_namespace(name)
    await running.start(project())
    running.cluster.fails["apply"] = [ServerError(500, "", "x")]
    gate = Gate(running.cluster, "apply", lambda _gvr, obj: obj["metadata"].get("namespace") == "b")
    running.loop.want(project(admits=("shop", "spy")))
    await gate.reached()
    running.loop.want(project(admits=("shop",)))
    await running.loop.parts.settled("uid-shop", 0.1)
    assert running.loop.parts.state("uid-shop") is None
    await gate.open()
    await eventually(lambda: running.loop.parts.state("uid-shop") is not None)
    await running.idle()
    assert running.cluster.projects("b") == ["shop"]


async def test_of_projects_that_come_and_go_few_specs_are_kept(running: Running) -> None:
    keeper = isolation.IsolationKeeper(running.cluster.client, running.loop.caches)
    keeper._nodes = ("10.0.0.1/32",)
    for number in range(100):
        content, stamp = keeper._spec((f"p-{number}", "p-system"))
        assert keeper._spec((f"p-{number}", "p-system")) == (content, stamp)
    assert len(keeper._specs) == 32
