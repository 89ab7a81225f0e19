"""Each kind is made, changed and deleted, so that every right of the operator is used."""

from __future__ import annotations

import asyncio

from drover.api.keys import BOOTSTRAPPING, CREATOR_BINDINGS, CREATOR_ID, UNIT
from drover.dev import beside
from drover.kinds.resources import CLUSTERS, GLOBAL_ROLES, ROLE_TEMPLATES
from drover.kube.client import Client
from drover.kube.gvr import (
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    GVR,
    LIMIT_RANGES,
    NETWORK_POLICIES,
    RESOURCE_QUOTAS,
    ROLE_BINDINGS,
    ROLES,
    SECRETS,
    Object,
)
from drover.kube.login import default_login
from tests.cluster.chart.conftest import Operator
from tests.cluster.chart.release import Release
from tests.cluster.rights.objects import access, everywhere, in_cluster, in_project, user
from tests.cluster.scene import (
    Scene,
    cluster,
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

READ = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
FORMER = "controller.cattle.io/former"  # a finalizer of the server that objects may have been restored from
SHAPES: list[Object] = [
    {},
    {"statefulSetConfig": {}},
    {"daemonSetConfig": {}},
    {"jobConfig": {}},
    {"cronJobConfig": {"schedule": "0 3 * * *"}},
]


async def _settings(scene: Scene) -> None:
    """A Setting is set, and put back."""
    for value, customized in (("v9.9.9", True), ("", False)):
        await scene.apply(setting("server-version", value))

        async def follows(wanted: bool = customized) -> bool:
            found = await scene.get(setting("server-version"))
            return found is not None and found.get("customized") is wanted

        await eventually(follows, "what clients read follows the value")


async def everything(release: Release, scene: Scene, operator: Operator) -> None:
    """Each kind is made, changed and deleted, in its own namespace and from the backing namespace of a project."""
    await _settings(scene)
    await _quotas(scene)
    await _secrets(scene)
    await _isolation(scene)
    await _drivers(scene)
    await _access(scene)
    await _retired(scene, operator)
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


async def _access(scene: Scene) -> None:
    """Roles and bindings are given, put right and taken back; what goes with something else goes."""
    far, shop = cluster(unique("c")), project(unique("p"), "local")
    for obj in (far, shop):
        obj["metadata"]["annotations"] = {CREATOR_ID: await scene.hub.user()}
        await scene.apply(obj)
        await scene.shows(obj, "CreatorMadeOwner", "True", "RolesGiven")
    await scene.delete(far)
    await scene.gone(far)
    shop = await scene.ready(shop)
    ann = user(unique("u"))
    ann["metadata"]["annotations"] = {CREATOR_BINDINGS: '{"required":["user"]}'}
    everybody = access("GlobalRole", unique("r"), rules=[READ], namespacedRules={"default": [READ]})
    in_clusters, in_projects = (
        access("RoleTemplate", unique("r"), context=context, rules=[READ]) for context in ("cluster", "project")
    )
    who = {"userName": ann["metadata"]["name"]}
    bindings = [
        everywhere(unique("b"), everybody["metadata"]["name"], **who),
        in_cluster(unique("b"), in_clusters["metadata"]["name"], "local", **who),
        in_project(unique("b"), in_projects["metadata"]["name"], shop, **who),
    ]
    objects = [ann, everybody, in_clusters, in_projects, *bindings]
    for obj in objects:
        obj["metadata"]["finalizers"] = [FORMER]
        await scene.apply(obj)
        await scene.ready(obj)
    await scene.namespace(shop)
    for gvr in (ROLES, CLUSTER_ROLES, ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS):
        await _by_hand(scene.hub, gvr)
    await scene.delete(everybody)
    await scene.gone(bindings[0])  # with its role
    await scene.delete(ann)
    for obj in (ann, *bindings[1:]):
        await scene.gone(obj)  # with their user
    for obj in objects[1:4]:
        await scene.delete(obj)
        await scene.gone(obj)


async def _retired(scene: Scene, operator: Operator) -> None:
    """A role that came with a former version of Drover, and comes with this one no more."""
    path = operator.directory / "former.kubeconfig"
    path.write_text(operator.kubeconfig)
    async with Client(default_login(str(path))) as former:
        for gvr, content in ((GLOBAL_ROLES, {}), (ROLE_TEMPLATES, {"context": "cluster"})):
            obj = access(gvr.kind, unique("former"), builtin=True, rules=[READ], **content)
            obj["metadata"]["labels"] = {BOOTSTRAPPING: "default"}
            await former.create(gvr, obj, manager="former")
            await scene.gone(obj)


async def _by_hand(client: Client, gvr: GVR) -> None:
    """Somebody takes the label off a derived object, and makes another one that has it."""
    (made, *_) = await client.list(gvr, label_selector=UNIT)
    name, place = made["metadata"]["name"], made["metadata"].get("namespace", "")
    bare = {"name": name, "labels": None} | ({"namespace": place} if place else {})
    await client.merge(gvr, {"metadata": bare}, manager="somebody")

    async def back() -> bool:
        return bool((await client.get(gvr, name, place))["metadata"].get("labels"))

    await eventually(back, f"the label is back on {gvr.kind} {name}")
    mine = {field: content for field, content in made.items() if field in ("rules", "roleRef", "subjects")}
    mine["metadata"] = {"name": unique("mine"), "labels": {UNIT: "0" * 16}, "finalizers": ["example.com/hold"]}
    mine["metadata"] |= {"namespace": place} if place else {}
    await client.create(gvr, mine, manager="somebody")

    async def gone() -> bool:
        return await client.find(gvr, mine["metadata"]["name"], place) is None

    await eventually(gone, f"{gvr.kind} {mine['metadata']['name']} is removed")


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
