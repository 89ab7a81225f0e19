"""Serial creates of the kinds through CEL, policies and the webhook, against the same kinds without."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import yaml

from bench import rights, scene
from bench.figures import Result, result
from bench.plain import plain_crd, plain_gvr, plain_object
from bench.waiting import until
from drover import install
from drover.dev import beside, ports
from drover.dev.stage import Stage
from drover.kinds.resources import CLUSTERS, PROJECTS, PROVISIONING_CLUSTERS, WORKLOADS
from drover.kube.client import Client
from drover.kube.errors import ApiError
from drover.kube.gvr import GVR, NAMESPACES, Object
from drover.kube.login import Login, static_token

_COUNT = 300
_WARM_UP = 20
_EXAMPLES = Path(__file__).parents[1] / "examples"
_PAUSE_SECONDS = 0.02
"""Between creates while the operator runs, so that it has reported the object before: admission is measured here."""
_ADMIN, _AUTHOR = "bench", "bench-author"
_BINDINGS = GVR("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False)
_NAMES = {
    CLUSTERS: "clusters",
    PROJECTS: "projects",
    PROVISIONING_CLUSTERS: "provisioning_clusters",
    WORKLOADS: "workloads",
}

Times = dict[GVR, list[float]]


async def run() -> Result:
    """Measures creates with and without rules in turn, so that a busy machine slows both; then those of roles and
    bindings, about which the webhook is asked."""
    async with scene.on("admission") as made:
        await _prepare(made)
        async with Client(await _login(made, _ADMIN, "cluster-admin")) as user:
            await _in_force(user)
            await _creates(user, "warm", _WARM_UP, _objects())
            ruled, plain = await _creates(user, "counted", _COUNT, _objects())
            await _serve(made)
            await rights.prepare(made)
            await _creates(user, "asked-warm", _WARM_UP, rights.objects(), _PAUSE_SECONDS)
            asked, unasked = await _creates(user, "asked", _COUNT, rights.objects(), _PAUSE_SECONDS)
            others, plain_others = await _creates(user, "others", _COUNT, _objects(), _PAUSE_SECONDS)
        async with Client(await _login(made, _AUTHOR, rights.AUTHOR)) as author:
            await _creates(author, "author-warm", _WARM_UP, rights.objects(), _PAUSE_SECONDS)
            compared, uncompared = await _creates(author, "author", _COUNT, rights.objects(), _PAUSE_SECONDS)
    values = {name: _median(ruled[gvr]) / _median(plain[gvr]) for gvr, name in _NAMES.items()}
    values["all"] = _ratio(ruled, plain)
    values |= {f"webhook_{gvr.plural}": _median(asked[gvr]) / _median(unasked[gvr]) for gvr in asked}
    values["webhook_all"] = _ratio(asked, unasked)
    values["webhook_compared"] = _ratio(compared, uncompared)
    values["webhook_others"] = _ratio(others, plain_others) / values["all"]
    baseline = {f"{name}_without_ms": 1000 * _median(plain[gvr]) for gvr, name in _NAMES.items()}
    baseline |= {f"{gvr.plural}_without_ms": 1000 * _median(times) for gvr, times in unasked.items()}
    baseline |= {f"compared_{gvr.plural}": _median(compared[gvr]) / _median(uncompared[gvr]) for gvr in compared}
    return result("admission", values, baseline)


_median = statistics.median


def _ratio(ruled: Times, plain: Times) -> float:
    """All kinds together."""
    return sum(map(_median, ruled.values())) / sum(map(_median, plain.values()))


async def _serve(made: Stage) -> None:
    """An operator whose webhook the kube-apiserver asks, with the cluster Ready."""
    (port,) = ports.pick(1, set())
    await asyncio.to_thread(made.start, "one", "--webhook-address", f"127.0.0.1:{port}")
    await asyncio.to_thread(beside.ask_webhook, made.control_plane.hub.kubeconfig, port)
    await scene.started(made)


async def _prepare(made: Stage) -> None:
    """The kinds without rules, and the namespaces of the objects: one is as the backing namespace of a Project."""
    await install.install(made.hub, [plain_crd(crd) for crd in install.crds()])
    await made.hub.apply(NAMESPACES, scene.namespace("edge"), manager=scene.MANAGER)
    backing = scene.namespace("edge-shop")
    backing["metadata"]["annotations"]["management.cattle.io/system-namespace"] = "true"
    await made.hub.apply(NAMESPACES, backing, manager=scene.MANAGER)


async def _login(made: Stage, name: str, role: str) -> Login:
    """A ServiceAccount with a ClusterRole: a member of system:masters would not be asked for its rights."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": "default"}}
    await made.hub.apply(install.SERVICE_ACCOUNTS, account, manager=scene.MANAGER)
    binding = {
        "apiVersion": _BINDINGS.api_version,
        "kind": _BINDINGS.kind,
        "metadata": {"name": name},
        "roleRef": {"apiGroup": _BINDINGS.group, "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": "default"}],
    }
    await made.hub.apply(_BINDINGS, binding, manager=scene.MANAGER)
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = await made.hub.post(install.SERVICE_ACCOUNTS.path("default", name, "token"), request)
    return Login(made.hub.login.server, made.hub.login.ca, token=static_token(answer["status"]["token"]))


async def _in_force(user: Client) -> None:
    """Waits until the policies refuse what they have to: the kube-apiserver takes them up after a while."""
    refused = scene.workload(0, "edge")
    refused["spec"]["namespaceId"] = "other"

    async def look() -> bool:
        try:
            await user.create(WORKLOADS, refused, manager=scene.MANAGER, dry_run=True)
        except ApiError as error:
            return "runs right there" in error.message
        return False

    await until(look, "the policies are in force", pause=0.1)


async def _creates(
    user: Client, name: str, count: int, objects: Mapping[GVR, Object], pause: float = 0.0
) -> tuple[Times, Times]:
    """The seconds of each create, with rules and without."""
    ruled: Times = defaultdict(list)
    plain: Times = defaultdict(list)
    for number in range(count):
        for gvr in objects:
            obj = _named(objects[gvr], f"{name}-{number}")
            turns = [(ruled, gvr, obj), (plain, plain_gvr(gvr), plain_object(obj))]
            for times, resource, sent in turns if number % 2 else reversed(turns):
                started = time.perf_counter()
                await user.create(resource, sent, manager=scene.MANAGER)
                times[gvr].append(time.perf_counter() - started)
                await asyncio.sleep(pause)
    return ruled, plain


def _named(obj: Object, name: str) -> Object:
    """An object by another name; a binding for a user of that name, because the same twice is refused."""
    subject = {"userName": name} if "userName" in obj else {}
    return {**obj, "metadata": {**obj["metadata"], "name": name}, **subject}


def _objects() -> dict[GVR, Object]:
    """One of each kind: those of the examples, and a Cluster with what its provisioning Cluster would give it."""
    cluster = scene.management_cluster("edge")
    cluster["spec"]["importedConfig"] = {"kubeconfigSecretRef": {"name": "edge-kubeconfig"}}
    examples = {
        PROVISIONING_CLUSTERS: _example("10-cluster.yaml"),
        PROJECTS: _example("20-projects.yaml"),
        WORKLOADS: _example("30-workloads.yaml"),
    }
    for obj in examples.values():
        obj["metadata"].pop("annotations", None)  # the name of the management Cluster: one for all would clash
    return {CLUSTERS: cluster, **examples}


def _example(file: str) -> Object:
    """The first object of a file."""
    obj: Object = next(iter(yaml.safe_load_all((_EXAMPLES / file).read_text())))
    return obj
