"""What the kubelet and Prometheus are told."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio
from aiohttp import web

from drover import probes
from drover.kinds.manager import Manager
from drover.kinds.resources import PROJECTS
from tests.unit.kinds.apiserver import Apiserver, hub
from tests.unit.kinds.worlds import obj


class Probes:
    """The server, and what is wrong."""

    def __init__(self) -> None:
        self.healthy = ""
        self.ready = "starting"
        self.url = ""

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as answer:
            return answer.status, await answer.text()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Probes]:
    found = Probes()
    runner: web.AppRunner = await probes.serve("127.0.0.1", 0, healthy=lambda: found.healthy, ready=lambda: found.ready)
    host, port = runner.addresses[0][:2]
    found.url = f"http://{host}:{port}"
    yield found
    await runner.cleanup()


async def test_a_replica_that_is_not_ready_says_why(server: Probes) -> None:
    assert await server.get("/readyz") == (503, "starting")
    server.ready = ""
    assert await server.get("/readyz") == (200, "ok")


async def test_health_is_apart_from_readiness(server: Probes) -> None:
    assert await server.get("/healthz") == (200, "ok")
    server.healthy = "stuck"
    assert await server.get("/healthz") == (503, "stuck")


async def test_metrics_have_the_names_that_dashboards_know(server: Probes) -> None:
    status, text = await server.get("/metrics")
    assert status == 200
    names = ("controller_runtime_reconcile_total", "workqueue_depth", "rest_client_requests_total")
    assert all(f"# TYPE {name} " in text for name in names)


async def test_nothing_else_is_served(server: Probes) -> None:
    assert (await server.get("/"))[0] == 404


async def test_objects_are_counted_by_kind_and_readiness() -> None:
    manager = Manager(hub(Apiserver()), "me")
    for number, ready in enumerate(("True", "True", "False")):
        status = {"conditions": [{"type": "Ready", "status": ready}]}
        manager.hub.caches[PROJECTS].observe(obj("Project", f"p{number}", "edge", status=status))
    manager.hub.caches[PROJECTS].observe(obj("Project", "new", "edge"))
    (family,) = probes.Objects(manager).collect()
    counted = {(sample.labels["kind"], sample.labels["ready"]): sample.value for sample in family.samples}
    name = "projects.management.cattle.io"
    assert counted == {(name, "true"): 2, (name, "false"): 1, (name, "unknown"): 1}
