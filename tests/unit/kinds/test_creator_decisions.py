"""Who made a Cluster or a Project is given rights on it, once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from drover.kinds.cluster.decide import decide as decide_cluster
from drover.kinds.cluster.report import report as report_cluster
from drover.kinds.creator import Creator, given
from drover.kinds.plan import Create, Merge
from drover.kinds.project.decide import decide as decide_project
from drover.kinds.project.report import report as report_project
from drover.kinds.resources import CLUSTER_BINDINGS, PROJECT_BINDINGS
from drover.kube.gvr import Object
from drover.rules.creators import Note, conditions, noted, open_creator
from tests.unit.kinds.rights_worlds import told
from tests.unit.kinds.worlds import cluster_world, obj, project_world

NOTE = "authz.management.cattle.io/creator-role-bindings"
ANN = {"field.cattle.io/creatorId": "ann"}
OPEN = Creator("ann", ("cluster-owner", "extra"), "edge", frozenset(), {"clusterName": "edge"})


def made(**annotations: str) -> Object:
    return obj("Cluster", "edge", metadata={"annotations": {**ANN, **annotations}})


def note(required: list[str], created: list[str]) -> dict[str, str]:
    return {NOTE: json.dumps({"required": required, "created": created})}


def done(status: str) -> Object:
    return {**made(), "status": {"conditions": [{"type": "CreatorMadeOwner", "status": status}]}}


# --- What is left to do -----------------------------------------------------------------------------------------------
def test_each_role_of_creators_is_bound_where_its_object_is() -> None:
    first, second = given(made(), CLUSTER_BINDINGS, OPEN)
    assert isinstance(first, Create)
    assert isinstance(second, Create)
    assert first.obj["metadata"] == {
        "name": "creator-cluster-owner",
        "namespace": "edge",
        "annotations": {"authz.management.cattle.io/creator-owner-binding": "true"},
    }
    fields = {name: first.obj[name] for name in ("userName", "roleTemplateName", "clusterName")}
    assert fields == {"userName": "ann", "roleTemplateName": "cluster-owner", "clusterName": "edge"}
    assert second.obj["metadata"]["name"] == "creator-extra"


def test_what_was_made_is_noted_and_never_made_again() -> None:
    there = replace(OPEN, bindings=frozenset({"creator-cluster-owner", "creator-extra", "other"}))
    (merge,) = given(made(), CLUSTER_BINDINGS, there)
    assert isinstance(merge, Merge)
    annotations = merge.fields["metadata"]["annotations"]
    assert json.loads(annotations[NOTE]) == {
        "created": ["cluster-owner", "extra"],
        "required": ["cluster-owner", "extra"],
    }
    assert given(made(**annotations), CLUSTER_BINDINGS, OPEN) == ()


def test_a_restart_between_the_bindings_and_the_note_makes_the_rest() -> None:
    half = replace(OPEN, bindings=frozenset({"creator-cluster-owner"}))
    (create,) = given(made(), CLUSTER_BINDINGS, half)
    assert isinstance(create, Create)
    assert create.obj["roleTemplateName"] == "extra"


def test_nobody_is_given_a_role_that_creators_are_not_given() -> None:
    asked = made(**note(["admin-of-all"], []))
    (merge,) = given(asked, CLUSTER_BINDINGS, OPEN)
    assert isinstance(merge, Merge)
    assert noted(made(**merge.fields["metadata"]["annotations"])) == Note((), ())


def test_a_note_that_came_with_a_restore_is_gone_on_from() -> None:
    (create,) = given(made(**note(["cluster-owner", "extra"], ["extra"])), CLUSTER_BINDINGS, OPEN)
    assert isinstance(create, Create)
    assert create.obj["roleTemplateName"] == "cluster-owner"
    assert given(made(**note(["extra"], ["extra"])), CLUSTER_BINDINGS, OPEN) == ()


def test_nothing_is_given_before_the_roles_that_come_with_drover_are_there() -> None:
    assert given(made(), CLUSTER_BINDINGS, replace(OPEN, roles=None)) == ()
    assert given(made(), CLUSTER_BINDINGS, None) == ()


@pytest.mark.parametrize("text", ["{", "[]", "1", '{"required": "x"}', '{"required": [1, null, ""]}'])
def test_a_note_that_nobody_understands_is_none_or_empty(text: str) -> None:
    assert noted(made(**{NOTE: text})) in (None, Note((), ()))


# --- Whom it is about -------------------------------------------------------------------------------------------------
def test_only_who_is_named_and_has_had_nothing_yet_is_given_rights() -> None:
    assert open_creator(made()) == "ann"
    assert open_creator(obj("Cluster", "edge")) == ""
    assert open_creator(made(**{"field.cattle.io/no-creator-rbac": "true"})) == ""
    assert open_creator(done("True")) == ""
    assert open_creator(done("Unknown")) == "ann"


def test_the_conditions_stay_true() -> None:
    def said(found: Object) -> Any:
        return {(each.status, each.reason) for each in conditions(found)}

    assert said(obj("Cluster", "edge")) == {("True", "NoCreator")}
    assert said(made()) == {("Unknown", "Progressing")}
    assert said(made(**note(["a"], ["a"]))) == {("True", "RolesGiven")}
    assert said(done("True")) == {("True", "RolesGiven")}


# --- In Clusters and Projects -----------------------------------------------------------------------------------------
def with_creator(found: Object) -> Object:
    return {**found, "metadata": {**found["metadata"], "annotations": ANN}}


def test_the_creator_of_a_cluster() -> None:
    world = cluster_world()
    world = replace(world, cluster=with_creator(world.cluster), creator=OPEN)
    create = decide_cluster(world).actions[0]
    assert isinstance(create, Create)
    assert create.gvr is CLUSTER_BINDINGS
    assert told(report_cluster(world, None))["CreatorMadeOwner"] == ("Unknown", "Progressing")
    assert told(report_cluster(cluster_world(), None))["InitialRolesPopulated"] == ("True", "NoCreator")


def test_the_creator_of_a_project() -> None:
    world = project_world()
    found = Creator("ann", ("project-owner",), "edge-shop", frozenset(), {"projectName": "edge:shop"})
    world = replace(world, project=with_creator(world.project), creator=found)
    create = decide_project(world).actions[0]
    assert isinstance(create, Create)
    assert create.gvr is PROJECT_BINDINGS
    assert create.obj["projectName"] == "edge:shop"
    assert told(report_project(world, None))["CreatorMadeOwner"] == ("Unknown", "Progressing")
