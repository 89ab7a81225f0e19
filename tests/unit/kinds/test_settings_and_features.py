"""What is decided about Settings and Features, what their status says, and that those that are known are made."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from drover.api import crds
from drover.kinds.feature import FeatureKind
from drover.kinds.hub import Hub
from drover.kinds.kind import Kind
from drover.kinds.notices import Recorder
from drover.kinds.plan import Apply
from drover.kinds.project import ProjectKind
from drover.kinds.reconciler import Again, Reconciler
from drover.kinds.resources import FEATURES, PROJECTS, SETTINGS
from drover.kinds.setting import SettingKind
from drover.kube.errors import Forbidden, Invalid
from drover.kube.gvr import GVR, Key, Object
from drover.rules.findings import Finding, Terminal
from drover.rules.initial_namespaces import SYSTEM
from tests.unit.kinds.allowed import allowed
from tests.unit.kinds.apiserver import Apiserver, hub
from tests.unit.kinds.known import Known
from tests.unit.kinds.worlds import LONG_AGO, obj

NAMES = "system-namespaces"
DEFAULT = ",".join(SYSTEM)
FLAG = "multi-cluster-management"
_SCHEMAS = {crd["metadata"]["name"]: crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"] for crd in crds()}


class Scene:
    """A hub with an environment, and a reconciler of Settings or Features on it."""

    def __init__(self, kind: type[Kind[Any]] = SettingKind, **environment: str) -> None:
        self.apiserver = Apiserver()
        self.hub: Hub = hub(self.apiserver, environment=environment)
        self.hub.fleet._members["local"] = cast("Any", Known())
        self.kind = kind(self.hub)
        self.reconciler: Reconciler[Any] = Reconciler(
            self.kind, self.hub, Recorder(self.hub, "me"), lambda _gvr, _change: None
        )

    @property
    def writes(self) -> list[str]:
        """The verbs of what was written."""
        return [verb for verb, _ in self.apiserver.writes]

    def put(self, name: str, **content: Any) -> None:
        """Stores an object as a person does."""
        gvr = self.kind.gvr
        self.hub.caches[gvr].observe(self.apiserver.put(gvr, obj(gvr.kind, name, **content)))

    def merge(self, name: str, **content: Any) -> None:
        """Changes fields of an object."""
        known = self.live(name)
        self.hub.caches[self.kind.gvr].observe(self.apiserver.put(self.kind.gvr, {**known, **content}))

    async def reconcile(self, name: str) -> Finding | None:
        return await self.reconciler.reconcile(Key("", name))

    def live(self, name: str) -> Object:
        return self.apiserver.objects[self.kind.gvr, Key("", name)]

    def condition(self, name: str, type_: str) -> tuple[str, str, str]:
        found = {entry["type"]: entry for entry in self.live(name)["status"]["conditions"]}[type_]
        return found["status"], found["reason"], found["message"]


def top(setting: Object) -> dict[str, Any]:
    return {name: setting[name] for name in ("value", "default", "customized", "source") if name in setting}


# --- Settings ---------------------------------------------------------------------------------------------------------
async def test_a_known_setting_that_is_missing_is_made_with_all_that_is_known_and_its_status_follows() -> None:
    scene = Scene()
    assert await scene.reconcile(NAMES) is None
    assert scene.writes == ["create", "status"]
    assert top(scene.live(NAMES)) == {"default": DEFAULT, "customized": False, "source": "default"}
    assert scene.live(NAMES)["status"]["effectiveValue"] == DEFAULT
    assert scene.condition(NAMES, "Ready")[:2] == ("True", "Reconciled")
    await scene.reconcile(NAMES)
    assert scene.writes == ["create", "status"]


async def test_a_setting_that_nobody_knows_is_not_made() -> None:
    scene = Scene()
    assert await scene.reconcile("server-url") is None
    assert scene.writes == []


@pytest.mark.parametrize(
    ("error", "seconds"), [(Forbidden(403, "Forbidden", "x"), 30.0), (Invalid(422, "Invalid", "x"), None)]
)
async def test_a_setting_that_cannot_be_made_is_no_endless_loop(error: Exception, seconds: float | None) -> None:
    scene = Scene()
    scene.apiserver.fails = [error]
    if seconds is None:
        assert await scene.reconcile(NAMES) == Terminal("Rejected", "x")
    else:
        with pytest.raises(Again) as again:
            await scene.reconcile(NAMES)
        assert again.value.seconds == seconds


async def test_a_setting_that_was_made_meanwhile_is_looked_at_again() -> None:
    scene = Scene()
    scene.apiserver.put(SETTINGS, obj("Setting", NAMES))
    with pytest.raises(Again) as again:
        await scene.reconcile(NAMES)
    assert again.value.seconds is None


async def test_a_value_is_in_force_and_what_clients_read_follows() -> None:
    scene = Scene()
    scene.put(NAMES, value="a,b")
    await scene.reconcile(NAMES)
    assert top(scene.live(NAMES)) == {"value": "a,b", "default": DEFAULT, "customized": True, "source": "db"}
    assert scene.live(NAMES)["status"]["effectiveValue"] == "a,b"
    scene.merge(NAMES, value="")
    await scene.reconcile(NAMES)
    assert top(scene.live(NAMES)) == {"value": "", "default": DEFAULT, "customized": False, "source": "default"}
    assert scene.writes == ["apply", "status"] * 2


async def test_the_value_is_never_written() -> None:
    scene = Scene(CATTLE_SYSTEM_NAMESPACES="by-env")
    await scene.reconcile(NAMES)
    scene.merge(NAMES, value="mine")
    await scene.reconcile(NAMES)
    assert len(scene.apiserver.bodies) > 2
    assert not [body for body in scene.apiserver.bodies if "value" in body]


async def test_invariant_15_the_environment_decides_while_it_is_there_and_leaves_the_value_as_it_was() -> None:
    scene = Scene()
    scene.put(NAMES, value="mine")
    await scene.reconcile(NAMES)
    scene.hub.settings = type(scene.hub.settings)(environment={"CATTLE_SYSTEM_NAMESPACES": "by-env"})
    await scene.reconcile(NAMES)
    live = scene.live(NAMES)
    assert (live["value"], live["source"], live["status"]["effectiveValue"]) == ("mine", "env", "by-env")
    assert "CATTLE_SYSTEM_NAMESPACES" in scene.condition(NAMES, "Ready")[2]
    scene.hub.settings = type(scene.hub.settings)()
    await scene.reconcile(NAMES)
    live = scene.live(NAMES)
    assert (live["value"], live["source"], live["status"]["effectiveValue"]) == ("mine", "db", "mine")
    assert scene.writes == ["apply", "status"] * 3


async def test_invariant_15_a_setting_that_nobody_knows_keeps_all_its_fields_in_any_environment() -> None:
    scene = Scene(CATTLE_SERVER_URL="https://by-env")
    fields = {"value": "https://mine", "default": "x", "customized": False, "source": ""}
    scene.put("server-url", **fields)
    await scene.reconcile("server-url")
    assert scene.writes == ["status"]
    assert top(scene.live("server-url")) == fields
    assert "effectiveValue" not in scene.live("server-url")["status"]
    assert scene.condition("server-url", "Ready")[0] == "True"
    assert "nothing of Drover reads" in scene.condition("server-url", "Ready")[2]


async def test_an_empty_source_as_upstream_exports_it_is_left_alone_unless_the_environment_decides() -> None:
    for environment, writes in (({}, ["status"]), ({"CATTLE_SYSTEM_NAMESPACES": "a"}, ["apply", "status"])):
        scene = Scene(SettingKind, **environment)
        scene.put(NAMES, value="a", default=DEFAULT, customized=True, source="")
        await scene.reconcile(NAMES)
        assert scene.writes == writes


async def test_a_value_of_the_wrong_form_is_told_and_what_was_in_force_stays_so() -> None:
    scene = Scene()
    scene.put(NAMES, value="good")
    await scene.reconcile(NAMES)
    scene.merge(NAMES, value="not good")
    assert isinstance(await scene.reconcile(NAMES), Terminal)
    assert scene.condition(NAMES, "Stalled")[:2] == ("True", "InvalidValue")
    assert scene.live(NAMES)["status"]["effectiveValue"] == scene.hub.setting(NAMES).value == "good"
    scene.merge(NAMES, value="better")
    assert await scene.reconcile(NAMES) is None
    assert scene.hub.setting(NAMES).value == "better"


async def test_a_paused_setting_keeps_what_was_in_force_and_is_not_written() -> None:
    scene = Scene()
    scene.put(NAMES, value="first")
    await scene.reconcile(NAMES)
    metadata = {**scene.live(NAMES)["metadata"], "annotations": {"drover.dev/paused": "true"}}
    scene.merge(NAMES, value="second", metadata=metadata)
    await scene.reconcile(NAMES)
    assert scene.condition(NAMES, "Paused")[0] == "True"
    assert scene.hub.setting(NAMES).value == "first"
    assert scene.writes == ["apply", "status", "status"]


async def test_a_setting_that_is_being_deleted_is_not_written_but_for_its_status() -> None:
    scene = Scene()
    scene.put(NAMES, value="a", metadata={"deletionTimestamp": LONG_AGO, "finalizers": ["mine/x"]})
    await scene.reconcile(NAMES)
    assert scene.writes == ["status"]


async def test_the_namespaces_of_a_system_project_are_those_of_the_setting() -> None:
    scene = Scene()
    labels = {"authz.management.cattle.io/system-project": "true"}
    scene.hub.observe(PROJECTS, obj("Project", "p-sys", "local", metadata={"labels": labels}, spec={}))
    scene.hub.observe(PROJECTS, obj("Project", "shop", "local", uid="uid-2", spec={}))

    def seen(name: str) -> tuple[str, ...]:
        world = ProjectKind(scene.hub).gather(Key("local", name))
        assert world is not None
        return world.system_namespaces

    assert seen("p-sys") == SYSTEM
    scene.put(NAMES, value="a, b")
    assert (seen("p-sys"), seen("shop")) == (("a", "b"), ("a", "b"))


# --- Features ---------------------------------------------------------------------------------------------------------
async def test_a_feature_that_is_missing_is_made_and_says_what_it_is() -> None:
    scene = Scene(FeatureKind)
    assert await scene.reconcile(FLAG) is None
    assert scene.writes == ["create", "status"]
    assert scene.live(FLAG)["spec"] == {}
    status = scene.live(FLAG)["status"]
    assert (status["default"], status["dynamic"], status["lockedValue"]) == (True, False, True)
    assert status["description"]
    assert scene.condition(FLAG, "Enabled")[:2] == ("True", "Locked")
    await scene.reconcile(FLAG)
    assert scene.writes == ["create", "status"]


@pytest.mark.parametrize(
    ("value", "finding"), [(True, None), (None, None), (False, "Locked"), ("false", "InvalidSpec")]
)
async def test_invariant_16_a_lock_decides_whatever_the_object_asks_for(value: Any, finding: str | None) -> None:
    scene = Scene(FeatureKind)
    scene.put(FLAG, spec={"value": value} if value is not None else {})
    found = await scene.reconcile(FLAG)
    assert (found.reason if isinstance(found, Terminal) else None) == finding
    assert scene.condition(FLAG, "Enabled")[0] == "True"
    assert scene.writes == ["status"]


async def test_a_feature_that_drover_does_not_have_is_off_and_kept() -> None:
    scene = Scene(FeatureKind)
    scene.put("harvester", spec={"value": True}, status={"default": True, "prime": False})
    assert await scene.reconcile("harvester") is None
    assert scene.condition("harvester", "Enabled")[:2] == ("False", "NotKnown")
    assert scene.live("harvester")["spec"] == {"value": True}


async def test_a_paused_feature_says_so() -> None:
    scene = Scene(FeatureKind)
    scene.put(FLAG, spec={"value": False}, metadata={"annotations": {"drover.dev/paused": "true"}})
    assert await scene.reconcile(FLAG) is None
    assert scene.condition(FLAG, "Paused")[0] == "True"


# --- Any object -------------------------------------------------------------------------------------------------------
@hypothesis_settings(deadline=None, max_examples=100)
@given(st.data(), st.sampled_from([(SettingKind, SETTINGS, NAMES), (FeatureKind, FEATURES, FLAG)]), st.booleans())
def test_any_object_that_the_schema_allows_is_looked_at(
    data: st.DataObject, which: tuple[type[Kind[Any]], GVR, str], known: bool
) -> None:
    kind_type, gvr, name = which
    scene = Scene(kind_type)
    properties = _SCHEMAS[str(gvr)]["properties"]
    content = {
        part: data.draw(allowed(schema))
        for part, schema in properties.items()
        if part not in ("apiVersion", "kind", "metadata") and data.draw(st.booleans())
    }
    scene.put(name if known else "other", **content)
    world = scene.kind.gather(Key("", name if known else "other"))
    assert world is not None
    plan = scene.kind.decide(world)
    for action in plan.actions:
        assert isinstance(action, Apply)
        assert (known, action.obj["metadata"]) == (True, {"name": name, "uid": "uid-1"})
    status = scene.kind.report(world, plan.finding)
    assert status is not None
    assert status["observedGeneration"] == 1
