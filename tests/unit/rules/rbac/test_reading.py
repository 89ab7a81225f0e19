"""What slipped past the schemas reads as nothing, and nothing raises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.rules.rbac import world

from drover.kube.gvr import Object
from drover.rules.rbac import reading
from drover.rules.rbac.compiling import desired
from drover.rules.rbac.facts import Rule
from drover.rules.rbac.snapshot import Snapshot
from drover.rules.rbac.touched import KINDS, touched

_FIELDS = (
    *("rules", "roleTemplateNames", "externalRules", "external", "context", "enabled", "principalIds", "spec"),
    *("namespacedRules", "inheritedNamespacedRules", "inheritedClusterRoles", "inheritedFleetWorkspacePermissions"),
    *("userName", "groupName", "roleTemplateName", "clusterName", "projectName", "serviceAccount", "status"),
)
_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(_FIELDS), _JUNK, max_size=6), _JUNK)
def test_junk_reads_as_nothing_and_never_raises(kind: str, fields: dict[str, Any], junk: object) -> None:
    obj = {**world.thing(kind, "x", "c1"), **fields}
    snapshot = Snapshot([world.cluster("c1")])
    snapshot.change(kind, None, obj)
    touched(kind, None, obj, snapshot)
    desired(snapshot)
    for read in (reading.role_template, reading.global_role, reading.project_binding, reading.user, reading.project):
        read(junk)
        read({"metadata": junk})


@pytest.mark.parametrize(
    "rule",
    [
        {"verbs": [], "apiGroups": [""], "resources": ["pods"]},
        {"verbs": ["get"], "resources": ["pods"]},
        {"verbs": ["get"], "apiGroups": [""]},
        {"verbs": ["get"]},
        {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "nonResourceURLs": ["/x"]},
        {"verbs": "get", "apiGroups": [""], "resources": ["pods"]},
        {"verbs": ["get", 1], "apiGroups": [""], "resources": ["pods"]},
        {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": "x"},
        None,
        [],
        "get pods",
    ],
)
def test_a_rule_that_no_kube_apiserver_takes_is_left_out_and_the_rest_stays(rule: object) -> None:
    good = world.policy_rule("get", "", "pods")
    assert reading.rules([rule, good]) == (Rule(("get",), ("",), ("pods",)),)


@pytest.mark.parametrize("name", ["Caps", "a/b", "../x", "", "x" * 64, "-x"])
def test_rules_for_what_is_no_namespace_are_left_out(name: str) -> None:
    role = world.global_role("x", namespacedRules={name: [world.policy_rule("get", "", "pods")]})
    read = reading.global_role(role)
    assert read is not None
    assert read.namespaced == {}


def test_rules_about_urls_are_in_no_namespace() -> None:
    read = reading.global_role(world.global_role("x", inheritedNamespacedRules={"n": [world.url_rule("get", "*")]}))
    assert read is not None
    assert read.inherited == {}


def test_a_binding_in_another_namespace_than_its_cluster_s_reads_as_nothing() -> None:
    binding = world.in_cluster("b", "c1", "dev", groupName="g")
    binding["metadata"]["namespace"] = "c2"
    assert reading.cluster_binding(binding) is None


@pytest.mark.parametrize("project", ["p1", ":p1", "c1:", "c1:p1:x", ""])
def test_a_binding_that_names_no_project_reads_as_nothing(project: str) -> None:
    assert reading.project_binding(world.in_project("b", project, "dev", namespace="n", groupName="g")) is None


def test_a_role_of_an_unknown_context_can_be_given_nowhere() -> None:
    read = reading.role_template(world.role_template("x", "galaxy"))
    assert read is not None
    assert read.context == ""


def test_an_object_that_becomes_junk_is_forgotten() -> None:
    good = world.user("u-a")
    bad: Object = {**good, "metadata": {"name": "u-a"}}
    snapshot = Snapshot([good])
    snapshot.change("User", good, bad)
    assert snapshot.user("u-a") is None
