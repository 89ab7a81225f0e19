"""A kube-apiserver client: the verbs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from drover.kube.errors import ApiError, NotFound, Unreachable
from drover.kube.gvr import GVR, PODS, SECRETS, Object
from drover.kube.transport import JSON, Transport

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
_SECRET = re.compile(rf"^{SECRETS.base}/namespaces/[^/]+/{SECRETS.plural}(/|$)")
METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
METADATA_OF_ONE = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


@dataclass(frozen=True, slots=True)
class Review:
    """What a SelfSubjectAccessReview asks."""

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list: all pages of one list have the same `resource_version`."""

    items: list[Object]
    resource_version: str


class Client(Transport):
    """Requests of one login.

    Every method raises `ApiError` for an answer that is not 2xx and `Unreachable` without one. Reads, applies and
    deletes are tried up to four times where that can help; a create is not repeated once it was sent. An error of a
    write to a Secret comes without the server's text, which may quote what was written.
    """

    # --- Reads ------------------------------------------------------------------------------------------------------
    async def get(self, gvr: GVR, name: str, namespace: str = "", *, metadata_only: bool = False) -> Object:
        """One object, or its metadata."""
        return await self.call("GET", gvr.path(namespace, name), accept=METADATA_OF_ONE if metadata_only else JSON)

    async def get_path(self, path: str) -> Object:
        """The JSON behind any path, such as `/version`."""
        return await self.call("GET", path)

    async def served(self, kinds: Iterable[GVR]) -> set[GVR]:
        """Which of these kinds the server has, by one look at each of their groups."""
        wanted: dict[str, list[GVR]] = {}
        for gvr in kinds:
            wanted.setdefault(gvr.base, []).append(gvr)

        async def look(base: str) -> set[str]:
            try:
                found = await self.get_path(base)
            except NotFound:
                return set()
            return {resource.get("name", "") for resource in found.get("resources") or []}

        found = await asyncio.gather(*(look(base) for base in wanted))
        return {gvr for gvrs, names in zip(wanted.values(), found, strict=True) for gvr in gvrs if gvr.plural in names}

    async def healthy(self, path: str = "/readyz") -> bool:
        """Whether a health endpoint answers 200; False for any other answer."""
        status, _, _ = await self._send("GET", path, None, None, {}, self._timeout)
        return status == 200

    async def pages(
        self,
        gvr: GVR,
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        size: int = 500,
        metadata_only: bool = False,
    ) -> AsyncIterator[Page]:
        """All objects, page by page; raises `Gone` when the list took so long that its token expired."""
        selectors = {"labelSelector": label_selector, "fieldSelector": field_selector}
        query = {"limit": str(size)} | {name: text for name, text in selectors.items() if text}
        while True:
            answer = await self.call(
                "GET", gvr.path(namespace), query=query, accept=METADATA_ONLY if metadata_only else JSON
            )
            if metadata_only and answer.get("items", 0) is None:  # so a kube-apiserver writes an empty list of them
                answer["items"] = []
            if not isinstance(answer.get("items"), list):
                raise Unreachable(f"{self.host} answers a list of {gvr} without items: not a kube-apiserver")
            metadata = answer.get("metadata") or {}
            yield Page(answer["items"], metadata.get("resourceVersion", ""))
            if not metadata.get("continue"):
                return
            query["continue"] = metadata["continue"]

    async def rules(self, namespace: str) -> list[Object]:
        """The RBAC rules that hold for this login in a namespace, by a SelfSubjectRulesReview (no write). Not all of
        its rights: authorizers other than RBAC may allow more."""
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "spec": {"namespace": namespace},
        }
        answer = await self.call("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", body)
        found: list[Object] = (answer.get("status") or {}).get("resourceRules") or []
        return found

    async def list(self, gvr: GVR, namespace: str = "", *, label_selector: str = "") -> list[Object]:
        """All objects at once, for small kinds."""
        return [item async for page in self.pages(gvr, namespace, label_selector=label_selector) for item in page.items]

    async def find(self, gvr: GVR, name: str, namespace: str = "") -> Object | None:
        """One object, or None; by the right to list."""
        async for page in self.pages(gvr, namespace, field_selector=f"metadata.name={name}"):
            for item in page.items:
                return item
        return None

    async def allowed(self, review: Review) -> bool:
        """Whether this login may do something, by a SelfSubjectAccessReview (which is no write)."""
        attributes = {
            "verb": review.verb,
            "group": review.group,
            "resource": review.resource,
            "subresource": review.subresource,
            "namespace": review.namespace,
            "name": review.name,
        }
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
        }
        answer = await self.call("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)
        return bool((answer.get("status") or {}).get("allowed"))

    async def user(self) -> str:
        """The name of this login in the cluster, by a SelfSubjectReview (no write); empty where none is told."""
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        answer = await self.call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body)
        status = answer.get("status")
        user = status.get("userInfo") if isinstance(status, dict) else None
        name = user.get("username") if isinstance(user, dict) else None
        return name if isinstance(name, str) else ""

    # --- Writes -----------------------------------------------------------------------------------------------------
    async def create(self, gvr: GVR, obj: Object, *, manager: str, dry_run: bool = False) -> Object:
        """Makes an object; raises `AlreadyExists`."""
        path = gvr.path(obj["metadata"].get("namespace", ""))
        return await self._write("POST", path, obj, JSON, {"fieldManager": manager}, dry_run=dry_run)

    async def apply(
        self, gvr: GVR, obj: Object, *, manager: str, subresource: str = "", force: bool = True, dry_run: bool = False
    ) -> Object:
        """Server-side apply. An object with `metadata.uid` is never created by it: it raises `Conflict` when it is
        gone."""
        metadata = obj["metadata"]
        path = gvr.path(metadata.get("namespace", ""), metadata["name"], subresource)
        query = {"fieldManager": manager, "force": "true" if force else "false"}
        return await self._write("PATCH", path, obj, APPLY, query, dry_run=dry_run)

    async def merge(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        """A JSON merge patch; `metadata.uid` and `metadata.resourceVersion` in it are preconditions."""
        metadata = obj["metadata"]
        path = gvr.path(metadata.get("namespace", ""), metadata["name"])
        return await self._write("PATCH", path, obj, MERGE, {"fieldManager": manager})

    async def replace(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        """An update under the object's resourceVersion; raises `Conflict` when it changed meanwhile."""
        metadata = obj["metadata"]
        path = gvr.path(metadata.get("namespace", ""), metadata["name"])
        return await self._write("PUT", path, obj, JSON, {"fieldManager": manager})

    async def delete(
        self,
        gvr: GVR,
        name: str,
        namespace: str = "",
        *,
        uid: str,
        version: str = "",
        propagation: str = "Background",
    ) -> Object:
        """Deletes the object with this uid, and with the resourceVersion `version` where one is given; raises
        `Conflict` when it is another now, `NotFound` when it is gone."""
        preconditions = {"uid": uid} | ({"resourceVersion": version} if version else {})
        body = {"preconditions": preconditions, "propagationPolicy": propagation}
        return await self._write("DELETE", gvr.path(namespace, name), body, JSON, {})

    async def post(self, path: str, body: Object) -> Object:
        """Any POST, such as a TokenRequest."""
        return await self._write("POST", path, body, JSON, {})

    async def evict(self, name: str, namespace: str) -> Object:
        """Asks to end a pod as its PodDisruptionBudgets allow; raises `TooManyRequests` while they don't."""
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}}
        return await self._write("POST", PODS.path(namespace, name, "eviction"), body, JSON, {})

    async def _write(
        self, method: str, path: str, body: Object, content: str, query: dict[str, str], *, dry_run: bool = False
    ) -> Object:
        query = query | ({"dryRun": "All"} if dry_run else {})
        try:
            return await self.call(method, path, body, content=content, query=query, write=True)
        except ApiError as error:
            if _SECRET.search(path):
                raise error.without_message(f"{method} {path}") from None
            raise
