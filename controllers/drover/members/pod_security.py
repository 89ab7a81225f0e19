"""Keeps the pod security labels on the namespaces of projects in one cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from drover.kube import metrics
from drover.kube.cache import Change
from drover.kube.client import Client
from drover.kube.errors import BadRequest, Conflict, Forbidden, Invalid, NotFound
from drover.kube.gvr import NAMESPACES, Key, Object, identity
from drover.members.caches import MemberCaches, project_label
from drover.members.desired import POD_SECURITY, Part
from drover.members.keeper import Keeper
from drover.rules.pod_security import MANAGER, PodSecurity, labels_to_apply


class PodSecurityKeeper(Keeper):
    """Applies the labels of a template, and takes them off. `on_change` is told of own writes."""

    topic = POD_SECURITY

    def __init__(self, client: Client, caches: MemberCaches, on_change: Callable[[Change], None]) -> None:
        self._client = client
        self._caches = caches
        self._on_change = on_change

    async def give(self, part: Part, namespace: Object) -> str:
        """Makes a namespace have the labels that the part asks for; why that was not possible.

        The project's own label comes first: two writes at once would make one of them fail, and the event of the first
        one leads here again.
        """
        if project_label(namespace) != part.project.partition(":")[2]:
            return ""
        try:
            await self._keep(part.pod_security, namespace)
        except (Forbidden, Invalid, BadRequest) as error:
            return error.message[:200]
        return ""

    async def clear(self, namespace: str) -> None:
        """Takes our labels off a namespace."""
        found = self._caches.namespaces.get(Key("", namespace))
        if found is not None:
            await self._keep(None, found)

    async def _keep(self, wanted: PodSecurity | None, namespace: Object) -> None:
        labels = labels_to_apply(wanted, namespace)
        if labels is not None:
            await self._apply(namespace, labels)

    async def _apply(self, namespace: Object, labels: Mapping[str, str]) -> None:
        """Not by force: a label that a person set meanwhile is a conflict, and stays."""
        obj = {
            "apiVersion": NAMESPACES.api_version,
            "kind": NAMESPACES.kind,
            "metadata": {**identity(namespace, exactly=False), "labels": dict(labels)},
        }
        try:
            answer = await self._client.apply(NAMESPACES, obj, manager=MANAGER, force=False)
        except (NotFound, Conflict):
            return  # what has changed comes as an event
        metrics.WRITES.labels(NAMESPACES.kind, "pod-security").inc()
        change = self._caches.namespaces.observe(answer)
        if change is not None:
            self._on_change(change)
