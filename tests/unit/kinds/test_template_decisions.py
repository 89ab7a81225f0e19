"""Templates of pod security: their status, and what comes of them in the Clusters that name one."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from drover.kinds.cluster import ClusterKind
from drover.kinds.hub import Hub
from drover.kinds.pod_security import TemplateKind
from drover.kinds.pod_security.shipped import TEMPLATES as SHIPPED
from drover.kinds.project import ProjectKind
from drover.kinds.provisioning import ProvisioningKind
from drover.kinds.resources import CLUSTERS, PROJECTS, PROVISIONING_CLUSTERS, TEMPLATES
from drover.kube.gvr import Key, Object
from drover.members.desired import POD_SECURITY, Part, PartState, Seen
from drover.rules.findings import Terminal
from drover.rules.initial_namespaces import SYSTEM
from drover.rules.ownership import Owner
from drover.rules.pod_security import PodSecurity, pod_security
from tests.unit.kinds.known import known_hub
from tests.unit.kinds.worlds import AWAY, obj, project_world, provisioning_world, template_world

NAMED = {"defaultPodSecurityAdmissionConfigurationTemplateName": "team"}
CONFIGURATION = {"defaults": {"enforce": "baseline"}, "exemptions": {"namespaces": ["free"]}}
TEMPLATE = obj("PodSecurityAdmissionConfigurationTemplate", "team", uid="uid-team", configuration=CONFIGURATION)
WANTED = pod_security(TEMPLATE, SYSTEM)


def condition(status: dict[str, Any] | None, type_: str) -> tuple[str, str, str] | None:
    assert status is not None
    found = {entry["type"]: entry for entry in status["conditions"]}
    return (found[type_]["status"], found[type_]["reason"], found[type_]["message"]) if type_ in found else None


# --- The template -----------------------------------------------------------------------------------------------------
def test_a_template_tells_who_uses_it() -> None:
    status = TemplateKind.report(template_world(clusters=("edge", "fleet-default/edge")), None)
    assert status is not None
    assert (status["clusters"], status["clusterCount"]) == (["edge", "fleet-default/edge"], 2)
    many = TemplateKind.report(template_world(clusters=tuple(f"c-{number:03}" for number in range(100))), None)
    assert many is not None
    assert (len(many["clusters"]), many["clusterCount"]) == (64, 100)
    none = TemplateKind.report(template_world(clusters=()), None)
    assert none is not None
    assert (none["clusters"], none["clusterCount"]) == (None, 0)


def test_a_template_that_is_wrong_is_stalled() -> None:
    assert TemplateKind.decide(template_world(invalid="configuration: wrong")).finding == Terminal(
        "InvalidSpec", "configuration: wrong"
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_an_edited_built_in_template_says_what_is_different(name: str) -> None:
    shipped = {**SHIPPED[name], "metadata": {**obj("x", name)["metadata"]}}
    assert condition(TemplateKind.report(template_world(template=shipped), None), "AsShipped") == (
        "True",
        "AsShipped",
        "",
    )
    edited = copy.deepcopy(shipped)
    edited["configuration"]["defaults"]["warn"] = "baseline"
    edited["configuration"]["exemptions"]["namespaces"] = ["mine", "kube-system"]
    told = condition(TemplateKind.report(template_world(template=edited), None), "AsShipped")
    assert told is not None
    assert told[:2] == ("False", "Edited")
    assert "warn baseline:latest, shipped enforce" in told[2]
    assert "exemptions.namespaces has also" in told[2]
    assert ("exemptions.namespaces lacks" in told[2]) is (name == "rancher-restricted")


def test_a_template_of_people_says_nothing_of_that() -> None:
    assert condition(TemplateKind.report(template_world(), None), "AsShipped") is None


# --- Clusters and Projects that name one ------------------------------------------------------------------------------
class Named:
    """The hub with the Cluster edge, which names a template, and what its member has of the Project shop."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.member: Any = hub.fleet.get("edge")
        edge = hub.cluster("edge")
        assert edge is not None
        metadata = {**edge["metadata"], "resourceVersion": "2", "generation": 2}
        hub.observe(CLUSTERS, {**edge, "metadata": metadata, "spec": {"displayName": "edge", **NAMED}})
        self.told(WANTED)

    def told(self, value: PodSecurity | None, **problems: str) -> None:
        owner = Owner("Project.management.cattle.io", "edge", "shop", "uid-p")
        self.member.parts["uid-p"] = Part(owner, "drover-project", project="edge:shop", pod_security=value)
        seen = tuple(Seen(name, problems={POD_SECURITY: why}) for name, why in problems.items())
        self.member._seen["uid-p"] = PartState("p", seen=seen)

    def said(self, status: str, reason: str, message: str) -> None:
        """The condition as it stands in the status."""
        edge = self.hub.cluster("edge")
        assert edge is not None
        metadata = {**edge["metadata"], "resourceVersion": str(int(edge["metadata"]["resourceVersion"]) + 1)}
        told = {"type": "PodSecurityApplied", "status": status, "reason": reason, "message": message}
        self.hub.observe(CLUSTERS, {**edge, "metadata": metadata, "status": {**edge["status"], "conditions": [told]}})

    def applied(self) -> tuple[str, str, str] | None:
        kind = ClusterKind(self.hub)
        world = kind.gather(Key("", "edge"))
        assert world is not None
        return condition(kind.report(world, None), "PodSecurityApplied")


@pytest.fixture
async def known() -> Named:
    return Named(await known_hub())


async def test_a_cluster_says_what_is_in_force(known: Named) -> None:
    known.hub.observe(TEMPLATES, TEMPLATE)
    assert known.applied() == (
        "True",
        "NamespaceLabels",
        "enforce baseline:latest, audit privileged:latest, warn privileged:latest",
    )


async def test_a_cluster_names_what_labels_cannot_express(known: Named) -> None:
    more = {**CONFIGURATION, "exemptions": {"usernames": ["ci"], "runtimeClasses": ["kata"]}}
    template = {**TEMPLATE, "configuration": more}
    known.told(pod_security(template, SYSTEM))
    known.hub.observe(TEMPLATES, template)
    applied = known.applied()
    assert applied is not None
    assert applied[2].endswith(
        "; exempt usernames and exempt runtime classes have no effect here: labels of namespaces cannot express them"
    )


async def test_a_cluster_waits_for_its_projects_and_names_refusals(known: Named) -> None:
    known.hub.observe(TEMPLATES, TEMPLATE)
    known.told(PodSecurity())
    assert known.applied() == ("Unknown", "Progressing", "labels the namespaces of projects shop")
    words = "enforce baseline:latest, audit privileged:latest, warn privileged:latest"
    for said in (("True", "NamespaceLabels", words), ("False", "LabelsRefused", "web: you may not")):
        known.said(*said)
        assert known.applied() == said, "a restart says nothing new"
    known.said("True", "NamespaceLabels", "enforce restricted:latest")
    assert known.applied() == ("Unknown", "Progressing", "labels the namespaces of projects shop")
    known.told(WANTED, web="you may not")
    assert known.applied() == ("False", "LabelsRefused", "web: you may not")
    known.member.state = AWAY
    assert known.applied() == ("Unknown", "NotConnected", "the cluster does not answer")


async def test_a_template_that_is_missing_or_wrong_is_told(known: Named) -> None:
    for reason, template in (("TemplateNotFound", None), ("InvalidTemplate", {"defaults": {"enforce": "strict"}})):
        if template:
            known.hub.observe(TEMPLATES, {**TEMPLATE, "configuration": template})
        applied = known.applied()
        assert applied is not None
        assert applied[:2] == ("False", reason)
        assert "labels of namespaces stay as they are" in applied[2]


async def test_without_a_template_there_is_no_condition(known: Named) -> None:
    edge = known.hub.cluster("edge")
    assert edge is not None
    metadata = {**edge["metadata"], "resourceVersion": "3"}
    known.hub.observe(CLUSTERS, {**edge, "metadata": metadata, "spec": {"displayName": "edge"}})
    assert known.applied() is None


async def test_a_project_is_given_the_template_of_its_cluster(known: Named) -> None:
    kind = ProjectKind(known.hub)
    for template in (None, TEMPLATE):
        if template:
            known.hub.observe(TEMPLATES, template)
        world = kind.gather(Key("edge", "shop"))
        assert world is not None
        assert world.pod_security == pod_security(template, SYSTEM)


def test_the_part_of_a_project_has_it_and_that_of_the_system_project_has_not() -> None:
    cluster = obj("Cluster", "edge", uid="uid-c", spec=NAMED)
    world = project_world(cluster=cluster, template=TEMPLATE, system_namespaces=SYSTEM)
    part = ProjectKind.decide(world).part
    assert part is not None
    assert part.pod_security == WANTED
    system: Object = {**world.project["metadata"], "labels": {"authz.management.cattle.io/system-project": "true"}}
    project = {**world.project, "metadata": system}
    assert project_world(cluster=cluster, template=TEMPLATE, project=project).pod_security is None
    assert project_world(template=TEMPLATE).pod_security is None


@pytest.mark.parametrize(
    ("template", "told"),
    [
        (None, ("False", "TemplateNotFound")),
        (TEMPLATE, ("True", "TemplateFound")),
        ({**TEMPLATE, "configuration": {"defaults": {"warn-version": "v1.x"}}}, ("False", "InvalidTemplate")),
    ],
)
def test_a_provisioning_cluster_says_whether_its_template_is_there(template: Any, told: tuple[str, str]) -> None:
    cluster = provisioning_world().cluster
    named = {**cluster, "spec": {"rkeConfig": {}, **NAMED}}
    world = provisioning_world(cluster=named, template=template)
    found = condition(ProvisioningKind.report(world, None), "PodSecurityTemplateFound")
    assert found is not None
    assert found[:2] == told
    assert condition(ProvisioningKind.report(replace(world, cluster=cluster), None), "PodSecurityTemplateFound") is None


async def test_both_kinds_of_clusters_count_as_users() -> None:
    hub = await known_hub()
    hub.observe(TEMPLATES, TEMPLATE)
    hub.observe(CLUSTERS, obj("Cluster", "far", uid="uid-far", spec=NAMED))
    hub.observe(PROVISIONING_CLUSTERS, obj("Cluster", "made", "fleet-default", uid="uid-made", spec=NAMED))
    hub.observe(PROJECTS, obj("Project", "x", "far", uid="uid-x", spec=NAMED))
    world = TemplateKind(hub).gather(Key("", "team"))
    assert world is not None
    assert world.clusters == ("far", "fleet-default/made")
    assert TemplateKind(hub).gather(Key("", "gone")) is None
