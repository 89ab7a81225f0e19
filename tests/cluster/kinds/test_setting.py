"""Settings: made where they are missing, read at run time, and decided by the environment while it says something.
These tests run in order on a hub of their own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from drover import __version__
from drover.dev import audit
from drover.dev.beside import Replica
from drover.dev.stage import Stage
from drover.dev.stage import stage as made_stage
from drover.kinds.resources import PROJECTS, SETTINGS
from drover.kube.errors import Invalid
from drover.kube.gvr import NAMESPACES, Object
from drover.rules.initial_namespaces import SYSTEM
from tests.cluster.scene import (
    Scene,
    cluster,
    condition,
    eventually,
    log_says,
    namespace,
    nothing_written,
    scene_of,
    setting,
    unique,
)

NAMES = "system-namespaces"
DEFAULT = ",".join(SYSTEM)
KNOWN = ("install-uuid", "server-version", NAMES, "used-limit-in-spec", "rbac-binding-per-subject")
BY_ENV = {"CATTLE_SYSTEM_NAMESPACES": "kube-system,by-env"}
ID = "field.cattle.io/projectId"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """CRDs, policies and rights are there; no operator runs."""
    async with made_stage(f"test-setting-{os.getpid()}", arguments=["--lease-seconds", "6"]) as made:
        yield made


class Run:
    """The operator of these tests: one at a time, with an environment."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.replica: Replica | None = None

    async def start(self, **environment: str) -> Scene:
        """Starts it again in an environment, and waits until it has looked at everything."""
        self.stop()
        self.replica = self.stage.start(environment=environment)
        await log_says(self.replica, "leading")
        scene = scene_of(self.stage, self.replica)
        await scene.ready(cluster("local"))
        for name in KNOWN:
            await scene.shows(setting(name), "Paused", "False")
        return scene

    def stop(self) -> None:
        if self.replica is not None:
            self.replica.stop()
            self.replica = None


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def run(stage: Stage) -> AsyncIterator[Run]:
    """No operator runs yet."""
    made = Run(stage)
    yield made
    made.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def scene(run: Run) -> Scene:
    """The operator runs, without anything in its environment."""
    if run.replica is not None:
        return scene_of(run.stage, run.replica)
    return await run.start()


def top(found: Object | None) -> dict[str, Any]:
    return {name: found[name] for name in ("value", "default", "customized", "source") if found and name in found}


async def effective(scene: Scene, name: str, value: str, source: str) -> Object:
    """Waits until a Setting has this value in force, from this source."""

    async def look() -> Object | None:
        found = await scene.get(setting(name))
        seen = (found or {}).get("status", {}).get("effectiveValue"), (found or {}).get("source")
        return found if seen == (value, source) else None

    return await eventually(look, f"{name} is {value!r} from {source}")


async def project_of(scene: Scene, name: str) -> str | None:
    """The project that a namespace of the hub is in."""
    value: str | None = ((await scene.hub.get(NAMESPACES, name))["metadata"].get("annotations") or {}).get(ID)
    return value


async def system_project(scene: Scene) -> str:
    """`local:<System project>`."""
    found = await scene.hub.list(PROJECTS, "local")
    label = "authz.management.cattle.io/system-project"
    return f"local:{next(each['metadata']['name'] for each in found if label in each['metadata'].get('labels', {}))}"


async def test_a_cold_start_makes_each_known_setting_once_and_writes_its_status_once(stage: Stage, run: Run) -> None:
    scene = await run.start()
    await asyncio.sleep(1)
    made = [(write.verb, write.subresource) for write in audit.writes(stage.audit_log) if write.resource == "settings"]
    assert sorted(made) == sorted([("create", ""), ("patch", "status")] * len(KNOWN))
    found = {name: await scene.ready(setting(name)) for name in KNOWN}
    assert {each["metadata"]["name"] for each in await stage.hub.list(SETTINGS)} == set(KNOWN)
    assert top(found[NAMES]) == {"default": DEFAULT, "customized": False, "source": "default"}
    assert found["server-version"]["status"]["effectiveValue"] == f"v{__version__}"
    assert len(found["install-uuid"]["default"]) == 36


async def test_a_restart_writes_no_setting(stage: Stage, run: Run) -> None:
    await nothing_written(stage.audit_log)
    run.stop()
    since = audit.size(stage.audit_log)
    await run.start()
    await asyncio.sleep(2)
    assert audit.writes(stage.audit_log, since) == []


async def test_the_list_of_system_namespaces_acts_without_a_restart(scene: Scene) -> None:
    first, second = unique("sys"), unique("sys")
    for name in (first, second):
        await scene.apply(namespace(name))
    await scene.apply(setting(NAMES, f"kube-system, {first}"))
    wanted = await system_project(scene)

    async def inside(name: str) -> bool:
        return await project_of(scene, name) == wanted

    await eventually(lambda: inside(first), "it is put into the System project")
    assert await project_of(scene, second) is None
    await effective(scene, NAMES, f"kube-system, {first}", "db")
    await scene.apply(setting(NAMES, second))
    await eventually(lambda: inside(second), "so is the next one")
    assert await inside(first), "what was put into a project stays in it"
    later = unique("sys")
    await scene.apply(setting(NAMES, f"{second},{later}"))
    await effective(scene, NAMES, f"{second},{later}", "db")
    await scene.apply(namespace(later))
    await eventually(lambda: inside(later), "one that comes later is put in too")


async def test_a_value_costs_two_writes_at_most_and_only_what_clients_read(stage: Stage, scene: Scene) -> None:
    await scene.apply(setting(NAMES, "a"))
    await effective(scene, NAMES, "a", "db")
    await asyncio.sleep(0.5)
    since = audit.size(stage.audit_log)
    await scene.apply(setting(NAMES, "b"))
    await effective(scene, NAMES, "b", "db")
    await scene.apply(setting(NAMES, ""))
    found = await effective(scene, NAMES, DEFAULT, "default")
    await asyncio.sleep(0.5)
    made = [write for write in audit.writes(stage.audit_log, since) if write.resource == "settings"]
    assert [write.subresource for write in made] == ["status", "", "status"]
    assert top(found) == {"value": "", "default": DEFAULT, "customized": False, "source": "default"}


async def test_a_value_of_the_wrong_form_is_refused(scene: Scene) -> None:
    with pytest.raises(Invalid, match="must be names of namespaces, separated by commas"):
        await scene.apply(setting(NAMES, "Kube-System"))


async def test_a_known_setting_that_is_deleted_comes_back_with_its_default(scene: Scene) -> None:
    before = await scene.ready(setting("install-uuid"))
    await scene.apply(setting(NAMES, "a,b"))
    await effective(scene, NAMES, "a,b", "db")
    for name in (NAMES, "install-uuid"):
        await scene.delete(setting(name))
    found = await effective(scene, NAMES, DEFAULT, "default")
    assert "value" not in found
    again = await scene.ready(setting("install-uuid"))
    assert again["metadata"]["uid"] != before["metadata"]["uid"]
    assert again["default"] == before["default"]


async def test_a_setting_that_is_deleted_while_nobody_looks_is_made_again(scene: Scene, run: Run) -> None:
    run.stop()
    await scene.delete(setting("server-version"))
    again = await run.start()
    await again.ready(setting("server-version"))


async def test_invariant_15_the_environment_decides_and_leaves_no_trace_when_it_is_gone(scene: Scene, run: Run) -> None:
    await scene.apply(setting(NAMES, "mine"))
    await effective(scene, NAMES, "mine", "db")
    scene = await run.start(**BY_ENV)
    found = await effective(scene, NAMES, BY_ENV["CATTLE_SYSTEM_NAMESPACES"], "env")
    assert (found["value"], found["customized"]) == ("mine", True)
    assert "CATTLE_SYSTEM_NAMESPACES" in condition(await scene.ready(setting(NAMES)), "Ready")["message"]
    await scene.apply(setting(NAMES, "mine,too"))
    await scene.apply(namespace("by-env"))
    wanted = await system_project(scene)

    async def inside() -> bool:
        return await project_of(scene, "by-env") == wanted

    await eventually(inside, "what the environment says is what acts")
    scene = await run.start()
    found = await effective(scene, NAMES, "mine,too", "db")
    assert found["value"] == "mine,too"
    await scene.apply(setting(NAMES, ""))
    await effective(scene, NAMES, DEFAULT, "default")


async def test_invariant_15_settings_that_nobody_knows_are_untouched(stage: Stage, scene: Scene, run: Run) -> None:
    theirs = {**setting("ui-banners", '{"a": 1}'), "default": "x", "source": "", "customized": False}
    await scene.apply(theirs)
    await scene.apply(setting("server-url", "https://rancher.example.com"))
    for each in (theirs, setting("server-url")):
        found = await scene.ready(each)
        assert "nothing of Drover reads" in condition(found, "Ready")["message"]
        assert "effectiveValue" not in found["status"]
    await nothing_written(stage.audit_log)
    run.stop()
    since = audit.size(stage.audit_log)
    scene = await run.start(CATTLE_SERVER_URL="https://another.example.com")
    await asyncio.sleep(1)
    assert audit.writes(stage.audit_log, since) == []
    assert top(await scene.get(theirs)) == {name: theirs[name] for name in top(theirs)}
    assert top(await scene.get(setting("server-url"))) == {"value": "https://rancher.example.com"}


async def test_a_bad_variable_is_told_and_what_was_in_force_stays_so(scene: Scene, run: Run) -> None:
    await scene.apply(setting(NAMES, "good"))
    await effective(scene, NAMES, "good", "db")
    scene = await run.start(CATTLE_SYSTEM_NAMESPACES="not good")
    found = await scene.shows(setting(NAMES), "Stalled", "True", "InvalidValue")
    assert "environment variable CATTLE_SYSTEM_NAMESPACES: must be" in condition(found, "Ready")["message"]
    assert (found["status"]["effectiveValue"], found["source"], found["value"]) == ("good", "env", "good")
