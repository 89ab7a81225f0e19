"""What a user does from an import to its end, and what is there at each step: the same whatever goes wrong."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from drover.api.keys import ASSIGNED, OWNER_UID, PROJECT_ID
from drover.kinds.resources import KINDS, PROJECTS
from drover.kube.apply import APPLIED
from drover.kube.client import Client
from drover.kube.gvr import GVR, NAMESPACES, POLICIES, POLICY_BINDINGS, SECRETS, Object
from drover.members.native import WORKLOADS
from tests.cluster.scene import SECONDS, Scene, cluster, eventually, namespace, project, project_secret, workload

Picture = Mapping[str, str]
"""Every object that the story is about, by kind, namespace and name, without what differs from run to run."""

NATIVE = (*WORKLOADS.values(), POLICIES, POLICY_BINDINGS)
_LOOKS = 40
_REST_SECONDS = 1.2
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_BY_SERVER = ("resourceVersion", "managedFields", "creationTimestamp", "generation", "selfLink")
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Story:
    """A Cluster with a Project, its secret, a namespace and a Workload in the member, from its import to its deletion.
    Each has names of its own. `secret` is that of the member's kubeconfig, `seconds` how long each thing may take."""

    scene: Scene
    secret: str
    seconds: float = SECONDS
    cluster: str = field(default_factory=lambda: f"story-{next(_numbers)}")

    @property
    def steps(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """What the user does, step by step; after each, everything has to come to rest."""
        return {"import": self._import, "run": self._run, "change": self._change, "delete": self._delete}

    async def _import(self) -> None:
        await never_assigned(self.scene.member)
        await self._patiently(cluster(self.cluster, self.secret))
        await self._patiently(self._project())
        await self._patiently(namespace(self._place, f"{self.cluster}:shop"), self.scene.member)
        await self.scene.ready(cluster(self.cluster), self.seconds)
        await self.scene.ready(self._project(), self.seconds)

    async def _run(self) -> None:
        await self._patiently(self._project_secret("MQ=="))
        await self._patiently(self._workload())
        await self.scene.ready(self._workload(), self.seconds)

    async def _change(self) -> None:
        await self._patiently(self._project_secret("Mg=="))
        await self._patiently(self._workload(scale=2))
        await self.scene.ready(self._workload(), self.seconds)

    async def _delete(self) -> None:
        for obj in (self._project(), cluster(self.cluster)):
            await self.scene.delete(obj)
            await self.scene.gone(obj, self.seconds)

    @property
    def _place(self) -> str:
        return f"{self.cluster}-place"

    def _project(self) -> Object:
        return project("shop", self.cluster)

    def _project_secret(self, value: str) -> Object:
        return project_secret("password", f"{self.cluster}-shop", "shop", data={"key": value})

    def _workload(self, scale: int = 1) -> Object:
        return workload("web", f"{self.cluster}-shop", self._place, scale=scale)

    async def _patiently(self, obj: Object, client: Client | None = None) -> None:
        """Applies as soon as the namespace for it is there."""
        await eventually(lambda: self.scene.apply(obj, client=client), f"{obj['kind']} is taken", self.seconds)

    async def picture(self) -> Picture:
        """What is there now. A namespace that is being deleted counts as gone, with the Secrets in it."""
        clusters = {
            "hub": await _objects(self.scene.hub, (*KINDS, NAMESPACES, SECRETS)),
            "member": await _objects(self.scene.member, (*NATIVE, NAMESPACES, SECRETS)),
        }
        chosen = {
            where: [obj for obj in _without_ending(found) if self._is_about(where, obj)]
            for where, found in clusters.items()
        }
        return _pictured(chosen, self.cluster)

    def _is_about(self, where: str, obj: Object) -> bool:
        """In the hub by name; in the member whatever carries a mark of ours, so that nothing that was made twice is
        missed."""
        metadata = obj["metadata"]
        name = metadata.get("namespace") or metadata["name"]
        named = name == self.cluster or name.startswith(f"{self.cluster}-")
        marked = bool({OWNER_UID, PROJECT_ID} & (metadata.get("labels") or {}).keys())
        return named or (where == "member" and marked)


async def never_assigned(member: Client) -> None:
    """The namespaces that a cluster begins with are as before it was ever imported."""
    for obj in await member.list(NAMESPACES):
        if ASSIGNED in (obj["metadata"].get("annotations") or {}):
            marks = {"annotations": {ASSIGNED: None, PROJECT_ID: None}, "labels": {PROJECT_ID: None}}
            await member.merge(NAMESPACES, {"metadata": {"name": obj["metadata"]["name"], **marks}}, manager="test")


async def tell(story: Story, wanted: Mapping[str, Picture] | None = None) -> Mapping[str, Picture]:
    """Tells a story; gives what is there after each step. With `wanted` it has to become that."""
    seen: dict[str, Picture] = {}
    for name, step in story.steps.items():
        await step()
        seen[name] = await _at_rest(story) if wanted is None else await _becomes(story, wanted[name], name)
    return seen


async def _at_rest(story: Story) -> Picture:
    """What is there when it has not changed for a while."""
    before, seen = dict[str, str](), await story.picture()
    for _ in range(_LOOKS):
        if seen == before:
            return seen
        await asyncio.sleep(_REST_SECONDS)
        before, seen = dict(seen), await story.picture()
    raise AssertionError(f"it does not come to rest: {difference(seen, before)}")


async def _becomes(story: Story, wanted: Picture, step: str) -> Picture:
    """Waits until exactly that is there."""
    seen: Picture = {}

    async def look() -> bool:
        nonlocal seen
        seen = await story.picture()
        return seen == wanted

    try:
        await eventually(look, f"{step}: the same is there", story.seconds)
    except AssertionError:
        raise AssertionError(f"after the step {step}:\n{difference(seen, wanted)}") from None
    return seen


def _without_ending(objects: list[Object]) -> list[Object]:
    """Without namespaces that are being deleted, and the Secrets in them."""
    ending = {
        obj["metadata"]["name"]
        for obj in objects
        if obj["kind"] == NAMESPACES.kind and obj["metadata"].get("deletionTimestamp")
    }
    places = {NAMESPACES.kind: "name", SECRETS.kind: "namespace"}
    return [obj for obj in objects if obj["metadata"].get(places.get(obj["kind"], "")) not in ending]


async def _objects(client: Client, gvrs: tuple[GVR, ...]) -> list[Object]:
    return [{**obj, "kind": gvr.kind, "apiVersion": gvr.api_version} for gvr in gvrs for obj in await client.list(gvr)]


def _pictured(clusters: Mapping[str, list[Object]], story: str) -> Picture:
    objects = [(where, obj) for where, found in clusters.items() for obj in found]
    called = {obj["metadata"]["uid"]: f"<uid of {obj['kind']} {_name(obj)}>" for _, obj in objects}
    called |= {
        obj["metadata"]["name"]: f"<{obj['spec']['displayName']}>" for _, obj in objects if obj["kind"] == PROJECTS.kind
    }
    called[story] = "<story>"

    def without_names(text: str) -> str:
        for name, said in called.items():
            text = text.replace(name, said)
        return _TIME.sub("<time>", text)

    pictures = ((f"{where} {obj['kind']} {_name(obj)}", _text(obj)) for where, obj in objects)
    return {without_names(name): without_names(text) for name, text in sorted(pictures)}


def _name(obj: Object) -> str:
    return "/".join(filter(None, (obj["metadata"].get("namespace"), obj["metadata"]["name"])))


def _text(obj: Object) -> str:
    metadata: dict[str, Any] = {name: value for name, value in obj["metadata"].items() if name not in _BY_SERVER}
    annotations = {name: value for name, value in (metadata.get("annotations") or {}).items() if name != APPLIED}
    managers = sorted({entry["manager"] for entry in obj["metadata"].get("managedFields") or []})
    shown = {**obj, "metadata": {**metadata, "annotations": annotations, "managers": managers}}
    if obj["apiVersion"] in {gvr.api_version for gvr in NATIVE}:
        shown.pop("status", None)  # that of Kubernetes' own controllers
    return orjson.dumps(_without_generations(shown), option=orjson.OPT_SORT_KEYS).decode()


def _without_generations(value: Any) -> Any:
    """How often the server has counted a change is no part of the end."""
    if isinstance(value, dict):
        return {name: _without_generations(each) for name, each in value.items() if name != "observedGeneration"}
    return [_without_generations(each) for each in value] if isinstance(value, list) else value


def difference(seen: Picture, wanted: Picture) -> str:
    """What differs, for a message; empty where nothing does."""
    lines = [f"missing: {name}" for name in sorted(wanted.keys() - seen.keys())]
    lines += [f"too many: {name}" for name in sorted(seen.keys() - wanted.keys())]
    for name in sorted(wanted.keys() & seen.keys()):
        if seen[name] != wanted[name]:
            lines += [f"differs: {name}", f"  is      {seen[name]}", f"  was     {wanted[name]}"]
    return "\n".join(lines)
