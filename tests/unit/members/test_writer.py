"""What is written into a member, and what is left alone."""

from __future__ import annotations

from typing import Any, cast

from drover.api.keys import ORIGINAL, OWNER_UID, PROJECT_ID
from drover.kube.client import Client
from drover.kube.errors import Forbidden, Invalid, NotFound
from drover.kube.gvr import GVR, Object
from drover.members.caches import MemberCaches
from drover.members.desired import Part, PartState, Wanted
from drover.members.writer import Writer
from drover.rules import workload as rules
from drover.rules.ownership import Owner

OWNER = Owner("Workload.project.cattle.io", "home", "web", "uid-1")


class Member:
    """A member's apiserver: objects by name, and what was asked of it."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.refuses: Exception | None = None
        self.version = 100

    async def get(self, _gvr: GVR, name: str, _namespace: str) -> Object:
        if name not in self.objects:
            raise NotFound(404, "NotFound", "no such object")
        return copy(self.objects[name])

    async def apply(self, gvr: GVR, obj: Object, *, manager: str, force: bool = True) -> Object:
        if self.refuses is not None:
            raise self.refuses
        self.asked.append(("apply", manager, obj))
        self.version += 1
        metadata = {"uid": f"live-{obj['metadata']['name']}", **obj["metadata"], "resourceVersion": str(self.version)}
        live = {**self.objects.get(obj["metadata"]["name"], {}), **obj, "metadata": metadata}
        live["spec"] = {**self.objects.get(obj["metadata"]["name"], {}).get("spec", {}), **obj.get("spec", {})}
        live["metadata"]["managedFields"] = [
            {"manager": manager, "fieldsV1": {"f:spec": {"f:replicas": {}} if "replicas" in obj["spec"] else {}}}
        ]
        self.objects[obj["metadata"]["name"]] = live
        return copy(live)

    async def delete(self, _gvr: GVR, name: str, _namespace: str, *, uid: str) -> Object:
        self.asked.append(("delete", name, uid))
        return {}


def copy(obj: Object) -> Object:
    return {**obj, "metadata": {**obj["metadata"]}}


def scene(*, project_id: str = "edge:shop", **namespace: Any) -> tuple[Writer, Member, MemberCaches]:
    member = Member()
    client = cast("Client", cast("Any", member))

    def ignore(*_: Any) -> None:
        return None

    caches = MemberCaches(
        client,
        on_object=ignore,
        on_namespace=ignore,
        on_nodes=ignore,
        on_given=ignore,
        on_access=ignore,
        on_autoscaler=ignore,
        on_error=ignore,
    )
    metadata = {
        "name": "shop",
        "uid": "n",
        "resourceVersion": "1",
        "annotations": {PROJECT_ID: project_id},
        **namespace,
    }
    caches.namespaces.observe({"metadata": metadata})
    return Writer("edge", client, caches), member, caches


def part(name: str = "web", *, done: bool = False, owner: Owner = OWNER, **spec: Any) -> Part:
    given = {"containers": [{"name": "a", "image": "registry.example/a:1"}], "scale": 2, **spec}
    manifest = rules.render(given, name=name, namespace="shop")
    return Part(owner, "drover-workload", objects=(Wanted(manifest, "edge:shop", done),))


def reason(state: PartState) -> str:
    problem = state.problems[0]
    return problem.reason if problem is not None else ""


async def test_an_object_is_made_with_our_marks_and_not_written_twice() -> None:
    writer, member, _ = scene()
    first = await writer.make(part(), "d")
    assert reason(first) == ""
    made = member.objects["web"]
    assert made["metadata"]["labels"][OWNER_UID] == "uid-1"
    assert made["metadata"]["annotations"][ORIGINAL] == "edge/shop/web"
    await writer.make(part(), "d")
    assert len(member.asked) == 1


async def test_drift_and_a_changed_wish_are_written() -> None:
    writer, member, caches = scene()
    await writer.make(part(), "d")
    drifted = copy(member.objects["web"])
    drifted["spec"] = {**drifted["spec"], "replicas": 9}
    drifted["metadata"]["resourceVersion"] = "500"
    caches.workloads["Deployment"].observe(drifted)
    member.version = 600
    await writer.make(part(), "d")
    await writer.make(part(scale=3), "d")
    assert [asked[2]["spec"]["replicas"] for asked in member.asked] == [2, 2, 3]


async def test_an_object_of_somebody_else_is_never_applied_over() -> None:
    for labels in ({}, {OWNER_UID: "uid-2"}):
        writer, member, _ = scene()
        member.objects["web"] = {
            "metadata": {"name": "web", "namespace": "shop", "uid": "x", "labels": labels},
            "spec": {},
        }
        assert reason(await writer.make(part(), "d")) == "Conflict"
        assert member.asked == []


async def test_what_a_former_life_made_is_adopted() -> None:
    writer, member, _ = scene()
    made = rules.render({"containers": [{"name": "a", "image": "registry.example/a:1"}]}, name="web", namespace="shop")
    metadata = {**made["metadata"], "uid": "x", "resourceVersion": "5", "labels": {OWNER_UID: "uid-0"}}
    member.objects["web"] = {**made, "metadata": metadata}
    adopting = Owner(OWNER.kind, OWNER.namespace, OWNER.name, OWNER.uid, adopts="uid-0")
    assert reason(await writer.make(part(owner=adopting), "d")) == ""
    assert member.objects["web"]["metadata"]["labels"][OWNER_UID] == "uid-1"


async def test_a_namespace_of_another_project_gets_nothing() -> None:
    writer, member, _ = scene(project_id="edge:other")
    state = await writer.make(part(), "d")
    assert reason(state) == "NamespaceNotInProject"
    assert member.asked == []


async def test_a_namespace_that_is_away_or_ending_is_waited_for() -> None:
    writer, _, caches = scene(deletionTimestamp="2026-01-01T00:00:00Z")
    assert reason(await writer.make(part(), "d")) == "NamespaceTerminating"
    caches.namespaces.forget({"metadata": {"name": "shop", "uid": "n", "resourceVersion": "2"}})
    state = await writer.make(part(), "d")
    assert reason(state) == "NamespaceNotFound"
    assert state.problems[0] is not None
    assert not state.problems[0].terminal


async def test_a_refusal_is_told_in_the_apiservers_words() -> None:
    writer, member, _ = scene()
    member.refuses = Invalid(422, "Invalid", "spec.x: Invalid value")
    assert reason(await writer.make(part(), "d")) == "Rejected"
    member.refuses = Forbidden(403, "Forbidden", "may not")
    assert reason(await writer.make(part(), "d")) == "Forbidden"


async def test_an_autoscaler_has_the_replicas() -> None:
    writer, member, caches = scene()
    await writer.make(part(), "d")
    autoscaler = {
        "metadata": {"name": "web", "namespace": "shop", "uid": "h", "resourceVersion": "1"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}},
    }
    caches.autoscalers.observe(autoscaler)
    await writer.make(part(), "d")
    assert len(member.asked) == 1
    await writer.make(part(deploymentConfig={"minReadySeconds": 3}), "d")
    handed, applied = member.asked[1:]
    assert (handed[1], handed[2]["spec"]) == ("drover-autoscaled", {"replicas": 2})
    assert "replicas" not in applied[2]["spec"]


async def test_a_complete_job_is_not_made_again() -> None:
    writer, member, _ = scene()
    state = await writer.make(part(jobConfig={}, scale=None, done=True), "d")
    assert (state.objects, reason(state), member.asked) == ((None,), "", [])


async def test_what_is_no_longer_wanted_goes_and_a_copy_of_it_stays() -> None:
    writer, member, caches = scene()
    await writer.make(part(), "d")
    duplicate = copy(member.objects["web"])
    duplicate["metadata"] |= {"name": "copy", "uid": "live-copy", "resourceVersion": "900"}
    caches.workloads["Deployment"].observe(duplicate)
    await writer.remove(part())
    assert [asked[1] for asked in member.asked if asked[0] == "delete"] == ["web"]


async def test_a_copy_that_somebody_made_under_a_name_that_we_want_is_not_taken() -> None:
    writer, member, caches = scene()
    made = rules.render({"containers": [{"name": "a", "image": "registry.example/a:1"}]}, name="web", namespace="shop")
    marks = {"labels": {OWNER_UID: "uid-1"}, "annotations": {ORIGINAL: "edge/elsewhere/web"}}
    theirs = {**made, "metadata": {**made["metadata"], "uid": "x", "resourceVersion": "5", **marks}}
    caches.workloads["Deployment"].observe(copy(theirs))
    assert reason(await writer.make(part(), "d")) == "Conflict"
    assert not await writer.remove(part())
    assert member.asked == []


async def test_what_kubernetes_would_not_change_is_told_and_not_tried() -> None:
    writer, member, _ = scene()
    await writer.make(part(), "d")
    state = await writer.make(part(selector={"matchLabels": {"app": "other"}}, labels={"app": "other"}), "d")
    assert reason(state) == "ImmutableField"
    assert state.problems[0] is not None
    assert "spec.selector of Deployment shop/web" in state.problems[0].message
    assert len(member.asked) == 1


async def test_what_a_part_no_longer_wants_goes_when_the_new_one_is_there_and_not_before() -> None:
    writer, member, _ = scene()
    await writer.make(part("old"), "d")
    member.refuses = Invalid(422, "Invalid", "x")
    await writer.make(part("new"), "d")
    assert [asked[0] for asked in member.asked] == ["apply"]
    member.refuses = None
    await writer.make(part("new"), "d")
    assert [asked[:2] for asked in member.asked[1:]] == [("apply", "drover-workload"), ("delete", "old")]


async def test_another_kind_of_workload_takes_the_place_of_the_old_one() -> None:
    writer, member, caches = scene()
    await writer.make(part(), "d")
    old = copy(member.objects.pop("web"))
    await writer.make(part(daemonSetConfig={}, scale=None), "d")
    assert member.objects["web"]["kind"] == "DaemonSet"
    assert [asked for asked in member.asked if asked[0] == "delete"] == [("delete", "web", old["metadata"]["uid"])]
    assert len(caches.owned("uid-1")) == 2


async def test_what_is_being_deleted_is_not_deleted_again_and_is_waited_for() -> None:
    writer, member, caches = scene()
    await writer.make(part(), "d")
    ending = copy(member.objects["web"])
    ending["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "resourceVersion": "900"}
    caches.workloads["Deployment"].observe(ending)
    assert not await writer.remove(part())
    assert [asked[0] for asked in member.asked] == ["apply"]
    caches.workloads["Deployment"].forget({**ending, "metadata": {**ending["metadata"], "resourceVersion": "901"}})
    assert await writer.remove(part())


async def test_an_object_is_made_without_force_and_put_right_with_it() -> None:
    forced: list[bool] = []

    class Strict(Member):
        async def apply(self, gvr: GVR, obj: Object, *, manager: str, force: bool = True) -> Object:
            forced.append(force)
            return await super().apply(gvr, obj, manager=manager, force=force)

    writer, _, _ = scene()
    writer._client = cast("Client", cast("Any", Strict()))
    await writer.make(part(), "d")
    await writer.make(part(scale=3), "d")
    assert forced == [False, True]
