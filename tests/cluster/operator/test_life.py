"""An operator starts, restarts, ends and dies. These tests run in order on one hub."""

from __future__ import annotations

import asyncio
import json
import signal
import time

import aiohttp

from drover import install
from drover.dev import audit
from drover.dev.stage import Stage
from drover.kinds.resources import CLUSTERS, KINDS, PROJECTS
from drover.kube.gvr import DEPLOYMENTS, GVR, LEASES, NAMESPACES, NETWORK_POLICIES, NODES, SECRETS, Object
from drover.preflight import PROJECT_SECRET_RIGHTS
from drover.rules.rbac.catalogue import GLOBAL_ROLES, ROLE_TEMPLATES
from tests.cluster.scene import (
    Scene,
    cluster,
    condition,
    eventually,
    feature,
    log_says,
    namespace,
    nothing_written,
    project,
    provisioning_cluster,
    scene_of,
    setting,
    template,
    unique,
    workload,
    workspace,
)

LOCAL = cluster("local")
ROLES = GVR("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False)
(SECRETS_RULE,) = map(install.rule, PROJECT_SECRET_RIGHTS)
BINDING = GVR("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False)


async def place(scene: Scene) -> str:
    """A namespace of a new project of the local cluster."""
    await scene.ready(LOCAL)
    made = await scene.project("local")
    return await scene.namespace(made)


async def project_of(scene: Scene, place: str) -> Object:
    """The Project that a namespace is in."""
    found = await scene.hub.get(NAMESPACES, place)
    project_id: str = found["metadata"]["annotations"]["field.cattle.io/projectId"]
    return await scene.ready(project(project_id.removeprefix("local:"), "local"))


async def gives(scene: Scene, place: str, name: str, value: str) -> None:
    """Writes a secret of the project that a namespace is in."""
    made = await project_of(scene, place)
    await scene.apply_secret(made, name, {"key": value})


async def hold(scene: Scene, name: str, places: list[str], value: str) -> bool:
    """Whether all of these namespaces have a Secret with this value."""
    found = [await scene.hub.find(SECRETS, name, place) for place in places]
    return all(obj is not None and obj["data"] == {"key": value} for obj in found)


async def test_a_cold_start_writes_each_object_and_its_status_once(stage: Stage) -> None:
    replica = stage.start()
    scene = scene_of(stage, replica)
    try:
        await scene.ready(LOCAL)

        async def all_ready() -> bool:
            projects = await stage.hub.list(PROJECTS, "local")
            return [condition(project, "Ready").get("status") for project in projects] == ["True", "True"]

        await eventually(all_ready, "both projects are Ready")
        for role in (*GLOBAL_ROLES, *ROLE_TEMPLATES):
            await scene.ready(dict(role))
        await nothing_written(stage.audit_log)
        made = audit.writes(stage.audit_log)
        kinds = sorted((write.verb, write.resource, write.subresource) for write in made)
        assert kinds.count(("create", "clusters", "")) == 1
        assert kinds.count(("create", "projects", "")) == 2
        assert kinds.count(("create", "namespaces", "")) == 3
        assert kinds.count(("patch", "projects", "status")) == 2
        assert kinds.count(("patch", "clusters", "status")) <= 2
        assert kinds.count(("patch", "namespaces", "")) == 5  # default, drover-system and three of kube-* get a project
        for resource, number in (("settings", 5), ("features", 1)):
            assert kinds.count(("create", resource, "")) == number
            assert kinds.count(("patch", resource, "status")) == number
        for shipped in ("podsecurityadmissionconfigurationtemplates", "fleetworkspaces"):
            assert kinds.count(("create", shipped, "")) == kinds.count(("patch", shipped, "status")) == 2
        for resource, number in (("globalroles", 13), ("roletemplates", 40)):
            assert kinds.count(("create", resource, "")) == kinds.count(("patch", resource, "status")) == number
        assert len(kinds) <= 35 + 2 * 53, kinds
    finally:
        replica.stop()


async def test_a_restart_with_everything_settled_writes_nothing(stage: Stage) -> None:
    replica = stage.start()
    scene = scene_of(stage, replica)
    name = await place(scene)
    obj = workload(unique("w"), name)
    await scene.apply(obj)
    await scene.ready(obj)
    await gives(scene, name, "password", "MQ==")
    await eventually(lambda: hold(scene, "password", [name], "MQ=="), "the copy is there")
    template_name = {"defaultPodSecurityAdmissionConfigurationTemplateName": "rancher-privileged"}
    await stage.hub.merge(CLUSTERS, {"metadata": {"name": "local"}, "spec": template_name}, manager="test")
    await scene.shows(LOCAL, "PodSecurityApplied", "True")
    await nothing_written(stage.audit_log)
    replica.stop()
    since = audit.size(stage.audit_log)
    again = stage.start()
    await log_says(again, "leading")
    await asyncio.sleep(4)
    again.stop()
    assert audit.writes(stage.audit_log, since) == []


async def test_a_restart_of_a_cluster_that_isolates_its_projects_writes_nothing(stage: Stage) -> None:
    replica = stage.start()
    scene = scene_of(stage, replica)
    address = {"addresses": [{"type": "InternalIP", "address": "10.77.0.1"}]}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": unique("node")}, "status": address}
    await stage.hub.create(NODES, node, manager="test")
    await scene.apply(cluster("local", enableNetworkPolicy=True))
    name = await place(scene)

    async def isolated() -> list[Object]:
        return await stage.hub.list(NETWORK_POLICIES, name)

    await eventually(isolated, "the namespace has its policy")
    await scene.shows(LOCAL, "NetworkIsolated", "True")
    await asyncio.sleep(10)  # addresses of nodes count at most every ten seconds
    await nothing_written(stage.audit_log)
    replica.stop()
    since = audit.size(stage.audit_log)
    again = stage.start()
    try:
        await log_says(again, "leading")
        await asyncio.sleep(4)
        assert audit.writes(stage.audit_log, since) == []
        await scene.apply(cluster("local", enableNetworkPolicy=False))

        async def opened() -> bool:
            return not await stage.hub.list(NETWORK_POLICIES, label_selector="drover.dev/owner-uid")

        await eventually(opened, "no policy is left")
    finally:
        again.stop()


async def test_sigterm_ends_it_and_gives_the_lease_back(stage: Stage) -> None:
    replica = stage.start()
    await log_says(replica, "leading")
    process = replica.process
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.wait, 30)
    assert time.monotonic() - started < 10
    lease = await stage.hub.get(LEASES, "drover", "drover-system")
    assert not lease["spec"].get("holderIdentity")


async def test_what_happened_while_it_was_dead_is_caught_up(stage: Stage) -> None:
    replica = stage.start()
    scene = scene_of(stage, replica)
    name = await place(scene)
    kept, deleted = workload(unique("w"), name), workload(unique("w"), name)
    for obj in (kept, deleted):
        await scene.apply(obj)
        await scene.ready(obj)
    replica.process.kill()
    await scene.delete(deleted)
    await scene.apply({**kept, "spec": {**kept["spec"], "scale": 2}})
    again = stage.start("one")
    try:
        await scene.gone(deleted)

        async def scaled() -> bool:
            found = await stage.hub.get(DEPLOYMENTS, kept["metadata"]["name"], name)
            return bool(found["spec"]["replicas"] == 2)

        await eventually(scaled, "the change is applied")
    finally:
        again.stop()


async def test_killed_in_the_midst_of_a_rotation_every_copy_is_changed_once_in_the_end(stage: Stage) -> None:
    replica = stage.start()
    scene = scene_of(stage, replica)
    places = [await place(scene)]
    made = await project_of(scene, places[0])
    places += [await scene.namespace(made) for _ in range(60)]
    await gives(scene, places[0], "password", "MQ==")
    await eventually(lambda: hold(scene, "password", places, "MQ=="), "all have the first value")
    since = audit.size(stage.audit_log)
    await gives(scene, places[0], "password", "Mg==")

    async def begun() -> bool:
        return len(rotations(stage, since)) >= 3

    await eventually(begun, "some are changed")
    replica.process.kill()
    again = stage.start("one")
    try:
        await eventually(lambda: hold(scene, "password", places, "Mg=="), "all have the second value")
    finally:
        again.stop()
    answered = rotations(stage, since, answered=True)  # the writes under way when it was killed were done, or were not
    assert len(answered) == len(set(answered))
    assert set(rotations(stage, since)) == set(places)


def rotations(stage: Stage, since: int, *, answered: bool = False) -> list[str]:
    """The namespaces in which the operator changed a Secret; those only where it may have heard of it."""
    found = [write for write in audit.writes(stage.audit_log, since) if write.what == "patch secrets"]
    return [write.namespace for write in found if write.code == 200 or not answered]


async def test_without_the_right_copies_stay_and_the_project_says_so_until_it_is_given_back(stage: Stage) -> None:
    replica = stage.start()
    scene = scene_of(stage, replica)
    name = await place(scene)
    await gives(scene, name, "password", "MQ==")
    await eventually(lambda: hold(scene, "password", [name], "MQ=="), "the copy is there")
    replica.stop()
    role = await stage.hub.get(ROLES, "drover")
    without = [rule for rule in role["rules"] if "secrets" not in rule["resources"]]
    await stage.hub.replace(ROLES, {**role, "rules": without}, manager="test")
    made = await project_of(scene, name)
    again = stage.start()
    try:
        await scene.shows(made, "SecretsSynced", "Unknown", "NotPermitted")
        await log_says(again, "project-scoped secrets are off")
        await gives(scene, name, "password", "Mg==")
        await asyncio.sleep(1)
        assert await hold(scene, "password", [name], "MQ==")
        await scene.ready(made)
        role = await stage.hub.get(ROLES, "drover")
        await stage.hub.replace(ROLES, {**role, "rules": [*without, SECRETS_RULE]}, manager="test")
        await scene.shows(made, "SecretsSynced", "True", "Synced")
        await eventually(lambda: hold(scene, "password", [name], "Mg=="), "the copy follows")
    finally:
        again.stop()


async def test_a_second_replica_stands_by_and_takes_over(stage: Stage) -> None:
    first = stage.start("first")
    await log_says(first, "leading")
    second = stage.start("second")
    await log_says(second, '"ready"')
    scene = scene_of(stage, second)
    try:
        first.process.kill()
        await log_says(second, "leading")
        obj = workload(unique("w"), await place(scene))
        await scene.apply(obj)
        await scene.ready(obj)
    finally:
        second.stop()


async def test_a_frozen_leader_writes_nothing_after_it_was_deposed(stage: Stage) -> None:
    first = stage.start("first")
    identity = json.loads(await log_says(first, "leading"))["identity"]
    second = stage.start("second")
    await log_says(second, '"ready"')
    scene = scene_of(stage, second)
    frozen = first.process
    frozen.suspend()
    try:
        await log_says(second, "leading")
        obj = workload(unique("w"), await place(scene))
        await scene.apply(obj)
        await scene.ready(obj)
        await asyncio.sleep(0.5)
        since = audit.size(stage.audit_log)
        frozen.resume()
        await log_says(first, "no longer leading")
        await asyncio.sleep(2)
        assert [write for write in audit.writes(stage.audit_log, since) if identity in write.agent] == []
    finally:
        first.stop()
        second.stop()


async def test_a_missing_right_is_named_with_the_rule_that_grants_it(stage: Stage) -> None:
    binding = await stage.hub.get(BINDING, "drover")
    await stage.hub.delete(BINDING, "drover", uid=binding["metadata"]["uid"])
    replica = stage.start("one")
    try:
        line = await log_says(replica, 'resources: [\\"clusters\\"]')
        assert "missing right" in line
        async with aiohttp.ClientSession() as session, session.get(f"{replica.probes}/readyz") as answer:
            assert answer.status == 503
            assert "missing right" in await answer.text()
    finally:
        body = {key: binding[key] for key in ("apiVersion", "kind", "roleRef", "subjects")}
        await stage.hub.create(BINDING, {**body, "metadata": {"name": "drover"}}, manager="test")
    await log_says(replica, "leading")
    replica.stop()


async def test_an_apiserver_that_was_away_is_followed_again(stage: Stage) -> None:
    replica = stage.start()
    scene = scene_of(stage, replica)
    name = await place(scene)
    obj = workload(unique("w"), name)
    await scene.apply(obj)
    await scene.ready(obj)
    hub = stage.control_plane.hub
    try:
        await asyncio.to_thread(hub.kill, "kube-apiserver")
        await asyncio.sleep(3)
        await asyncio.to_thread(hub.start, "kube-apiserver")
        other = workload(unique("w"), name)
        await scene.apply(other)
        await scene.ready(other)
        await scene.delete(obj)
        await scene.gone(obj)
    finally:
        replica.stop()


async def test_metrics_have_the_names_that_dashboards_know(stage: Stage) -> None:
    values = (
        'drover_objects{kind="clusters.management.cattle.io",ready="true"} 1.0',
        'leader_election_master_status{name="drover"} 1.0',
    )
    replica = stage.start()
    try:
        await log_says(replica, "leading")

        async def counted() -> str:
            async with aiohttp.ClientSession() as session, session.get(f"{replica.probes}/metrics") as answer:
                text = await answer.text()
            return text if all(line in text for line in values) else ""

        text = await eventually(counted, f"the metrics say {values}")
    finally:
        replica.stop()
    for metric in (
        "controller_runtime_reconcile_total",
        "controller_runtime_reconcile_errors_total",
        "controller_runtime_terminal_reconcile_errors_total",
        "controller_runtime_reconcile_time_seconds",
        "controller_runtime_active_workers",
        "controller_runtime_max_concurrent_reconciles",
        "workqueue_depth",
        "workqueue_adds_total",
        "workqueue_queue_duration_seconds",
        "workqueue_work_duration_seconds",
        "workqueue_retries_total",
        "workqueue_unfinished_work_seconds",
        "workqueue_longest_running_processor_seconds",
        "rest_client_requests_total",
        "rest_client_request_duration_seconds",
        "leader_election_master_status",
        "drover_objects",
        "drover_cluster_connected",
        "drover_writes_total",
        "drover_suppressed_writes_total",
    ):
        assert f"\n# TYPE {metric}" in text or f"# TYPE {metric}" in text, metric


async def test_without_any_admission_an_evil_object_stalls_and_does_nothing(stage: Stage) -> None:
    policies = GVR(
        "admissionregistration.k8s.io",
        "v1",
        "validatingadmissionpolicybindings",
        "ValidatingAdmissionPolicyBinding",
        namespaced=False,
    )
    crds = GVR("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", namespaced=False)
    for binding in await stage.hub.list(policies):
        await stage.hub.delete(policies, binding["metadata"]["name"], uid=binding["metadata"]["uid"])
    for gvr in KINDS:
        crd = await stage.hub.get(crds, str(gvr))
        for version in crd["spec"]["versions"]:
            version["schema"]["openAPIV3Schema"] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        crd["metadata"].pop("managedFields", None)
        await stage.hub.replace(crds, crd, manager="test")
    replica = stage.start()
    scene = scene_of(stage, replica)
    try:
        name, outside = await place(scene), unique("n")
        await scene.apply(namespace(outside))
        evils: list[Object] = [
            workload(unique("w"), name, daemonSetConfig={}, jobConfig={}),
            workload(unique("w"), name, namespace_id="kube-system"),
            workload(unique("w"), name, containers=[{"name": "x"}]),
            workload(unique("w"), name, containers="none"),
            workload(unique("w"), outside),
            cluster(unique("c"), importedConfig={"kubeConfig": "apiVersion: v1"}),
            cluster("a.b"),
            cluster("kube-system"),
            project(unique("p"), "local", clusterName="elsewhere"),
            project(unique("p"), "local", resourceQuota={"limit": {"limitsCpu": "many"}}),
            project(unique("p"), "local", displayName=7),
            provisioning_cluster(unique("pc"), rkeConfig={"machinePools": [{"name": "p", "quantity": -1}]}),
            provisioning_cluster(unique("pc"), agentEnvVars="none"),
            {**setting("system-namespaces"), "value": 7},
            feature("multi-cluster-management", value="off"),
            template(unique("t"), {"enforce": "strict"}),
            {**template(unique("t"), {}), "configuration": "none"},
            workspace("a.c"),
            workspace("kube-public"),
        ]
        for evil in evils:
            await eventually(lambda evil=evil: scene.apply(evil), "the open schema takes it")  # type: ignore[misc]
        for evil in evils:
            await scene.shows(evil, "Stalled", "True")
        names = {evil["metadata"]["name"] for evil in evils}
        assert not names & {each["metadata"]["name"] for each in await stage.hub.list(DEPLOYMENTS)}
        made = {each["metadata"]["name"] for each in await stage.hub.list(NAMESPACES)}
        assert not {each for each in made if any(name in each for name in names - {"kube-system", "kube-public"})}
    finally:
        replica.stop()
