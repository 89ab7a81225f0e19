"""Keeps the NetworkPolicies of projects in one cluster: pods of other projects stay out."""

from __future__ import annotations

import asyncio
from typing import Final

from drover.api.keys import OWNER_UID
from drover.kube import metrics
from drover.kube.apply import covers
from drover.kube.client import Client
from drover.kube.errors import AlreadyExists, BadRequest, Conflict, Forbidden, Invalid, NotFound
from drover.kube.gvr import NETWORK_POLICIES, Key, Object
from drover.members.caches import MemberCaches
from drover.members.desired import ISOLATION, Part
from drover.members.keeper import Keeper
from drover.members.native import pruned_policy
from drover.rules import isolation
from drover.rules.objects import deleting, name_of
from drover.rules.ownership import owner_uid

_SETTLE_SECONDS: Final = 1.0
"""From a change of a node until it counts: a node gets its addresses one after the other, and seldom comes alone."""

_BETWEEN_SECONDS: Final = 10.0
"""Between two changes that count, since each is a write in every namespace."""

_SPECS: Final = 32
"""Specs that are kept: each names every node."""

_NO_ADDRESS: Final = (
    "no address of a node is known, and without it kubelets would be kept out; see that Nodes have status.addresses "
    "and Drover may list them"
)


class IsolationKeeper(Keeper):
    """Writes one NetworkPolicy into each namespace of a project that is isolated."""

    topic = ISOLATION

    def __init__(self, client: Client, caches: MemberCaches) -> None:
        self._client = client
        self._caches = caches
        self._nodes: tuple[str, ...] | None = None
        self._looked = 0.0
        self._specs: dict[tuple[str, ...], tuple[Object, str]] = {}  # with their stamps, by the projects they admit

    # --- Nodes ------------------------------------------------------------------------------------------------------
    def pause(self) -> float:
        """The seconds from a change of a node until its addresses are to be looked at."""
        if not self._nodes:
            return _SETTLE_SECONDS
        return max(_SETTLE_SECONDS, self._looked + _BETWEEN_SECONDS - asyncio.get_running_loop().time())

    def look(self) -> bool:
        """Takes the addresses that the nodes have now; whether they are others than before."""
        found = tuple(sorted({address for node in self._caches.nodes for address in node["addresses"]}))
        if found == self._nodes:
            return False
        self._nodes = found
        self._looked = asyncio.get_running_loop().time()
        self._specs.clear()
        return True

    # --- Policies ---------------------------------------------------------------------------------------------------
    async def give(self, part: Part, namespace: Object) -> str:
        """Makes the policy of a namespace as it should be; why that was not possible."""
        name, projects = name_of(namespace), part.admits
        if projects == ():
            return ""
        if self._nodes is None:
            self.look()
        try:
            if projects is None or isolation.exempt(namespace):
                await self.clear(name)
                return ""
            return await self._make(part, name, projects) if self._nodes else _NO_ADDRESS
        except (Forbidden, Invalid, BadRequest) as error:
            return error.message[:200]
        except NotFound:
            return ""  # so is the namespace

    async def clear(self, namespace: str) -> None:
        """Deletes the policy of a namespace."""
        live = self._caches.policies.get(Key(namespace, isolation.NAME))
        if live is None or deleting(live):
            return
        try:
            answer = await self._client.delete(NETWORK_POLICIES, isolation.NAME, namespace, uid=live["metadata"]["uid"])
        except (NotFound, Conflict):
            return
        metrics.WRITES.labels(NETWORK_POLICIES.kind, "delete").inc()
        held = answer.get("kind") == NETWORK_POLICIES.kind
        self._caches.policies.deleted(live, pruned_policy(answer) if held else answer)

    async def _make(self, part: Part, namespace: str, projects: tuple[str, ...]) -> str:
        content, stamp = self._spec(projects)
        wanted = isolation.manifest(namespace, part.owner, content)
        live = self._caches.policies.get(Key(namespace, isolation.NAME))
        if live is None:
            live = await self._create(part, wanted)
        if not owner_uid(live):
            return (
                f"NetworkPolicy {namespace}/{isolation.NAME} exists and was not made by Drover; delete it, "
                f"or label it {OWNER_UID}={part.owner.uid} to have it taken over"
            )
        if live["stamp"] == stamp and covers(live["metadata"], wanted["metadata"]):
            return ""
        # With the uid: what is deleted meanwhile is made anew by the next look, where it is still wanted.
        patch = {**wanted, "metadata": {**wanted["metadata"], "uid": live["metadata"]["uid"]}}
        answer = await self._client.apply(NETWORK_POLICIES, patch, manager=part.manager)
        self._caches.policies.observe(pruned_policy(answer))
        metrics.WRITES.labels(NETWORK_POLICIES.kind, "change").inc()
        return ""

    async def _create(self, part: Part, wanted: Object) -> Object:
        """The new policy, or the one that has its name already."""
        namespace = wanted["metadata"]["namespace"]
        try:
            made = await self._client.create(NETWORK_POLICIES, wanted, manager=part.manager)
            metrics.WRITES.labels(NETWORK_POLICIES.kind, "create").inc()
        except AlreadyExists:
            made = await self._client.get(NETWORK_POLICIES, isolation.NAME, namespace)
        found = pruned_policy(made)
        if owner_uid(found):
            self._caches.policies.observe(found)
        return found

    def _spec(self, projects: tuple[str, ...]) -> tuple[Object, str]:
        """The spec and its stamp, which all namespaces of a project share: it names every node of the cluster."""
        if projects not in self._specs:
            if len(self._specs) >= _SPECS:
                del self._specs[next(iter(self._specs))]
            content = isolation.spec(projects, self._nodes or ())
            self._specs[projects] = content, isolation.stamp(content)
        return self._specs[projects]
