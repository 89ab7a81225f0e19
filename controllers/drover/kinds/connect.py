"""Connections to members: by the kubeconfig in a Secret, or to the hub itself."""

from __future__ import annotations

import base64
import binascii

from drover.api.keys import LOCAL_CLUSTER
from drover.kinds.hub import Hub
from drover.kinds.plan import Attach
from drover.kinds.resources import CLUSTERS
from drover.kube.client import Client
from drover.kube.errors import Forbidden, NotFound
from drover.kube.gvr import SECRETS, Object
from drover.members.member import Connect, Connection, Member, NoAccess, Unchanged
from drover.members.reach import GuardedResolver, login
from drover.rules import kubeconfig
from drover.rules.findings import listed
from drover.rules.objects import name_of, status

_SECONDS = 15.0


def attach_local(hub: Hub) -> Member:
    """Connects to the hub as a member of itself."""

    async def connect(version: str) -> Connection:
        if version:
            raise Unchanged
        client = Client(hub.client.login, user_agent=hub.client.user_agent)
        client.fence = hub.client.fence
        return Connection(client, "local", client.login.server, client.login.ca)

    return hub.fleet.attach(LOCAL_CLUSTER, connect, reference=LOCAL_CLUSTER, local=True)


def attach(hub: Hub, action: Attach) -> Member:
    """Connects to a member by the kubeconfig in a Secret."""
    return hub.fleet.attach(
        action.cluster,
        _by_secret(hub, action),
        reference=action.reference,
        expected_uid=action.expected_uid,
        claimed=lambda uid: _claimed(hub, action.cluster, uid),
    )


def _claimed(hub: Hub, name: str, uid: str) -> str:
    """The other Cluster that a cluster is imported as: two would undo each other's work in it. The older one keeps
    it."""
    mine = hub.cluster(name)
    for other in hub.caches[CLUSTERS]:
        member = hub.fleet.get(name_of(other))
        connected = member is not None and member.state.connected and member.state.uid == uid
        recorded = status(other).get("kubeSystemUID") == uid
        if name_of(other) != name and (connected or (recorded and mine is not None and _older(other, mine))):
            return name_of(other)
    return ""


def _older(left: Object, right: Object) -> bool:
    def age(obj: Object) -> tuple[str, str]:
        return obj["metadata"]["creationTimestamp"], name_of(obj)

    return age(left) < age(right)


def _by_secret(hub: Hub, action: Attach) -> Connect:
    where = f"Secret {action.namespace}/{action.secret}"

    async def connect(version: str) -> Connection:
        try:
            secret = await hub.client.get(SECRETS, action.secret, action.namespace)
        except NotFound as error:
            raise NoAccess("KubeconfigNotFound", f"{where} does not exist; create it with the kubeconfig") from error
        except Forbidden as error:
            raise NoAccess(
                "Forbidden", f"Drover may not read {where}; grant it get on secrets in namespace {action.namespace}"
            ) from error
        current = f"{secret['metadata']['uid']}/{secret['metadata']['resourceVersion']}"
        if current == version:
            raise Unchanged
        try:
            access = kubeconfig.access(_content(secret, action.key, where), loopback=hub.settings.loopback)
        except kubeconfig.InvalidKubeconfig as error:
            raise NoAccess("InvalidKubeconfig", f"the kubeconfig in {where}: {error}", terminal=True) from error
        resolver = GuardedResolver(loopback=hub.settings.loopback)
        client = Client(login(access), timeout=_SECONDS, resolver=resolver, user_agent=hub.client.user_agent)
        client.fence = hub.client.fence
        return Connection(client, current, access.server, access.ca)

    return connect


def _content(secret: Object, key: str, where: str) -> bytes:
    data = secret.get("data") or {}
    if key not in data:
        raise NoAccess(
            "KubeconfigKeyNotFound", f"{where} has no key {key}; it has: {listed(data) or 'none'}", terminal=True
        )
    try:
        return base64.b64decode(data[key])
    except binascii.Error as error:
        raise NoAccess("InvalidKubeconfig", f"key {key} of {where} is not base64", terminal=True) from error
