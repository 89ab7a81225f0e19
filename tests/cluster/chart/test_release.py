"""The chart is installed, used, upgraded and removed. These tests run in order on one hub."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import aiohttp
import pytest
import yaml

from drover.dev import audit, beside, ports, state
from drover.kinds.resources import CLUSTERS, KINDS, PROJECTS
from drover.kube.client import Client
from drover.kube.gvr import (
    CRDS,
    DEPLOYMENTS,
    GVR,
    NAMESPACES,
    PODS,
    SECRETS,
    Object,
)
from tests.cluster.chart.conftest import Operator
from tests.cluster.chart.everything import everything
from tests.cluster.chart.release import CHART, Release
from tests.cluster.chart.rights import granted, used
from tests.cluster.scene import (
    SHORT_LEASE,
    Scene,
    cluster,
    condition,
    eventually,
    log_says,
    nothing_written,
    provisioning_cluster,
    unique,
    workload,
)

LOCAL = cluster("local")
NAMESPACES_OF_DROVER = ("drover-system", "fleet-default", "cattle-global-data")
GOLDEN = CHART.parents[1] / "tests/golden/chart"
LEVELS = GVR(
    "flowcontrol.apiserver.k8s.io",
    "v1",
    "prioritylevelconfigurations",
    "PriorityLevelConfiguration",
    namespaced=False,
)
_NOT_SERVED = ("monitoring.coreos.com/", "cert-manager.io/")


async def versions(hub: Client) -> dict[tuple[str, str], str]:
    """The resourceVersion of every object of the kinds, of what was made for them, and of every namespace."""
    return {
        (str(gvr), each["metadata"]["name"]): each["metadata"]["resourceVersion"]
        for gvr in (*KINDS, DEPLOYMENTS)
        for each in await hub.list(gvr)
        if each["metadata"].get("namespace") != "drover-system"
    }


async def test_after_an_install_pods_run_and_the_local_cluster_is_ready(scene: Scene) -> None:
    await scene.ready(LOCAL)
    pods = await scene.hub.list(PODS, "drover-system")  # the restricted standard is enforced there
    assert len([pod for pod in pods if condition(pod, "Ready").get("status") == "True"]) == 2
    assert (await scene.hub.get(NAMESPACES, "fleet-default"))["metadata"]["labels"]["helm.sh/chart"] == "drover-0.0.9"
    (kept,) = await scene.hub.list(SECRETS, "drover-system", label_selector="owner=helm")
    assert len(kept["data"]["release"]) < 600_000  # of the 1,048,576 bytes that a Secret can have


async def test_the_doctor_finds_nothing_wrong(release: Release, scene: Scene) -> None:
    await scene.ready(LOCAL)
    done = await asyncio.to_thread(release.drover, "doctor")
    assert done.returncode == 0, done.stdout


async def test_an_upgrade_updates_the_crds_and_rewrites_nothing(release: Release, scene: Scene) -> None:
    made = await scene.project("local")
    place = await scene.namespace(made)
    deployed = workload(unique("w"), place)
    await scene.apply(deployed)
    await scene.ready(deployed)
    described = {**made, "spec": {**made["spec"], "description": "The shop"}}
    described["metadata"] = {name: made["metadata"][name] for name in ("name", "namespace")}
    described.pop("status")
    with pytest.raises(Exception, match="description"):
        await scene.apply(described)
    await nothing_written(release.plane.hub.audit_log)
    before = await versions(scene.hub)
    since = audit.size(release.plane.hub.audit_log)

    await asyncio.to_thread(release.apply, CHART)

    crd = await scene.hub.get(CRDS, str(PROJECTS))
    spec = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    assert "description" in spec
    assert spec["clusterName"]["description"] != "As it was."
    await asyncio.sleep(3)
    assert await versions(scene.hub) == before
    assert audit.writes(release.plane.hub.audit_log, since) == []
    await eventually(lambda: scene.apply(described), "the new field is accepted")
    await scene.ready(described)


async def test_the_kube_apiserver_takes_every_golden_render(release: Release, scene: Scene, tmp_path: Path) -> None:
    for path in sorted(GOLDEN.glob("*.out.yaml")):
        objects = [_elsewhere(obj) for obj in yaml.safe_load_all(path.read_text())]
        tried = [obj for obj in objects if not obj["apiVersion"].startswith(_NOT_SERVED)]
        assert len(tried) >= 5
        rendered = tmp_path / path.name
        rendered.write_text(yaml.safe_dump_all(tried))
        options = ("--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict")
        await asyncio.to_thread(release.kubectl, "apply", *options, "-f", str(rendered))


def _elsewhere(obj: Object) -> Object:
    """In a namespace where the release has nothing that it could be merged with."""
    metadata = obj["metadata"]
    return {**obj, "metadata": {**metadata, "namespace": "default"}} if "namespace" in metadata else obj


async def test_requests_of_the_operator_have_a_priority_level_of_their_own(
    release: Release, scene: Scene, operator: Operator
) -> None:
    level = await scene.hub.get(LEVELS, "drover")
    config = yaml.safe_load(operator.kubeconfig)
    headers = {"Authorization": f"Bearer {config['users'][0]['user']['token']}"}
    trust = ssl.create_default_context(cadata=scene.hub.login.ca)  # without the administrator's certificate
    uids = {}
    async with aiohttp.ClientSession(headers=headers) as session:
        for path in (CLUSTERS.path(), "/apis/coordination.k8s.io/v1/namespaces/drover-system/leases/drover"):
            url = f"{release.plane.hub.server}{path}"
            async with session.get(url, ssl=trust) as answer:
                assert answer.status == 200
                uids[path] = answer.headers["X-Kubernetes-PF-PriorityLevel-UID"]
    assert uids.pop(CLUSTERS.path()) == level["metadata"]["uid"]
    assert list(uids.values()) == [(await scene.hub.get(LEVELS, "leader-election"))["metadata"]["uid"]]


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("view", ["get workloads", "list projects.management.cattle.io"], ["create workloads"]),
        ("edit", ["create workloads", "patch workloads/scale"], ["create projects.management.cattle.io"]),
        (
            "admin",
            ["create projects.management.cattle.io", "delete clusters.provisioning.cattle.io"],
            ["create clusters.management.cattle.io", "patch workloads/status"],
        ),
    ],
)
async def test_who_has_a_role_of_kubernetes_has_the_kinds_with_it(
    release: Release, scene: Scene, role: str, may: list[str], may_not: list[str]
) -> None:
    release.kubectl("create", "rolebinding", role, f"--clusterrole={role}", f"--user=a-{role}", "-n", "fleet-default")

    async def can(what: str) -> bool:
        verb, resource = what.split()
        resource, _, subresource = resource.partition("/")
        command = ["auth", "can-i", verb, resource, f"--subresource={subresource}", "-n", "fleet-default"]
        return (await asyncio.to_thread(release.answer, *command, f"--as=a-{role}")).strip() == "yes"

    for what in may:
        await eventually(lambda what=what: can(what), f"{role} may {what}")  # type: ignore[misc]
    assert not [what for what in may_not if await can(what)]


async def test_every_right_is_used_and_every_use_has_a_right(
    release: Release, scene: Scene, operator: Operator
) -> None:
    await everything(release, scene, operator)
    await asyncio.to_thread(scene.drover.stop)
    workspaces = ["fleet-default", "cattle-global-data"]
    rights = granted("drover-system", workspaces)
    for _ in range(20):
        await asyncio.sleep(0.5)  # a watch is in the log when the kube-apiserver has ended it
        uses, refused = used(release.plane.hub.audit_log, workspaces)
        if rights <= uses:
            break
    assert refused == []
    assert sorted(uses - rights) == []
    assert sorted(rights - uses) == []
    await log_says(operator.start(), "leading")


async def test_drover_uninstall_refuses_while_an_operator_runs(release: Release, scene: Scene) -> None:
    done = await asyncio.to_thread(release.drover, "uninstall", "--yes")
    assert done.returncode == 1
    assert "runs and would put its finalizers on again" in done.stderr
    assert "scale deployment drover --replicas 0" in done.stderr


async def test_after_uninstall_nothing_is_left_that_cannot_be_deleted(
    release: Release, scene: Scene, operator: Operator
) -> None:
    made = await scene.project("local")
    place = await scene.namespace(made)
    for where, inside in ((place, None), (made["status"]["backingNamespace"], place)):
        obj = workload(unique("w"), where, inside)
        await scene.apply(obj)
        await scene.ready(obj)
    await scene.apply(provisioning_cluster(unique("c"), importedConfig={"kubeconfigSecretRef": {"name": "edge"}}))
    operator.start().stop()
    await scene.delete(made)  # nobody is there to finish this

    tried = await asyncio.to_thread(release.drover, "uninstall", "--dry-run")
    assert "Would take finalizers off" in tried.stdout
    assert await scene.get(made) is not None
    done = await asyncio.to_thread(release.drover, "uninstall", "--yes")
    assert done.returncode == 0, done.stderr
    assert await scene.get(made) is None
    for gvr in KINDS:
        for each in await scene.hub.list(gvr):
            assert not each["metadata"].get("finalizers")

    await asyncio.to_thread(release.remove)
    assert len(await scene.hub.list(CLUSTERS)) >= 1  # the CRDs stay, and what is in them
    for line in done.stdout.splitlines():
        if line.strip().startswith("kubectl delete"):
            command = line.split("#")[0].split()[1:]
            await asyncio.to_thread(release.kubectl, *command, "--timeout=180s")
    await asyncio.to_thread(release.kubectl, "delete", "namespace", *NAMESPACES_OF_DROVER, "--timeout=180s")
    left = await scene.hub.list(NAMESPACES)
    assert not [each["metadata"]["name"] for each in left if each["metadata"].get("deletionTimestamp")]
    names = {each["metadata"]["name"] for each in left}
    assert {name for name in names if not name.startswith(("kube-", "n-"))} == {"default"}  # n-: made by users
    assert not [crd for crd in await scene.hub.list(CRDS) if "cattle.io" in crd["metadata"]["name"]]


async def test_the_kustomize_base_installs_the_same(release: Release, scene: Scene, operator: Operator) -> None:
    base = str(CHART.parents[1] / "deploy/kustomize")
    await asyncio.to_thread(release.kubectl, "apply", "--server-side", "-k", base)
    rollout = ("-n", "drover-system", "rollout", "status", "deployment/drover", "--timeout=180s")
    await asyncio.to_thread(release.kubectl, *rollout)
    kinds = "validatingwebhookconfigurations,mutatingwebhookconfigurations"
    await asyncio.to_thread(release.kubectl, "delete", kinds, "drover")  # pods that kwok plays answer nothing
    hub = release.plane.hub.kubeconfig
    (port,) = ports.pick(1, state.taken_ports())
    credential = await asyncio.to_thread(beside.credential, hub)
    beside.start(operator.directory, "one", credential, SHORT_LEASE, webhook=port)
    await asyncio.to_thread(beside.ask_webhook, hub, port)
    await scene.ready(LOCAL)
    doctor = await asyncio.to_thread(release.drover, "doctor")
    assert doctor.returncode == 0, doctor.stdout
