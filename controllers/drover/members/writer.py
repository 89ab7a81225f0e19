"""Makes the objects of one part so in its cluster, or removes them."""

from __future__ import annotations

from drover.api.keys import ADOPT_UID, ORIGINAL
from drover.kube import metrics
from drover.kube.apply import covers, digest, stamped
from drover.kube.client import Client
from drover.kube.errors import BadRequest, Forbidden, Invalid, NotFound
from drover.kube.gvr import GVR, Key, Object, identity
from drover.members.caches import MemberCaches, project_id
from drover.members.desired import Part, PartState, Problem, Wanted
from drover.members.native import REPLICAS_OWNED_BY, WORKLOADS, pruned_workload
from drover.rules.ownership import ownership
from drover.rules.workload import immutable_change

_AUTOSCALED = "drover-autoscaled"
"""Field manager that keeps the replicas while they pass from a Workload to an autoscaler."""


class Writer:
    """Writes workloads into one cluster. What is already so is not written."""

    def __init__(self, cluster: str, client: Client, caches: MemberCaches) -> None:
        self._cluster = cluster
        self._client = client
        self._caches = caches

    async def make(self, part: Part, answers: str) -> PartState:
        """Applies the objects of a part and removes what it no longer wants."""
        objects: list[Object | None] = []
        problems: list[Problem | None] = []
        for wanted in part.objects:
            live, problem = await self._one(part, wanted)
            objects.append(live)
            problems.append(problem)
        kept = {(wanted.manifest["kind"], _key(wanted.manifest)) for wanted in part.objects}
        if not any(problems):  # where the new one cannot be made, the old one goes on serving
            await self._remove(part.owner.uid, keep=kept)
        return PartState(answers, tuple(objects), tuple(problems))

    async def remove(self, part: Part) -> bool:
        """Deletes every workload made for the part's owner; whether none is left."""
        await self._remove(part.owner.uid, keep=set())
        return not self._caches.owned(part.owner.uid)

    async def _remove(self, uid: str, *, keep: set[tuple[str, Key]]) -> None:
        for obj in self._caches.owned(uid):
            if (obj["kind"], _key(obj)) in keep or obj["metadata"].get("deletionTimestamp") or not self._original(obj):
                continue
            metadata = obj["metadata"]
            try:
                await self._client.delete(
                    WORKLOADS[obj["kind"]], metadata["name"], metadata["namespace"], uid=metadata["uid"]
                )
            except NotFound:
                continue
            metrics.WRITES.labels(obj["kind"], "delete").inc()

    def _original(self, obj: Object) -> bool:
        """Whether the object is where it was made: a copy of it, labels and all, is its author's."""
        mark = (obj["metadata"].get("annotations") or {}).get(ORIGINAL)
        return mark is None or mark == self._mark(obj)

    def _mark(self, obj: Object) -> str:
        return f"{self._cluster}/{obj['metadata']['namespace']}/{obj['metadata']['name']}"

    async def _one(self, part: Part, wanted: Wanted) -> tuple[Object | None, Problem | None]:
        manifest = wanted.manifest
        gvr = WORKLOADS[manifest["kind"]]
        live = self._caches.workload(manifest)
        if problem := self._wrong_namespace(wanted):
            return live, problem
        if live is None and wanted.done:
            return None, None
        fresh = live is None
        try:
            if live is None:
                live = await self._unlabelled(gvr, manifest)
            owned = ownership(live, part.owner)
            if live is not None and (owned == "foreign" or (owned == "ours" and not self._original(live))):
                return None, _taken(gvr, manifest, live)
            if live is not None and (changed := immutable_change(live, manifest)):
                return live, _immutable(gvr, manifest, changed)
            return await self._apply(part, gvr, manifest, live, force=not fresh or owned != "absent"), None
        except (Invalid, BadRequest, Forbidden) as error:
            return live, Problem(
                "Forbidden" if isinstance(error, Forbidden) else "Rejected",
                error.message[:400],
                not isinstance(error, Forbidden),
            )

    async def _unlabelled(self, gvr: GVR, manifest: Object) -> Object | None:
        """An object of that name without our label. Applying over it would take it away from whoever made it."""
        metadata = manifest["metadata"]
        try:
            return pruned_workload(await self._client.get(gvr, metadata["name"], metadata["namespace"]))
        except NotFound:
            return None

    async def _apply(self, part: Part, gvr: GVR, manifest: Object, live: Object | None, *, force: bool) -> Object:
        metadata = manifest["metadata"]
        marks = {**part.owner.annotations(), ORIGINAL: self._mark(manifest)}
        manifest = {
            **manifest,
            "metadata": {
                **metadata,
                "labels": {**(metadata.get("labels") or {}), **part.owner.labels()},
                "annotations": {**(metadata.get("annotations") or {}), **marks},
            },
        }
        others = {name: value for name, value in manifest["spec"].items() if name != "replicas"}
        without_replicas = {**manifest, "spec": others}
        stamp = digest(without_replicas)  # replicas can pass to an autoscaler and back without a write of their own
        manifest = stamped(without_replicas if self._caches.autoscaled(manifest) else manifest, stamp)
        if live is not None and covers(live, manifest):
            metrics.SUPPRESSED.labels(gvr.kind).inc()
            return live
        if live is not None and "replicas" not in manifest["spec"] and part.manager in live[REPLICAS_OWNED_BY]:
            await self._hand_over_replicas(gvr, live)
        if live is not None:  # never over what has taken the name since
            manifest = {**manifest, "metadata": {**manifest["metadata"], "uid": live["metadata"]["uid"]}}
        answer = await self._client.apply(gvr, manifest, manager=part.manager, force=force)
        metrics.WRITES.labels(gvr.kind, "create" if live is None else "change").inc()
        cache = self._caches.workloads[gvr.kind]
        cache.observe(answer)
        return cache.get(_key(manifest)) or answer

    async def _hand_over_replicas(self, gvr: GVR, live: Object) -> None:
        """A field that its only manager stops applying is removed, and the workload would fall to one replica: so
        another manager holds it."""
        replicas = (live.get("spec") or {}).get("replicas")
        if replicas is None:
            return
        names = identity(live, exactly=False)
        patch = {"apiVersion": gvr.api_version, "kind": gvr.kind, "metadata": names, "spec": {"replicas": replicas}}
        await self._client.apply(gvr, patch, manager=_AUTOSCALED)
        metrics.WRITES.labels(gvr.kind, "autoscaler").inc()

    def _wrong_namespace(self, wanted: Wanted) -> Problem | None:
        name = wanted.manifest["metadata"]["namespace"]
        namespace = self._caches.namespaces.get(Key("", name))
        if namespace is None:
            return Problem(
                "NamespaceNotFound",
                f"namespace {name} does not exist in cluster {self._cluster}; create it",
                terminal=False,
            )
        if namespace["metadata"].get("deletionTimestamp"):
            return Problem(
                "NamespaceTerminating", f"namespace {name} in cluster {self._cluster} is being deleted", terminal=False
            )
        if wanted.project_id and project_id(namespace) != wanted.project_id:
            return Problem(
                "NamespaceNotInProject",
                f"namespace {name} in cluster {self._cluster} is not in the project; "
                f"annotate it with field.cattle.io/projectId: {wanted.project_id}",
            )
        return None


def _key(obj: Object) -> Key:
    return Key(obj["metadata"]["namespace"], obj["metadata"]["name"])


def _taken(gvr: GVR, manifest: Object, live: Object) -> Problem:
    where = f"{gvr.kind} {manifest['metadata']['namespace']}/{manifest['metadata']['name']}"
    uid = (live["metadata"].get("labels") or {}).get("drover.dev/owner-uid")
    if uid:
        return Problem(
            "Conflict",
            f"{where} belongs to another Workload; if that one is gone, annotate this one with {ADOPT_UID}: {uid}",
        )
    return Problem(
        "Conflict", f"{where} exists and was not made by Drover; delete it, or set spec.name to another name"
    )


def _immutable(gvr: GVR, manifest: Object, paths: tuple[str, ...]) -> Problem:
    where = f"{gvr.kind} {manifest['metadata']['namespace']}/{manifest['metadata']['name']}"
    return Problem(
        "ImmutableField",
        f"{', '.join(paths[:3])} of {where} cannot be changed; undo the change, or delete the {gvr.kind}: "
        f"it is made anew",
    )
