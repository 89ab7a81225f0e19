"""A connection from a Secret, or why there is none."""

from __future__ import annotations

import asyncio
import base64
from typing import Any, cast

import pytest
import yaml

from drover.kinds.connect import _by_secret, _claimed, attach_local
from drover.kinds.plan import Attach
from drover.kinds.resources import CLUSTERS
from drover.kube.errors import Forbidden
from drover.kube.gvr import SECRETS
from drover.members.desired import MemberState
from drover.members.member import NoAccess, Unchanged
from tests.unit.kinds.apiserver import Apiserver, hub
from tests.unit.kinds.worlds import obj

ATTACH = Attach("edge", "fleet-default", "kc", "value", "")
CANARY = "canary-b7f3c1"


def kubeconfig(server: str = "https://member.example:6443") -> bytes:
    content = {
        "current-context": "x",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": CANARY}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
    }
    return yaml.safe_dump(content).encode()


def with_secret(data: dict[str, Any] | None) -> Apiserver:
    apiserver = Apiserver()
    apiserver.put(SECRETS, {"metadata": {"name": "kc", "namespace": "fleet-default"}, "data": data})
    return apiserver


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


async def test_a_kubeconfig_gives_a_connection_that_is_kept_while_the_secret_is_the_same() -> None:
    apiserver = with_secret({"value": encoded(kubeconfig())})
    connect = _by_secret(hub(apiserver), ATTACH)
    connection = await connect("")
    assert (connection.server, connection.client.login.server) == ("https://member.example:6443",) * 2
    with pytest.raises(Unchanged):
        await connect(connection.version)
    apiserver.put(SECRETS, {**apiserver.objects[SECRETS, next(iter(apiserver.objects))[1]]})
    assert (await connect(connection.version)).version != connection.version
    await connection.client.close()


@pytest.mark.parametrize(
    ("data", "reason", "says"),
    [
        (None, "KubeconfigKeyNotFound", "no key value; it has: none"),
        ({"other": "", "another": ""}, "KubeconfigKeyNotFound", "it has: another, other"),
        ({"value": "abc"}, "InvalidKubeconfig", "not base64"),
        ({"value": encoded(b"")}, "InvalidKubeconfig", "Secret fleet-default/kc: "),
        ({"value": encoded(kubeconfig("https://169.254.169.254"))}, "InvalidKubeconfig", "link-local"),
        ({"value": encoded(kubeconfig("https://127.0.0.1"))}, "InvalidKubeconfig", "loopback"),
    ],
)
async def test_a_secret_that_is_no_use_says_what_to_mend(data: Any, reason: str, says: str) -> None:
    with pytest.raises(NoAccess, match=says) as caught:
        await _by_secret(hub(with_secret(data)), ATTACH)("")
    assert (caught.value.reason, caught.value.terminal) == (reason, True)
    assert CANARY not in str(caught.value)


async def test_this_machine_is_for_development_only() -> None:
    apiserver = with_secret({"value": encoded(kubeconfig("https://127.0.0.1:6443"))})
    connection = await _by_secret(hub(apiserver, loopback=True), ATTACH)("")
    assert connection.server == "https://127.0.0.1:6443"


async def test_a_secret_that_is_not_there_yet_is_waited_for() -> None:
    with pytest.raises(NoAccess, match="create it") as caught:
        await _by_secret(hub(Apiserver()), ATTACH)("")
    assert (caught.value.reason, caught.value.terminal) == ("KubeconfigNotFound", False)


async def test_a_secret_that_may_not_be_read_says_which_right_lacks() -> None:
    apiserver = with_secret({})
    apiserver.fails = [Forbidden(403, "Forbidden", "no")]
    with pytest.raises(NoAccess, match="get on secrets in namespace fleet-default") as caught:
        await _by_secret(hub(apiserver), ATTACH)("")
    assert (caught.value.reason, caught.value.terminal) == ("Forbidden", False)


class Connected:
    """A member that answers with a kube-system uid."""

    def __init__(self, uid: str) -> None:
        self.state = MemberState(connected=True, uid=uid)


async def test_a_cluster_belongs_to_the_older_import() -> None:
    def cluster(name: str, created: str, recorded: str = "") -> None:
        found = obj("Cluster", name, uid=f"uid-{name}", metadata={"creationTimestamp": created})
        known.caches[CLUSTERS].observe({**found, "status": {"kubeSystemUID": recorded}})

    known = hub(Apiserver())
    cluster("old", "2026-01-01T00:00:00Z", "k")
    cluster("new", "2026-01-02T00:00:00Z", "k")
    assert _claimed(known, "new", "k") == "old"
    assert _claimed(known, "old", "k") == ""
    assert _claimed(known, "new", "other") == ""
    known.fleet._members["new"] = cast("Any", Connected("k"))
    assert _claimed(known, "old", "k") == "new"


async def test_the_hub_is_a_member_of_itself_under_the_same_lease() -> None:
    apiserver = Apiserver()
    known = hub(apiserver)
    known.client.fence = lambda: 12.0
    member = attach_local(known)
    connection = await member._connect("")
    assert connection.client.fence is known.client.fence
    assert connection.server == apiserver.login.server
    with pytest.raises(Unchanged):
        await member._connect(connection.version)
    await asyncio.sleep(0)
    await known.fleet.close()
