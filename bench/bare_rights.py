"""What a bare client takes for the same grants: it writes the objects itself, and asks until they count."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from bench import people, scene
from bench.asking import answered
from bench.people import Binding
from bench.settling import Settled
from bench.virtual import Share
from bench.waiting import at_once
from drover.kinds.resources import CLUSTER_BINDINGS
from drover.kube.client import Client
from drover.kube.gvr import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, GVR, NAMESPACES, RBAC, ROLE_BINDINGS, Object
from drover.rules.rbac import policy

_NAME: Final = "bare"


@dataclass(frozen=True, slots=True)
class Bare:
    """Seconds from the first write of a grant until the member allows it, and until it denies it again, one by one; and
    of all grants at once, until the last is allowed."""

    grants: list[float]
    revokes: list[float]
    at_once: float


class _Written(NamedTuple):
    client: Client
    gvr: GVR
    stored: Object

    async def delete(self) -> None:
        metadata = self.stored["metadata"]
        await self.client.delete(self.gvr, metadata["name"], metadata.get("namespace", ""), uid=metadata["uid"])


async def bare(settled: Settled) -> Bare:
    """Gives and takes each binding one by one, then gives all of them at once and takes them. A grant is an object of
    the hub with its status, one binding there, and one in the member for each place, in namespaces that only this
    client uses; roles are there before."""
    hub, shares = settled.made.hub, settled.shares
    bindings = [
        replace(each, namespaces=tuple(f"{_NAME}-{number}" for number, _ in enumerate(each.namespaces)))
        for each in settled.fleet.bindings()
    ]
    await hub.apply(NAMESPACES, scene.namespace(_NAME), manager=_NAME)
    role = _object(CLUSTER_ROLES, _NAME, "", rules=[policy.manifest(policy.rule("*", "*", "*"))])
    await at_once(share.create(CLUSTER_ROLES.plural, role) for share in shares.values())
    places = {(each.cluster, place) for each in bindings for place in each.namespaces}
    await at_once(shares[cluster].create(NAMESPACES.plural, scene.namespace(place)) for cluster, place in places)
    grants: list[float] = []
    revokes: list[float] = []
    for number, each in enumerate(bindings):
        started = time.perf_counter()
        written = await _give(hub, shares[each.cluster], each, number)
        granted = time.perf_counter()
        await _take(written, shares[each.cluster], each)
        grants.append(granted - started)
        revokes.append(time.perf_counter() - granted)
    all_written: dict[int, list[_Written]] = {}

    async def give(number: int, binding: Binding) -> None:
        all_written[number] = await _give(hub, shares[binding.cluster], binding, number)

    started = time.perf_counter()
    await at_once(give(number, each) for number, each in enumerate(bindings))
    seconds = time.perf_counter() - started
    await at_once(_take(all_written[number], shares[each.cluster], each) for number, each in enumerate(bindings))
    return Bare(grants, revokes, seconds)


async def _give(hub: Client, share: Share, binding: Binding, number: int) -> list[_Written]:
    name = f"{_NAME}-{number}"
    obj = people.in_cluster(name, _NAME, userName=binding.user)
    written = [_Written(hub, CLUSTER_BINDINGS, await hub.create(CLUSTER_BINDINGS, obj, manager=_NAME))]
    status = {**people.in_cluster(name, _NAME), "status": {"conditions": []}}
    await hub.apply(CLUSTER_BINDINGS, status, manager=_NAME, subresource="status")
    in_hub = _object(ROLE_BINDINGS, name, _NAME, **_gives(binding.user))
    written.append(_Written(hub, ROLE_BINDINGS, await hub.create(ROLE_BINDINGS, in_hub, manager=_NAME)))
    for place in binding.places:
        gvr = ROLE_BINDINGS if place else CLUSTER_ROLE_BINDINGS
        manifest = share.prefix.inward(gvr.plural, _object(gvr, name, place, **_gives(binding.user)))
        written.append(_Written(share.server, gvr, await share.server.create(gvr, manifest, manager=_NAME)))
    await answered(share, binding, wanted=True)
    return written


async def _take(written: Iterable[_Written], share: Share, binding: Binding) -> None:
    for each in written:
        await each.delete()
    await answered(share, binding, wanted=False)


def _gives(user: str) -> Object:
    return {
        "roleRef": {"apiGroup": RBAC, "kind": CLUSTER_ROLES.kind, "name": _NAME},
        "subjects": [{"kind": "User", "name": user, "apiGroup": RBAC}],
    }


def _object(gvr: GVR, name: str, namespace: str, **content: object) -> Object:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": gvr.api_version, "kind": gvr.kind, "metadata": metadata, **content}
