"""The chart is installed, used, upgraded and removed. These tests run in order on one hub."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import aiohttp
import pytest
import yaml

from drover.dev import audit, beside
from drover.kinds.resources import CLUSTERS, KINDS, PROJECTS
from drover.kube.client import Client
from drover.kube.gvr import (
    CRDS,
    DEPLOYMENTS,
    GVR,
    LIMIT_RANGES,
    NAMESPACES,
    NETWORK_POLICIES,
    PODS,
    RESOURCE_QUOTAS,
    SECRETS,
    Object,
)
from tests.cluster.chart.conftest import Operator
from tests.cluster.chart.release import CHART, Release
from tests.cluster.chart.rights import granted, used
from tests.cluster.scene import (
    Scene,
    cluster,
    condition,
    eventually,
    log_says,
    management,
    namespace,
    project,
    provisioning_cluster,
    secret,
    setting,
    unique,
    workload,
    workspace,
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
SHAPES: list[Object] = [
    {},
    {"statefulSetConfig": {}},
    {"daemonSetConfig": {}},
    {"jobConfig": {}},
    {"cronJobConfig": {"schedule": "0 3 * * *"}},
]


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
    await asyncio.sleep(2)
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
        tried = [obj for obj in objects if not obj["apiVersion"].startswith("monitoring.coreos.com/")]
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
    await _everything(release, scene, operator)
    await asyncio.to_thread(scene.drover.stop)  # a watch is in the log when it has ended
    await asyncio.sleep(0.5)
    workspaces = ["fleet-default", "cattle-global-data"]
    uses, refused = used(release.plane.hub.audit_log, workspaces)
    rights = granted("drover-system", workspaces)
    assert refused == []
    assert sorted(uses - rights) == []
    assert sorted(rights - uses) == []
    await log_says(operator.start(), "leading")


async def _settings(scene: Scene) -> None:
    """A Setting is set, and put back."""
    for value, customized in (("v9.9.9", True), ("", False)):
        await scene.apply(setting("server-version", value))

        async def follows(wanted: bool = customized) -> bool:
            found = await scene.get(setting("server-version"))
            return found is not None and found.get("customized") is wanted

        await eventually(follows, "what clients read follows the value")


async def _everything(release: Release, scene: Scene, operator: Operator) -> None:
    """Each kind is made, changed and deleted, in its own namespace and from the backing namespace of a project."""
    await _settings(scene)
    await _quotas(scene)
    await _secrets(scene)
    await _isolation(scene)
    await _drivers(scene)
    team = workspace(unique("ws"))
    await scene.apply(team)
    await scene.ready(team)
    await scene.delete(team)
    await scene.gone(team)
    made = await scene.project("local")
    place = await scene.namespace(made)
    backing = made["status"]["backingNamespace"]
    workloads = [workload(unique("w"), place, **shape) for shape in SHAPES]
    workloads += [workload(unique("w"), backing, place, **shape) for shape in SHAPES]
    for obj in workloads:
        await scene.apply(obj)
    for obj in workloads:
        await scene.ready(obj)
    for obj in workloads[1:]:
        await scene.delete(obj)
    for obj in workloads[1:]:
        await scene.gone(obj)
    left = workload(unique("w"), backing, place)
    await scene.apply(left)
    await scene.ready(left)
    await scene.delete(made)  # with a Workload in its backing namespace
    await scene.gone(made)
    await asyncio.to_thread(beside.put_secret, release.plane.hub.kubeconfig, "edge", operator.kubeconfig)
    imported = provisioning_cluster(unique("c"), importedConfig={"kubeconfigSecretRef": {"name": "edge"}})
    await scene.apply(imported)
    await scene.shows(imported, "Created", "True")
    await log_says(scene.drover, "is imported already")
    await scene.delete(imported)
    await scene.gone(imported)


async def _isolation(scene: Scene) -> None:
    """Network policies are made, put right and removed; where the name is taken, that is looked at."""
    made = await scene.project("local")
    place, clash = await scene.namespace(made), unique("n")
    await scene.apply(namespace(clash))
    theirs = {"metadata": {"name": "np-default", "namespace": clash}, "spec": {"podSelector": {}}}
    await scene.hub.create(NETWORK_POLICIES, theirs, manager="somebody")
    await scene.apply(namespace(clash, f"local:{made['metadata']['name']}"))

    async def isolates(wanted: bool) -> None:
        patch = {"metadata": {"name": "local"}, "spec": {"enableNetworkPolicy": wanted}}
        await scene.hub.merge(CLUSTERS, patch, manager="test")

        async def look() -> bool:
            return [each["spec"]["podSelector"] for each in await scene.hub.list(NETWORK_POLICIES, place)] == (
                [{}] if wanted else []
            )

        await eventually(look, f"isolated: {wanted}")

    await isolates(True)
    await scene.shows(made, "NetworkIsolated", "False", "PoliciesNotWritten")
    edited = {
        "metadata": {"name": "np-default", "namespace": place},
        "spec": {"podSelector": {"matchLabels": {"a": "b"}}},
    }
    await scene.hub.merge(NETWORK_POLICIES, edited, manager="somebody")
    await isolates(True)
    await isolates(False)


async def _drivers(scene: Scene) -> None:
    """A credential, drivers, a template and a pool, which was restored from a former server."""
    await scene.apply(secret("aws", "cattle-global-data", **{"owncredentialConfig-token": "x"}))
    driver = management("NodeDriver", "own", active=True, url="local://")
    credential = management("CloudCredential", "aws", "cattle-global-data", driver="own")
    template = management("NodeTemplate", "own", "cattle-global-data", driver="own", cloudCredentialName="aws")
    pool = management(
        "NodePool", "own", "local", clusterName="local", nodeTemplateName="cattle-global-data:own", worker=True
    )
    pool["metadata"]["finalizers"] = ["controller.cattle.io/node-pool"]
    hosted = management("KontainerDriver", "own", active=False, url="local://")
    for obj in (driver, credential, template, pool, hosted):
        await scene.apply(obj)
        await scene.ready(obj)
    for obj in (hosted, pool, template, credential, driver):
        await scene.delete(obj)
        await scene.gone(obj)


async def _quotas(scene: Scene) -> None:
    """A ResourceQuota and a LimitRange are made and taken back."""
    limits = {"containerDefaultResourceLimit": {"limitsCpu": "1"}, "resourceQuota": {"limit": {"pods": "9"}}}
    obj = project(unique("p"), "local", **limits, namespaceDefaultResourceQuota={"limit": {"pods": "3"}})
    await scene.apply(obj)
    place = await scene.namespace(await scene.ready(obj))

    async def count() -> list[int]:
        return [len(await scene.hub.list(gvr, place)) for gvr in (RESOURCE_QUOTAS, LIMIT_RANGES)]

    async def given() -> bool:
        return await count() == [1, 1]

    async def taken_back() -> bool:
        return await count() == [0, 0]

    await eventually(given, "both are there")
    await scene.apply(project(obj["metadata"]["name"], "local"))
    await eventually(taken_back, "both are gone")


async def _secrets(scene: Scene) -> None:
    """A project's secret is copied, changed and removed; where its name is taken, that is looked at."""
    made = await scene.project("local")
    place, clash = await scene.namespace(made), unique("n")
    await scene.apply(namespace(clash))
    metadata = {"name": "registry", "namespace": clash}
    await scene.hub.create(SECRETS, {"metadata": metadata}, manager="somebody")
    await scene.apply(namespace(clash, f"local:{made['metadata']['name']}"))

    async def has(value: str | None) -> None:
        async def look() -> bool:
            found = [each for each in await scene.hub.list(SECRETS, place) if each["metadata"]["name"] == "registry"]
            return [each["data"]["key"] for each in found] == ([value] if value else [])

        await eventually(look, f"the copy is {value}")

    await scene.apply_secret(made, "registry", {"key": "MQ=="})
    await has("MQ==")
    await scene.shows(made, "SecretsSynced", "False", "NameTaken")
    await scene.apply_secret(made, "registry", {"key": "Mg=="})
    await has("Mg==")
    await scene.apply_secret(made, "registry", None)
    await has(None)


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
    Operator(operator.directory, await asyncio.to_thread(beside.credential, release.plane.hub.kubeconfig)).start()
    await scene.ready(LOCAL)
    doctor = await asyncio.to_thread(release.drover, "doctor")
    assert doctor.returncode == 0, doctor.stdout
