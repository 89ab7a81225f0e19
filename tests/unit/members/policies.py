"""A member cluster in memory with NetworkPolicies, which all have one name and so need their namespace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from drover.api.keys import NETWORK_ISOLATION, OWNER_UID, PROJECT_ID
from drover.kube.client import Page
from drover.kube.errors import AlreadyExists, Conflict, NotFound
from drover.kube.gvr import GVR, NAMESPACES, NETWORK_POLICIES, NODES, Object
from tests.unit.members.cluster import Cluster, copied


class PolicyCluster(Cluster):
    """`policies` are the NetworkPolicies by namespace, `verbs` what was asked of them."""

    def __init__(self) -> None:
        super().__init__()
        self.policies: dict[str, Object] = {}
        self.verbs: list[tuple[str, str]] = []

    # --- What people do ---------------------------------------------------------------------------------------------
    def project_namespace(self, name: str, project: str = "shop", *, opted_out: bool = False) -> None:
        """Stores a namespace of a project, with its label."""
        annotations = {PROJECT_ID: f"edge:{project}"} | ({NETWORK_ISOLATION: "false"} if opted_out else {})
        self.put(NAMESPACES, {"metadata": {"name": name, "annotations": annotations, "labels": {PROJECT_ID: project}}})

    def node(self, name: str, *addresses: str, **content: Any) -> None:
        """Stores a node with these addresses."""
        told = [{"type": "InternalIP", "address": address} for address in addresses]
        self.put(NODES, {"metadata": {"name": name}, "status": {"addresses": told}, **content})

    def policy(self, namespace: str, obj: Object) -> Object:
        """Stores a NetworkPolicy; watches of our label are told."""
        self.version += 1
        known = self.policies.get(namespace)
        uid = known["metadata"]["uid"] if known else f"uid-{namespace}-{self.version}"
        stored = {**obj, "metadata": {"uid": uid, **obj["metadata"], "resourceVersion": str(self.version)}}
        self.policies[namespace] = stored
        if OWNER_UID in (stored["metadata"].get("labels") or {}):
            self._tell("MODIFIED", stored)
        elif known and OWNER_UID in (known["metadata"].get("labels") or {}):
            self._tell("DELETED", stored)
        self.changed.set()
        return copied(stored)

    def drop_policy(self, namespace: str) -> None:
        """Deletes a NetworkPolicy."""
        self.version += 1
        gone = self.policies.pop(namespace)
        self._tell("DELETED", {**gone, "metadata": {**gone["metadata"], "resourceVersion": str(self.version)}})
        self.changed.set()

    def blocks(self, namespace: str) -> list[str]:
        """The addresses that the policy of a namespace lets in."""
        (rule,) = self.policies[namespace]["spec"]["ingress"]
        return [peer["ipBlock"]["cidr"] for peer in rule["from"] if "ipBlock" in peer]

    def projects(self, namespace: str) -> list[str]:
        """The projects that the policy of a namespace lets in."""
        (rule,) = self.policies[namespace]["spec"]["ingress"]
        found = (peer["namespaceSelector"] for peer in rule["from"] if "namespaceSelector" in peer)
        return [selector["matchLabels"][PROJECT_ID] for selector in found]

    def _tell(self, kind: str, obj: Object) -> None:
        self.watches[NETWORK_POLICIES.plural].put_nowait({"type": kind, "object": copied(obj)})

    # --- What a client has ------------------------------------------------------------------------------------------
    async def pages(
        self, gvr: GVR, namespace: str = "", *, label_selector: str = "", size: int = 500
    ) -> AsyncIterator[Page]:
        if gvr is not NETWORK_POLICIES:
            async for page in super().pages(gvr, namespace, label_selector=label_selector, size=size):
                yield page
            return
        ours = [obj for obj in self.policies.values() if OWNER_UID in (obj["metadata"].get("labels") or {})]
        yield Page([copied(obj) for obj in ours], str(self.version))

    async def create(self, gvr: GVR, obj: Object, *, manager: str) -> Object:
        namespace = self._asked("create", obj)
        self._fail("create")
        if namespace in self.policies:
            raise AlreadyExists(409, "AlreadyExists", "exists")
        return self.policy(namespace, obj)

    async def get(self, gvr: GVR, name: str, namespace: str = "") -> Object:
        if gvr is not NETWORK_POLICIES:
            return await super().get(gvr, name, namespace)
        self.verbs.append(("get", namespace))
        if namespace not in self.policies:
            raise NotFound(404, "NotFound", "gone")
        return copied(self.policies[namespace])

    async def apply(self, gvr: GVR, obj: Object, *, manager: str, force: bool = True) -> Object:
        if gvr is not NETWORK_POLICIES:
            return await super().apply(gvr, obj, manager=manager, force=force)
        namespace = self._asked("apply", obj)
        self._fail("apply")
        known = self.policies.get(namespace)
        if known is None or known["metadata"]["uid"] != obj["metadata"]["uid"]:
            raise Conflict(409, "Conflict", "uid mismatch")
        return self.policy(namespace, {**known, **obj})

    async def delete(self, gvr: GVR, name: str, namespace: str = "", *, uid: str, version: str = "") -> Object:
        if gvr is not NETWORK_POLICIES:
            return await super().delete(gvr, name, namespace, uid=uid, version=version)
        self.verbs.append(("delete", namespace))
        self._fail("delete")
        if namespace not in self.policies:
            raise NotFound(404, "NotFound", "gone")
        self.drop_policy(namespace)
        return {"kind": "Status"}

    def _asked(self, verb: str, obj: Object) -> str:
        namespace = str(obj["metadata"]["namespace"])
        self.verbs.append((verb, namespace))
        return namespace
