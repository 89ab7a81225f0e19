"""What Drover's own ServiceAccount may do to RBAC objects: those with its label, and two labels on ClusterRoles of
others."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.cluster.admission.apiserver import Apiserver
from tests.cluster.admission.users import DROVER, refused

_UNIT = {"drover.dev/unit": "0123456789abcdef"}
_RULES = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
_REASON = "with its label drover.dev/unit only"
_MARKS = {"management.cattle.io/aggregates": "view", "drover.dev/aggregated": "true"}


def rbac(kind: str, name: str, labels: dict[str, str] | None = None) -> dict[str, Any]:
    """A role or a binding of one."""
    namespaced = {"namespace": "default"} if not kind.startswith("Cluster") else {}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    content: dict[str, Any] = {"rules": _RULES}
    if kind.endswith("Binding"):
        subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "eve"}
        content = {"roleRef": reference, "subjects": [subject]}
    metadata = {"name": name, **namespaced, **({"labels": labels} if labels else {})}
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, **content}


@pytest.fixture
def made(api: Apiserver) -> Iterator[Any]:
    """Makes objects as the administrator, who also removes them."""
    objects: list[dict[str, Any]] = []

    def make(obj: dict[str, Any]) -> dict[str, Any]:
        answer = api.create(obj)
        assert answer.ok, answer.message
        objects.append(obj)
        return obj

    yield make
    for obj in objects:
        assert api.delete(obj, dry_run=False).ok


KINDS = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")


@pytest.mark.parametrize("kind", KINDS)
def test_drover_makes_and_removes_only_what_carries_its_label(api: Apiserver, made: Any, kind: str) -> None:
    refused(api.create(rbac(kind, "own-plain"), user=DROVER, dry_run=True), _REASON)
    assert api.create(rbac(kind, "own-marked", _UNIT), user=DROVER, dry_run=True).ok
    theirs = made(rbac(kind, "own-theirs"))
    refused(api.delete(theirs, user=DROVER), _REASON)
    refused(api.merge(theirs, {"metadata": {"labels": _UNIT}}, user=DROVER), _REASON)
    ours = made(rbac(kind, "own-ours", _UNIT))
    refused(api.merge(ours, {"metadata": {"labels": {"drover.dev/unit": None}}}, user=DROVER), _REASON)
    assert api.merge(ours, {"metadata": {"labels": {"a": "b"}}}, user=DROVER).ok
    assert api.delete(ours, user=DROVER).ok


@pytest.mark.parametrize("kind", KINDS)
def test_the_policy_is_about_drover_alone(api: Apiserver, kind: str) -> None:
    assert api.create(rbac(kind, "own-by-others"), dry_run=True).ok


def test_drover_changes_two_labels_of_a_cluster_role_of_others_and_nothing_else(api: Apiserver, made: Any) -> None:
    theirs = made(rbac("ClusterRole", "own-foreign", {"team": "a"}))
    assert api.merge(theirs, {"metadata": {"labels": _MARKS}}, user=DROVER).ok
    for changes in (
        {"metadata": {"labels": {**_MARKS, "rbac.authorization.k8s.io/aggregate-to-view": "true"}}},
        {"metadata": {"labels": {**_MARKS, "team": "b"}}},
        {"metadata": {"labels": {**_MARKS, "team": None}}},
        {"metadata": {"labels": _MARKS}, "rules": []},
        {"metadata": {"labels": _MARKS}, "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}},
    ):
        refused(api.merge(theirs, changes, user=DROVER), _REASON)
    for kind in ("Role", "RoleBinding", "ClusterRoleBinding"):
        refused(api.merge(made(rbac(kind, "own-no-role")), {"metadata": {"labels": _MARKS}}, user=DROVER), _REASON)


def test_what_drover_made_stays_its_own_when_somebody_takes_the_label_off(api: Apiserver) -> None:
    plain = rbac("ClusterRole", "own-stripped", _UNIT)
    path = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
    created = api.request("POST", f"{path}?fieldManager=drover-rights", plain, user=DROVER)
    assert created.ok
    try:
        assert api.merge(created.body, {"metadata": {"labels": None}}, dry_run=False).ok
        stripped = api.get(plain).body
        again = deepcopy(stripped)
        again["metadata"]["labels"] = _UNIT
        assert api.replace(again, user=DROVER).ok
    finally:
        assert api.delete(plain, dry_run=False).ok
