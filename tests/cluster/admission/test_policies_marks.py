"""Labels and annotations that give rights, or decide whose an object is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.admission.apiserver import Apiserver
from tests.cluster.admission.objects import (
    cluster_object,
    project_object,
    provisioning_object,
    workload_object,
    workspace_object,
)
from tests.cluster.admission.users import (
    CATTLE,
    CREATOR,
    DROVER,
    EDITOR,
    grant,
    refused,
    until,
)
from tests.unit.api.tables import clusters, projects, workloads

_SYSTEM = {"labels": {"authz.management.cattle.io/system-project": "true"}}


# --- Creators ---------------------------------------------------------------------------------------------------------
def _creator(**annotations: str) -> dict[str, Any]:
    return {"annotations": {f"field.cattle.io/{key.replace('_', '-')}": value for key, value in annotations.items()}}


@pytest.mark.parametrize(
    ("build", "spec"),
    [
        pytest.param(cluster_object, clusters.GOOD, id="Cluster"),
        pytest.param(project_object, projects.GOOD, id="Project"),
        pytest.param(provisioning_object, {}, id="provisioning Cluster"),
        pytest.param(workspace_object, {}, id="workspace"),
    ],
)
def test_annotations_of_the_creator(api: Apiserver, made: Any, build: Any, spec: dict[str, Any]) -> None:
    both = _creator(creatorId="u-abc", no_creator_rbac="true")
    refused(api.create(build("both", spec, **both), dry_run=True), "exclude each other; remove one", 422)
    alone = _creator(creator_principal_name="github://1")
    refused(api.create(build("alone", spec, **alone), dry_run=True), "set both or none", 422)
    plain = made(build("plain", spec))
    refused(api.merge(plain, {"metadata": _creator(creatorId="u-abc")}), "cannot be added or changed later")
    owned = made(build("owned", spec, **_creator(creatorId="u-abc", creator_principal_name="github://1")))
    refused(api.merge(owned, {"metadata": _creator(creatorId="u-xyz")}), "cannot be added or changed later")
    principal = {"metadata": _creator(creator_principal_name="github://2")}
    refused(api.merge(owned, principal), "cannot be added or changed later")
    gone = dict.fromkeys(owned["metadata"]["annotations"])
    assert api.merge(owned, {"metadata": {"annotations": gone}}).ok
    assert api.merge(plain, {"metadata": _creator(creatorId="u-abc")}, user=DROVER).ok


@pytest.mark.parametrize("empty", [{}, None])
def test_labels_and_annotations_that_are_emptied_name_nobody(api: Apiserver, made: Any, empty: Any) -> None:
    """A kube-apiserver gives a policy nothing in place of an empty map then."""
    noted = made(cluster_object("noted", clusters.GOOD, labels={"team": "a"}, annotations={"team": "a"}))
    assert api.apply(noted).ok
    metadata = {"name": noted["metadata"]["name"], "labels": empty, "annotations": empty}
    for _ in range(2):
        answer = api.apply({**noted, "metadata": metadata})
        assert answer.ok, answer.message


def test_the_creator_of_a_provisioning_cluster_is_who_makes_it(api: Apiserver, made: Any) -> None:
    assert api.create(provisioning_object("a1", {}, **_creator(creatorId=EDITOR)), user=EDITOR, dry_run=True).ok
    other = provisioning_object("a1", {}, **_creator(creatorId="u-abc"))
    refused(api.create(other, user=EDITOR, dry_run=True), "must be editor, who makes this request")
    assert api.create(other, dry_run=True).ok, "who may impersonate the creator can restore the object"


def test_no_creator_rights_of_a_provisioning_cluster_stay_as_they_are(api: Apiserver, made: Any) -> None:
    cluster = made(provisioning_object("plain", {}))
    refused(api.merge(cluster, {"metadata": _creator(no_creator_rbac="true")}), "cannot be added or removed later")


# --- Projects ---------------------------------------------------------------------------------------------------------
def test_a_project_lies_in_the_namespace_of_its_cluster(api: Apiserver) -> None:
    project = project_object("p-away", projects.GOOD | {"clusterName": "elsewhere"})
    refused(api.create(project, dry_run=True), "spec.clusterName: elsewhere is not the namespace", 422)


def test_the_system_project_keeps_its_label(api: Apiserver, made: Any) -> None:
    project = made(project_object("p-system", projects.GOOD, **_SYSTEM))
    unmarked = {"metadata": {"labels": dict.fromkeys(_SYSTEM["labels"])}}
    refused(api.merge(project, unmarked), 'set it back to "true"')


@pytest.mark.parametrize("which", ["default", "system"])
def test_who_may_not_change_the_cluster_does_not_choose_its_first_projects(
    api: Apiserver, made: Any, which: str
) -> None:
    marked = {"labels": {f"authz.management.cattle.io/{which}-project": "true"}}
    grant(api, "member", [{**CATTLE, "resources": ["projects"]}], "member", namespace="c-table")
    plain = made(project_object("p-plain", projects.GOOD))
    until(lambda: api.merge(plain, {"metadata": marked}, user="member"), "only who may update the Cluster c-table")
    answer = api.create(project_object("p-mine", projects.GOOD, **marked), user="member", dry_run=True)
    refused(answer, "only who may update the Cluster c-table")
    assert api.create(project_object("p-mine", projects.GOOD), user="member", dry_run=True).ok
    assert api.create(project_object("p-mine", projects.GOOD, **marked), user=EDITOR, dry_run=True).ok


# --- Ownership --------------------------------------------------------------------------------------------------------
_OBJECTS = [
    pytest.param(cluster_object, clusters.GOOD, id="Cluster"),
    pytest.param(project_object, projects.GOOD, id="Project"),
    pytest.param(provisioning_object, {}, id="provisioning Cluster"),
    pytest.param(workload_object, workloads.of(), id="Workload"),
    pytest.param(workspace_object, {}, id="workspace"),
]


@pytest.mark.parametrize(("build", "spec"), _OBJECTS)
def test_the_mark_of_ownership_is_not_forged(api: Apiserver, made: Any, build: Any, spec: dict[str, Any]) -> None:
    marked = {"labels": {"drover.dev/owner-uid": "6c1f"}}
    refused(api.create(build("forged", spec, **marked), user=CREATOR, dry_run=True), "leave it as it is")
    live = made(build("marked", spec, **marked))
    refused(api.merge(live, {"metadata": {"labels": None}}, user=CREATOR), "leave it as it is")
    assert api.merge(live, {"metadata": {"labels": {"team": "a"}}}, user=CREATOR).ok
    assert api.create(build("restored", spec, **marked), user=EDITOR, dry_run=True).ok, "a restore brings it along"


@pytest.mark.parametrize(("build", "spec"), _OBJECTS)
def test_adoption_needs_the_right_to_delete(api: Apiserver, made: Any, build: Any, spec: dict[str, Any]) -> None:
    adopting = {"annotations": {"drover.dev/adopt-uid": "6c1f"}}
    refused(api.create(build("adopting", spec, **adopting), user=CREATOR, dry_run=True), "ask an administrator")
    live = made(build("plain", spec))
    refused(api.merge(live, {"metadata": adopting}, user=CREATOR), "ask an administrator")
    assert api.merge(live, {"metadata": adopting}).ok
    adopted = made(build("adopted", spec, **adopting))
    assert api.merge(adopted, {"metadata": {"labels": {"team": "a"}}}, user=CREATOR).ok
    assert api.merge(adopted, {"metadata": {"annotations": None}}, user=CREATOR).ok
