"""What the tests on a control plane do again and again."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from drover.dev import audit
from drover.dev.beside import Replica
from drover.dev.stage import Stage
from drover.kinds.resources import SERVED
from drover.kube.client import Client
from drover.kube.errors import ApiError, NotFound
from drover.kube.gvr import GVR, NAMESPACES, SECRETS, Object

T = TypeVar("T")

SECONDS = 60.0
"""Deadline of what takes a second on a quiet machine."""

ARGUMENTS = ("--deletion-patience", "8", "--unused-role-seconds", "1", "--log-level", "debug")
"""Of the operators: what lasts minutes otherwise lasts seconds."""

SHORT_LEASE = ("--lease-seconds", "6", *ARGUMENTS)
"""The same for one that somebody takes over from."""

_names = itertools.count(1)
_GVRS = {(gvr.api_version, gvr.kind): gvr for gvr in (*SERVED, NAMESPACES, SECRETS)}

PROJECT_SCOPED = "management.cattle.io/project-scoped-secret"


def unique(prefix: str) -> str:
    """A name that no other test uses."""
    return f"{prefix}-{next(_names)}"


async def eventually(look: Callable[[], Awaitable[T | None]], what: str, seconds: float = SECONDS) -> T:
    """What `look` gives as soon as it is true; fails with `what` and the last result."""
    deadline = time.monotonic() + seconds
    pause: float = 0.05
    last: Any = None
    while time.monotonic() < deadline:
        try:
            last = await look()
        except ApiError as error:
            last = error
        else:
            if last:
                return cast("T", last)
        await asyncio.sleep(pause)
        pause = min(pause * 1.2, 0.25)  # who waits long need not keep the kube-apiserver busy
    raise AssertionError(f"{what}: not within {seconds:.0f} s; last seen: {last!r}")


def gvr_of(obj: Object) -> GVR:
    """Where an object of the tests lives."""
    return _GVRS[obj["apiVersion"], obj["kind"]]


def condition(obj: Object | None, type_: str) -> Object:
    """A condition of an object; empty where it is absent."""
    conditions = ((obj or {}).get("status") or {}).get("conditions") or []
    return next((entry for entry in conditions if entry["type"] == type_), {})


@dataclass
class Scene:
    """Drover on a hub, and a member."""

    hub: Client
    member: Client
    drover: Replica
    applied: list[Object] = field(default_factory=list)

    async def apply(self, obj: Object, *, client: Client | None = None) -> Object:
        """Applies an object as a user does."""
        return await (client or self.hub).apply(gvr_of(obj), obj, manager="test")

    async def get(self, obj: Object) -> Object | None:
        """The object as it is now; None when it is gone."""
        try:
            return await self.hub.get(gvr_of(obj), obj["metadata"]["name"], obj["metadata"].get("namespace", ""))
        except NotFound:
            return None

    async def ready(self, obj: Object, seconds: float = SECONDS) -> Object:
        """Waits until the object is Ready as it is now."""
        return await self.shows(obj, "Ready", "True", seconds=seconds)

    async def shows(
        self, obj: Object, type_: str, status: str, reason: str | None = None, seconds: float = SECONDS
    ) -> Object:
        """Waits until a condition of the object, as it is now, has a status and a reason."""

        async def look() -> Object | None:
            found = await self.get(obj)
            seen = condition(found, type_)
            fits = seen.get("status") == status and reason in (None, seen.get("reason"))
            current = found is not None and seen.get("observedGeneration") == found["metadata"]["generation"]
            return found if fits and current else None

        try:
            return await eventually(look, f"{type_}={status} {reason or ''}", seconds)
        except AssertionError as error:
            found = await self.get(obj)
            raise AssertionError(f"{error}\nstatus: {(found or {}).get('status')}") from None

    async def delete(self, obj: Object) -> None:
        """Asks to delete the object; nothing when it is gone."""
        found = await self.get(obj)
        if found is not None:
            metadata = found["metadata"]
            await self.hub.delete(gvr_of(obj), metadata["name"], metadata.get("namespace", ""), uid=metadata["uid"])

    async def gone(self, obj: Object, seconds: float = SECONDS) -> None:
        """Waits until the object is gone."""

        async def look() -> bool:
            return await self.get(obj) is None

        try:
            await eventually(look, f"{obj['kind']} {obj['metadata']['name']} is gone", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{await self.get(obj)}") from None

    async def project(self, cluster: str = "edge", **spec: Any) -> Object:
        """A new Project that is Ready."""
        obj = project(unique("p"), cluster, **spec)
        await self.apply(obj)
        return await self.ready(obj)

    async def apply_secret(
        self, project_object: Object, name: str, data: dict[str, str] | None, *, ignores: str = "", **content: Any
    ) -> None:
        """Applies a project's secret in the backing namespace; takes it away where there is no data for it."""
        place = project_object["status"]["backingNamespace"]
        obj = project_secret(name, place, project_object["metadata"]["name"], data=data or {}, **content)
        if ignores:
            obj["metadata"]["annotations"] = {f"{PROJECT_SCOPED}-ignore-namespaces": ignores}
        if data is not None:
            await self.apply(obj)
        else:
            await self.delete(obj)

    async def namespace(self, project_object: Object, client: Client | None = None) -> str:
        """A new namespace of a Project, in the member unless told otherwise."""
        metadata = project_object["metadata"]
        name = unique("n")
        await self.apply(namespace(name, f"{metadata['namespace']}:{metadata['name']}"), client=client or self.member)
        return name


async def import_member(scene: Scene, name: str, secret: str) -> Object:
    """Imports the member under a name and waits until it is Ready."""
    obj = cluster(name, secret)
    await scene.apply(obj)
    return await scene.ready(obj)


def cluster(name: str, secret: str | None = None, **spec: Any) -> Object:
    """A management Cluster; with a Secret one that is reached by the kubeconfig in it."""
    config: Object = {"kubeconfigSecretRef": {"name": secret}} if secret else {}
    given = {"displayName": name, "importedConfig": config, **spec}
    return _object("management.cattle.io/v3", "Cluster", name, spec=given)


def project(name: str, cluster_name: str = "edge", **spec: Any) -> Object:
    """A Project."""
    given = {"clusterName": cluster_name, "displayName": name, **spec}
    return _object("management.cattle.io/v3", "Project", name, cluster_name, spec=given)


def namespace(name: str, project_id: str | None = None) -> Object:
    """A Namespace, in a project where one is named."""
    obj = _object("v1", "Namespace", name)
    if project_id is not None:
        obj["metadata"]["annotations"] = {"field.cattle.io/projectId": project_id}
    return obj


def project_secret(name: str, lies_in: str, project_name: str, **content: Any) -> Object:
    """A Secret that goes into the namespaces of a project."""
    obj = _object("v1", "Secret", name, lies_in, **content)
    obj["metadata"]["labels"] = {PROJECT_SCOPED: project_name}
    return obj


def workload(name: str, lies_in: str, namespace_id: str | None = None, **spec: Any) -> Object:
    """A Workload with one container; a Deployment unless told otherwise."""
    given = {"containers": [{"name": "main", "image": "registry.example/app:1"}], **spec}
    if namespace_id is not None:
        given["namespaceId"] = namespace_id
    return _object("project.cattle.io/v3", "Workload", name, lies_in, spec=given)


def provisioning_cluster(name: str, lies_in: str = "fleet-default", **spec: Any) -> Object:
    """A provisioning Cluster."""
    return _object("provisioning.cattle.io/v1", "Cluster", name, lies_in, spec=spec)


def setting(name: str, value: str | None = None) -> Object:
    """A Setting; without a value for the default."""
    content = {"value": value} if value is not None else {}
    return _object("management.cattle.io/v3", "Setting", name, **content)


def feature(name: str, **spec: Any) -> Object:
    """A Feature."""
    return _object("management.cattle.io/v3", "Feature", name, spec=spec)


def secret(name: str, lies_in: str, type_: str = "Opaque", **values: str) -> Object:
    """A Secret."""
    return _object("v1", "Secret", name, lies_in, type=type_, stringData=values)


def management(kind: str, name: str, lies_in: str = "", **spec: Any) -> Object:
    """An object of one of the further kinds of management.cattle.io."""
    return _object("management.cattle.io/v3", kind, name, lies_in, spec=spec)


def template(name: str, defaults: Object, **exemptions: list[str]) -> Object:
    """A template of pod security."""
    configuration = {"defaults": defaults, "exemptions": exemptions}
    kind = "PodSecurityAdmissionConfigurationTemplate"
    return _object("management.cattle.io/v3", kind, name, configuration=configuration)


def workspace(name: str, **metadata: Any) -> Object:
    """A workspace."""
    obj = _object("management.cattle.io/v3", "FleetWorkspace", name)
    return {**obj, "metadata": {**obj["metadata"], **metadata}}


def _object(api_version: str, kind: str, name: str, namespace_: str = "", **content: Any) -> Object:
    metadata = {"name": name} | ({"namespace": namespace_} if namespace_ else {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}


def scene_of(stage: Stage, replica: Replica) -> Scene:
    """The usual steps, with the hub as the only cluster."""
    return Scene(stage.hub, stage.hub, replica)


async def log_says(replica: Replica, text: str, seconds: float = 60.0) -> str:
    """Waits for a line in the log of an operator, and gives it."""

    async def look() -> str:
        lines = replica.log.read_text(errors="replace").splitlines() if replica.log.exists() else []
        return next((line for line in lines if text in line), "")

    return await eventually(look, f"the log says {text!r}", seconds)


async def nothing_written(*logs: Path, seconds: float = 2.0) -> None:
    """Waits until the operator has written nothing for a while, by the audit logs of clusters."""
    quiet, last = 0.0, [audit.size(log) for log in logs]
    while quiet < seconds:
        await asyncio.sleep(0.5)
        now = [audit.size(log) for log in logs]
        written = [write for log, size in zip(logs, last, strict=True) for write in audit.writes(log, size)]
        quiet, last = (0.0 if written else quiet + 0.5), now
