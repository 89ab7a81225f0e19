"""The policies about namespaces in a member: put there, kept, told, and taken away; and what a namespace says of its
project."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from drover.api.keys import PROJECT_ID
from drover.dev import audit, beside
from drover.dev.cluster import ControlPlane
from drover.kube.client import Client
from drover.kube.gvr import GVR, NAMESPACES, POLICIES, POLICY_BINDINGS, Object
from drover.rules.objects import label
from tests.cluster.admission.apiserver import Answer, Apiserver
from tests.cluster.admission.users import grant, refused, until
from tests.cluster.attacks.ground import asks, becomes
from tests.cluster.scene import (
    ARGUMENTS,
    Scene,
    cluster,
    condition,
    eventually,
    import_member,
    log_says,
    namespace,
    nothing_written,
    project,
    unique,
)

NAMES = ("drover-member-namespaces", "drover-member-protection", "drover-member-rbac-labels")
INSTALLED = "NamespacePoliciesInstalled"
_EVERYWHERE = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["create", "patch", "delete"]}


@pytest.fixture(scope="session")
def edge(member_kubeconfig: Path) -> Apiserver:
    """The member, as anybody."""
    return Apiserver(member_kubeconfig)


def moved(project_id: str | None) -> dict[str, Any]:
    return {"metadata": {"annotations": {PROJECT_ID: project_id}}}


def named(name: str, project_id: str | None = None) -> Object:
    return namespace(name, project_id)


async def there(client: Client) -> list[str]:
    """The policies and bindings of ours, by name."""
    found = [each for gvr in (POLICIES, POLICY_BINDINGS) for each in await client.list(gvr)]
    return sorted(each["metadata"]["name"] for each in found if each["metadata"]["name"].startswith("drover-member-"))


# --- In force ---------------------------------------------------------------------------------------------------------
async def test_in_a_member_a_namespace_moves_by_who_may_manage_both_projects(scene: Scene, edge: Apiserver) -> None:
    found = await scene.shows(cluster("edge"), INSTALLED, "True", "Installed")
    assert condition(found, "Ready")["status"] == "True"
    made = await scene.project()
    id_ = f"edge:{made['metadata']['name']}"
    mine, user, owner = unique("n"), unique("user"), unique("owner")
    group = {"apiGroups": ["management.cattle.io"], "resources": ["projects"], "verbs": ["manage-namespaces"]}
    grant(edge, user, [_EVERYWHERE], user)
    grant(edge, owner, [_EVERYWHERE, {**group, "resourceNames": [made["metadata"]["name"]]}], owner)
    await scene.apply(named(mine), client=scene.member)
    until(lambda: edge.merge(named(mine), moved(id_), user=user), "may not manage-namespaces on projects.management")
    until(lambda: _status(edge.merge(named(mine), moved(id_), user=owner)), "200")
    assert edge.merge(named(mine), moved(id_), user=owner, dry_run=False).ok

    async def labelled() -> bool:
        return bool(label(await scene.member.get(NAMESPACES, mine), PROJECT_ID) == made["metadata"]["name"])

    await eventually(labelled, "Drover itself may write the label")
    refused(edge.merge(named(mine), moved(None), user=user), "would leave; ask who administers")
    secure = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}}
    refused(edge.merge(named(mine), secure, user=owner), "may not updatepsa on projects.management.cattle.io")
    assert edge.merge(named(mine), moved(None), user=owner, dry_run=False).ok


async def test_in_a_member_a_label_that_gives_rights_is_set_by_who_may_escalate(scene: Scene, edge: Apiserver) -> None:
    await scene.shows(cluster("edge"), INSTALLED, "True", "Installed")
    user, group = unique("user"), "rbac.authorization.k8s.io"
    metadata = {"name": unique("role"), "labels": {"management.cattle.io/aggregates": "project-member"}}
    role = {"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": metadata, "rules": []}
    grant(edge, user, [{"apiGroups": [group], "resources": ["clusterroles"], "verbs": ["create"]}], user)
    until(lambda: edge.create(role, user=user, dry_run=True), "may not escalate on clusterroles")
    assert edge.create(role, dry_run=True).ok


def _status(answer: Answer) -> Answer:
    return Answer(answer.status, answer.body, (str(answer.status),))


async def test_the_policies_are_put_right_when_somebody_weakens_or_deletes_them(scene: Scene) -> None:
    await scene.shows(cluster("edge"), INSTALLED, "True")
    policy = await scene.member.get(POLICIES, NAMES[0])
    conditions = [*policy["spec"]["matchConditions"], {"name": "never", "expression": "false"}]
    selector = {"namespaceSelector": {"matchLabels": {"a": "b"}}}
    weak = {"matchConditions": conditions, "matchConstraints": selector}
    patch = {"metadata": {"name": NAMES[0], "labels": {"team": "theirs"}}, "spec": weak}
    await scene.member.merge(POLICIES, patch, manager="somebody")
    binding = await scene.member.get(POLICY_BINDINGS, NAMES[1])
    await scene.member.delete(POLICY_BINDINGS, NAMES[1], uid=binding["metadata"]["uid"])

    async def right() -> bool:
        found = await scene.member.get(POLICIES, NAMES[0])
        names = [each["name"] for each in found["spec"]["matchConditions"]]
        narrowed = found["spec"]["matchConstraints"].get("namespaceSelector")
        again = await scene.member.get(POLICY_BINDINGS, NAMES[1])
        fresh = again["metadata"]["uid"] != binding["metadata"]["uid"]
        return "never" not in names and not narrowed and fresh and found["metadata"]["labels"]["team"] == "theirs"

    await eventually(right, "they are as they were, and the label of others is left")


async def test_settled_policies_are_not_written_again(scene: Scene, control_plane: ControlPlane) -> None:
    await scene.shows(cluster("edge"), INSTALLED, "True")
    log = control_plane.instances[1].audit_log
    await nothing_written(log, seconds=1.0)
    since = audit.size(log)
    for value in ("x", "y"):
        for gvr in (POLICIES, POLICY_BINDINGS):
            note = {"metadata": {"name": NAMES[0], "annotations": {"touched": value}}}
            await scene.member.merge(gvr, note, manager="test")
    await asyncio.sleep(1.5)
    written = [each for each in audit.writes(log, since) if each.resource.startswith("validatingadmissionpolic")]
    assert written == []


async def test_after_a_restart_nothing_is_written(
    scene: Scene, control_plane: ControlPlane, operator_kubeconfig: str
) -> None:
    name = unique("n")
    await scene.apply(named(name, "edge:not-there"), client=scene.member)
    await scene.shows(cluster("edge"), INSTALLED, "True")
    await told(scene.member, name)  # a namespace waits two seconds for its project before that is written on it
    hub, log = control_plane.instances[0].audit_log, control_plane.instances[1].audit_log
    await nothing_written(hub, log)
    since = audit.size(hub), audit.size(log)
    beside.start(scene.drover.directory, scene.drover.name, operator_kubeconfig, ARGUMENTS)
    await log_says(scene.drover, "leading")
    await asyncio.sleep(5)
    assert audit.writes(log, since[1]) == []
    assert [each for each in audit.writes(hub, since[0]) if each.resource == "clusters"] == []


# --- Whose they are ---------------------------------------------------------------------------------------------------
async def test_a_cluster_takes_its_policies_away_when_it_is_deleted(
    scene: Scene, branch_secret: str, branch_client: Client
) -> None:
    name = unique("c")
    await import_member(scene, name, branch_secret)
    await scene.shows(cluster(name), INSTALLED, "True")
    assert await there(branch_client) == sorted(NAMES * 2)
    await scene.delete(cluster(name))
    await scene.gone(cluster(name))
    assert await there(branch_client) == []


async def test_policies_of_somebody_else_are_left_alone_and_that_is_told(
    scene: Scene, branch_secret: str, branch_client: Client
) -> None:
    policy = await scene.member.get(POLICIES, NAMES[0])
    marks = {"app.kubernetes.io/managed-by": "drover", "drover.dev/owner-uid": "uid-of-another-hub"}
    foreign = {**policy, "metadata": {"name": NAMES[0], "labels": marks}}
    foreign["spec"]["failurePolicy"] = "Ignore"
    made = await branch_client.create(POLICIES, foreign, manager="another-hub")
    name = unique("c")
    await import_member(scene, name, branch_secret)
    found = await scene.shows(cluster(name), INSTALLED, "False", "Conflict")
    assert "drover.dev/adopt-uid: uid-of-another-hub" in condition(found, INSTALLED)["message"]
    assert condition(found, "Ready")["status"] == "True"
    await scene.delete(cluster(name))
    await scene.gone(cluster(name))
    left = await branch_client.get(POLICIES, NAMES[0])
    assert (left["metadata"]["generation"], left["metadata"]["labels"]) == (1, marks)
    await branch_client.delete(POLICIES, NAMES[0], uid=made["metadata"]["uid"])


async def test_without_the_right_to_install_them_the_cluster_works_and_says_so(
    scene: Scene, branch_secret: str, branch_client: Client, hub_kubeconfig: Path
) -> None:
    roles = GVR("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False)
    role = await branch_client.get(roles, "drover")
    weak = [rule for rule in role["rules"] if rule["apiGroups"] != ["admissionregistration.k8s.io"]]
    await branch_client.merge(roles, {"metadata": {"name": "drover"}, "rules": weak}, manager="test")
    name = unique("c")
    try:
        await becomes(branch_client, False, audit.OPERATOR, asks("create", POLICIES.plural, "", POLICIES.group))
        await import_member(scene, name, branch_secret)
        found = await scene.shows(cluster(name), INSTALLED, "False", "Forbidden")
        assert "may not install them" in condition(found, INSTALLED)["message"]
        assert condition(found, "Ready")["status"] == "True"
        assert await there(branch_client) == []
        await scene.delete(cluster(name))
        await scene.gone(cluster(name))
    finally:
        await branch_client.merge(roles, {"metadata": {"name": "drover"}, "rules": role["rules"]}, manager="test")


# --- What a namespace says --------------------------------------------------------------------------------------------
async def said(client: Client, name: str) -> dict[str, tuple[str, str]]:
    """The conditions of a namespace, as (status, message) by type."""
    found = await client.get(NAMESPACES, name)
    note = (found["metadata"].get("annotations") or {}).get("cattle.io/status", "{}")
    return {each["Type"]: (each["Status"], each["Message"]) for each in json.loads(note).get("Conditions", [])}


async def told(client: Client, name: str) -> None:
    """Waits until a namespace says that it is in no project."""

    async def look() -> bool:
        return (await said(client, name)).get("ProjectAssigned", ("", ""))[0] == "False"

    await eventually(look, "the namespace says so")


async def test_a_namespace_says_that_its_project_does_not_exist_until_it_does(
    scene: Scene, control_plane: ControlPlane
) -> None:
    log = control_plane.instances[1].audit_log
    since = audit.size(log)
    obj, name = project(unique("p")), unique("n")
    await scene.apply(named(name, f"edge:{obj['metadata']['name']}"), client=scene.member)
    await told(scene.member, name)
    message = (await said(scene.member, name))["ProjectAssigned"][1]
    assert message == f"Cluster edge has no Project {obj['metadata']['name']}; create it, or name another one"
    await scene.apply(obj)
    await scene.ready(obj)

    async def heals() -> bool:
        found = await scene.member.get(NAMESPACES, name)
        return label(found, PROJECT_ID) == obj["metadata"]["name"] and await said(scene.member, name) == {}

    await eventually(heals, "label and condition are right")
    await asyncio.sleep(1)
    writes = [each for each in audit.writes(log, since) if each.resource == "namespaces" and each.name == name]
    assert [each.what for each in writes].count("patch namespaces") == 2, "one that tells, one that heals"


async def test_a_namespace_in_the_wrong_cluster_says_so(scene: Scene) -> None:
    name = unique("n")
    await scene.apply(named(name, "elsewhere:shop"), client=scene.member)

    async def elsewhere() -> bool:
        return "not elsewhere" in (await said(scene.member, name)).get("ProjectAssigned", ("", ""))[1]

    await eventually(elsewhere, "the namespace says so")
    await scene.apply(named(name), client=scene.member)

    async def quiet() -> bool:
        return await said(scene.member, name) == {}

    await eventually(quiet, "and nothing after it names none")


# --- Invariants -------------------------------------------------------------------------------------------------------
async def test_invariant_9_the_label_is_the_project_of_the_annotation(scene: Scene) -> None:
    made = [(await scene.project())["metadata"]["name"] for _ in range(2)]
    name, dice = unique("n"), random.Random(9)  # noqa: S311 - a seed, so that a failure comes again
    await scene.apply(named(name), client=scene.member)
    for _ in range(12):
        target = dice.choice([*made, "missing", None])
        patch = {"metadata": {"name": name, **moved(f"edge:{target}" if target else None)["metadata"]}}
        if dice.random() < 0.3:
            patch["metadata"]["labels"] = {PROJECT_ID: dice.choice([*made, "forged", None])}
        await scene.member.merge(NAMESPACES, patch, manager="test")
        wanted = target if target in made else ""

        async def equal(wanted: str | None = wanted) -> bool:
            return label(await scene.member.get(NAMESPACES, name), PROJECT_ID) == wanted

        await eventually(equal, f"the label is {wanted!r}")


async def test_invariant_18_manifests_of_gitops_apply_and_a_second_time_change_nothing(
    scene: Scene,
    control_plane: ControlPlane,
    kubectl: str,
    hub_kubeconfig: Path,
    member_kubeconfig: Path,
    tmp_path: Path,
) -> None:
    name, made = unique("c"), unique("p")
    quota = {"limit": {"limitsCpu": "4", "pods": "10"}}
    spec: dict[str, Any] = {
        "resourceQuota": quota,
        "namespaceDefaultResourceQuota": quota,
        "containerDefaultResourceLimit": {"limitsCpu": "1"},
    }
    objects = {
        hub_kubeconfig: [cluster(name), project(made, **spec)],
        member_kubeconfig: [named(unique("n"), f"edge:{made}")],
    }
    for kubeconfig, manifests in objects.items():
        file = tmp_path / f"{kubeconfig.parent.name}.yaml"
        file.write_text(yaml.safe_dump_all(manifests))
        command = [kubectl, "--kubeconfig", str(kubeconfig)]
        for seconds in (1.0, 2.0):  # counters are written once a second
            await _run(*command, "apply", "--server-side", "-f", str(file))
            await nothing_written(*(each.audit_log for each in control_plane.instances), seconds=seconds)
        await _run(*command, "diff", "--server-side", "-f", str(file))
    await scene.delete(cluster(name))
    await scene.gone(cluster(name))


async def test_invariant_19_kubectl_waits_for_ready(scene: Scene, kubectl: str, hub_kubeconfig: Path) -> None:
    obj = project(unique("p"))
    await scene.apply(obj)
    command = [kubectl, "--kubeconfig", str(hub_kubeconfig), "wait", "--for=condition=Ready", "--timeout=60s"]
    await _run(*command, "clusters.management.cattle.io/edge", "clusters.management.cattle.io/local")
    await _run(*command, "-n", "edge", f"projects.management.cattle.io/{obj['metadata']['name']}")


async def test_invariant_22_a_member_whose_hub_is_away_keeps_its_other_namespaces_writable(edge: Apiserver) -> None:
    """Nothing but the kube-apiserver itself takes part in what the policies say."""
    user, name = unique("user"), unique("n")
    grant(edge, user, [_EVERYWHERE], user)
    until(lambda: _status(edge.create(named(name), user=user, dry_run=True)), "201")
    assert edge.create(named(name), user=user).ok
    for each in (name, "kube-system", "default"):
        answer = edge.merge(named(each), {"metadata": {"labels": {"team": "a"}}}, user=user)
        assert answer.ok, answer.message
    assert edge.delete(named(name), user=user, dry_run=False).ok


async def _run(*command: str) -> None:
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
