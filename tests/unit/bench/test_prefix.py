"""Several clusters on one kube-apiserver."""

from __future__ import annotations

import pytest
from bench.asking import review
from bench.prefix import Prefix, Target, target

from drover.api.keys import AGGREGATES
from drover.kube.gvr import Object
from drover.rules.rbac.model import Request

MINE = Prefix("c07-")
RBAC = "/apis/rbac.authorization.k8s.io/v1"


@pytest.mark.parametrize(
    ("path", "there", "leads_to"),
    [
        ("/version", "/version", Target("", "", "")),
        ("/api/v1", "/api/v1", Target("", "", "")),
        ("/api/v1/namespaces", "/api/v1/namespaces", Target("namespaces", "", "")),
        ("/api/v1/namespaces/shop", "/api/v1/namespaces/c07-shop", Target("namespaces", "", "shop")),
        ("/api/v1/namespaces/shop/status", "/api/v1/namespaces/c07-shop/status", Target("namespaces", "", "shop")),
        ("/api/v1/namespaces/shop/secrets/x", "/api/v1/namespaces/c07-shop/secrets/x", Target("secrets", "shop", "x")),
        ("/api/v1/nodes/n1", "/api/v1/nodes/n1", Target("nodes", "", "n1")),
        ("/apis/apps/v1/deployments", "/apis/apps/v1/deployments", Target("deployments", "", "")),
        (f"{RBAC}/clusterroles/a%3Ab", f"{RBAC}/clusterroles/c07-a%3Ab", Target("clusterroles", "", "a%3Ab")),
    ],
)
def test_a_path_leads_to_the_objects_of_one_cluster(path: str, there: str, leads_to: Target) -> None:
    assert (MINE.path(path), target(path)) == (there, leads_to)


def _binding(name: str = "rt-dev", namespace: str = "") -> Object:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {
        "metadata": metadata,
        "roleRef": {"kind": "ClusterRole", "name": "dev"},
        "subjects": [
            {"kind": "User", "name": "ann"},
            {"kind": "Group", "name": "team"},
            {"kind": "ServiceAccount", "name": "ci", "namespace": "shop"},
        ],
    }


def test_a_binding_of_one_cluster_is_of_other_people_than_that_of_another() -> None:
    there = MINE.inward("clusterrolebindings", _binding())
    assert there["metadata"]["name"] == "c07-rt-dev"
    assert there["roleRef"]["name"] == "c07-dev"
    assert [each["name"] for each in there["subjects"]] == ["c07-ann", "c07-team", "ci"]
    assert there["subjects"][2]["namespace"] == "c07-shop"


@pytest.mark.parametrize(
    ("resource", "obj"),
    [
        ("clusterrolebindings", _binding()),
        ("rolebindings", _binding(namespace="shop")),
        (
            "clusterroles",
            {
                "metadata": {"name": "dev", "labels": {AGGREGATES: "dev", "team": "x"}},
                "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {AGGREGATES: "view"}}]},
            },
        ),
        ("namespaces", {"metadata": {"name": "shop", "labels": {"kubernetes.io/metadata.name": "shop"}}}),
        ("secrets", {"metadata": {"name": "s", "namespace": "shop"}}),
        ("nodes", {"metadata": {"name": "n1"}}),
        ("validatingadmissionpolicies", {"metadata": {"name": "p"}, "spec": {"matchConditions": [{"name": "one"}]}}),
        ("validatingadmissionpolicybindings", {"metadata": {"name": "p"}, "spec": {"policyName": "p"}}),
    ],
)
def test_what_is_put_in_comes_back_the_same(resource: str, obj: Object) -> None:
    there = MINE.inward(resource, obj)
    assert MINE.outward(resource, there) == obj
    if resource != "nodes":
        assert there != obj
        assert Prefix("c08-").outward(resource, there) is None


def test_roles_add_up_within_one_cluster_only() -> None:
    selector = {"clusterRoleSelectors": [{"matchLabels": {AGGREGATES: "view"}}]}
    there = MINE.inward("clusterroles", {"metadata": {"name": "dev"}, "aggregationRule": selector})
    assert there["aggregationRule"]["clusterRoleSelectors"][0]["matchLabels"] == {AGGREGATES: "c07-view"}


def test_a_question_is_about_the_people_of_one_cluster() -> None:
    asked = MINE.inward("subjectaccessreviews", review(Request("get", "", "pods", namespace="shop"), "ann", ["team"]))
    assert asked["spec"] == {
        "user": "c07-ann",
        "groups": ["c07-team"],
        "resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "c07-shop"},
    }


def test_an_error_names_what_was_asked_for() -> None:
    error = {"kind": "Status", "metadata": {}, "details": {"name": "c07-dev"}, "message": '"c07-dev" not found'}
    found = MINE.outward("clusterroles", error)
    assert found is not None
    assert (found["details"]["name"], found["message"]) == ("dev", '"dev" not found')
