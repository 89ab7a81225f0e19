"""Serial creates of the kinds through CEL and policies, against the same kinds without."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from pathlib import Path

import yaml

from bench import scene
from bench.figures import Result, result
from bench.plain import plain_crd, plain_gvr, plain_object
from bench.waiting import until
from drover import install
from drover.dev.stage import Stage
from drover.kinds.resources import CLUSTERS, PROJECTS, PROVISIONING_CLUSTERS, WORKLOADS
from drover.kube.client import Client
from drover.kube.errors import ApiError
from drover.kube.gvr import GVR, NAMESPACES, Object
from drover.kube.login import Login, static_token

_COUNT = 300
_WARM_UP = 20
_EXAMPLES = Path(__file__).parents[1] / "examples"
_USER = "bench"
_BINDINGS = GVR("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False)
_NAMES = {
    CLUSTERS: "clusters",
    PROJECTS: "projects",
    PROVISIONING_CLUSTERS: "provisioning_clusters",
    WORKLOADS: "workloads",
}

Times = dict[GVR, list[float]]


async def run() -> Result:
    """Measures creates with and without rules in turn, so that a busy machine slows both."""
    async with scene.on("admission") as made:
        await _prepare(made)
        async with Client(await _login(made)) as user:
            await _in_force(user)
            await _creates(user, "warm", _WARM_UP)
            ruled, plain = await _creates(user, "counted", _COUNT)
    values = {name: _median(ruled[gvr]) / _median(plain[gvr]) for gvr, name in _NAMES.items()}
    values["all"] = sum(map(_median, ruled.values())) / sum(map(_median, plain.values()))
    baseline = {f"{name}_without_ms": 1000 * _median(plain[gvr]) for gvr, name in _NAMES.items()}
    return result("admission", values, baseline)


_median = statistics.median


async def _prepare(made: Stage) -> None:
    """The kinds without rules, and the namespaces of the objects: one is as the backing namespace of a Project."""
    await install.install(made.hub, [plain_crd(crd) for crd in install.crds()])
    await made.hub.apply(NAMESPACES, scene.namespace("edge"), manager=scene.MANAGER)
    backing = scene.namespace("edge-shop")
    backing["metadata"]["annotations"]["management.cattle.io/system-namespace"] = "true"
    await made.hub.apply(NAMESPACES, backing, manager=scene.MANAGER)


async def _login(made: Stage) -> Login:
    """A ServiceAccount that RBAC lets do anything: a member of system:masters would not be asked for its rights."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": _USER, "namespace": "default"}}
    await made.hub.apply(install.SERVICE_ACCOUNTS, account, manager=scene.MANAGER)
    binding = {
        "apiVersion": _BINDINGS.api_version,
        "kind": _BINDINGS.kind,
        "metadata": {"name": _USER},
        "roleRef": {"apiGroup": _BINDINGS.group, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": _USER, "namespace": "default"}],
    }
    await made.hub.apply(_BINDINGS, binding, manager=scene.MANAGER)
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = await made.hub.post(install.SERVICE_ACCOUNTS.path("default", _USER, "token"), request)
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


async def _creates(user: Client, name: str, count: int) -> tuple[Times, Times]:
    """The seconds of each create, with rules and without."""
    ruled: Times = defaultdict(list)
    plain: Times = defaultdict(list)
    objects = _objects()
    for number in range(count):
        for gvr in objects:
            obj = {**objects[gvr], "metadata": {**objects[gvr]["metadata"], "name": f"{name}-{number}"}}
            turns = [(ruled, gvr, obj), (plain, plain_gvr(gvr), plain_object(obj))]
            for times, resource, sent in turns if number % 2 else reversed(turns):
                started = time.perf_counter()
                await user.create(resource, sent, manager=scene.MANAGER)
                times[gvr].append(time.perf_counter() - started)
    return ruled, plain


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
