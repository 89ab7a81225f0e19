"""Which differences Kubernetes will not apply."""

from __future__ import annotations

from typing import Any

import pytest

from drover.rules import workload

SELECTOR = {"matchLabels": {"app": "web"}}
CLAIM: dict[str, Any] = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}}},
}
LIVE_CLAIM: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data"},
    "spec": {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
        "volumeMode": "Filesystem",
    },
    "status": {"phase": "Pending"},
}
POD = {"spec": {"containers": [{"name": "web", "image": "web:1", "stdin": False}], "restartPolicy": "Never"}}
SIZED = {"spec": {"containers": [{"name": "web", "image": "web:1", "resources": {"requests": {"cpu": "1"}}}]}}
LIVE_POD = {
    "metadata": {"labels": {"batch.kubernetes.io/job-name": "web"}},
    "spec": {
        "containers": [{"name": "web", "image": "web:1", "imagePullPolicy": "IfNotPresent", "resources": {}}],
        "restartPolicy": "Never",
        "dnsPolicy": "ClusterFirst",
    },
}
LIVE_STATEFUL_SET = {"selector": SELECTOR, "podManagementPolicy": "OrderedReady", "replicas": 1, "serviceName": ""}
LIVE_JOB = {
    "parallelism": 1,
    "completions": 1,
    "completionMode": "NonIndexed",
    "backoffLimit": 6,
    "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}},
    "template": LIVE_POD,
}


def change(
    kind: str, live: dict[str, Any], wanted: dict[str, Any], status: dict[str, Any] | None = None
) -> tuple[str, ...]:
    return workload.immutable_change(
        {"kind": kind, "spec": live, "status": status or {}}, {"kind": kind, "spec": wanted}
    )


def pod(image: str = "web:1", **spec: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "web", "image": image}], "restartPolicy": "Never", **spec}}


@pytest.mark.parametrize(
    ("kind", "live", "wanted"),
    [
        ("Deployment", {"selector": SELECTOR, "replicas": 1}, {"selector": SELECTOR, "replicas": 3, "template": POD}),
        ("DaemonSet", {"selector": {**SELECTOR, "matchExpressions": []}}, {"selector": SELECTOR}),
        ("CronJob", {"schedule": "@daily"}, {"schedule": "@hourly"}),
        ("StatefulSet", LIVE_STATEFUL_SET, {"selector": SELECTOR, "replicas": 2, "minReadySeconds": 5}),
        (
            "StatefulSet",
            {**LIVE_STATEFUL_SET, "volumeClaimTemplates": [LIVE_CLAIM]},
            {"selector": SELECTOR, "volumeClaimTemplates": [CLAIM]},
        ),
        ("Job", LIVE_JOB, {"template": POD}),
        ("Job", LIVE_JOB, {"template": POD, "parallelism": 1, "completions": 1, "backoffLimit": 2, "suspend": True}),
        ("Job", {**LIVE_JOB, "completions": None, "parallelism": 4}, {"template": POD, "parallelism": 2}),
        ("Job", LIVE_JOB, {"template": POD, "parallelism": 3}),
        ("Job", {**LIVE_JOB, "suspend": True}, {"template": SIZED, "suspend": True}),
        (
            "Job",
            {**LIVE_JOB, "completionMode": "Indexed", "completions": 2, "parallelism": 2},
            {"template": POD, "completionMode": "Indexed", "completions": 5, "parallelism": 5},
        ),
        (
            "Job",
            {**LIVE_JOB, "suspend": True},
            {"template": pod(tolerations=[{"operator": "Exists"}]), "suspend": True},
        ),
    ],
)
def test_what_kubernetes_changes_or_fills_in_is_no_obstacle(
    kind: str, live: dict[str, Any], wanted: dict[str, Any]
) -> None:
    assert change(kind, live, wanted) == ()


@pytest.mark.parametrize(
    ("kind", "live", "wanted", "paths"),
    [
        ("Deployment", {"selector": SELECTOR}, {"selector": {"matchLabels": {"app": "api"}}}, ("spec.selector",)),
        (
            "DaemonSet",
            {"selector": {"matchLabels": {"app": "web", "b": "c"}}},
            {"selector": SELECTOR},
            ("spec.selector",),
        ),
        ("StatefulSet", LIVE_STATEFUL_SET, {"selector": SELECTOR, "serviceName": "web"}, ("spec.serviceName",)),
        ("StatefulSet", {**LIVE_STATEFUL_SET, "serviceName": "web"}, {"selector": SELECTOR}, ("spec.serviceName",)),
        (
            "StatefulSet",
            {**LIVE_STATEFUL_SET, "volumeClaimTemplates": [LIVE_CLAIM]},
            {"selector": {}, "podManagementPolicy": "Parallel"},
            ("spec.podManagementPolicy", "spec.selector", "spec.volumeClaimTemplates"),
        ),
        (
            "StatefulSet",
            {**LIVE_STATEFUL_SET, "volumeClaimTemplates": [LIVE_CLAIM]},
            {
                "selector": SELECTOR,
                "volumeClaimTemplates": [{**CLAIM, "spec": {**LIVE_CLAIM["spec"], "storageClassName": "fast"}}],
            },
            ("spec.volumeClaimTemplates",),
        ),
        ("Job", LIVE_JOB, {"template": pod("web:2")}, ("spec.template",)),
        ("Job", LIVE_JOB, {"template": POD, "completions": 3}, ("spec.completions",)),
        ("Job", {**LIVE_JOB, "completions": 3}, {"template": POD}, ("spec.completions",)),
        ("Job", {**LIVE_JOB, "completions": None, "parallelism": 3}, {"template": POD}, ("spec.completions",)),
        ("Job", LIVE_JOB, {"template": SIZED}, ("spec.template",)),
        ("Job", LIVE_JOB, {"template": POD, "completionMode": "Indexed"}, ("spec.completionMode",)),
        ("Job", LIVE_JOB, {"template": POD, "successPolicy": {"rules": []}}, ("spec.successPolicy",)),
        ("Job", {**LIVE_JOB, "suspend": True}, {"template": pod("web:2"), "suspend": True}, ("spec.template",)),
    ],
)
def test_names_the_fields_that_kubernetes_will_not_change(
    kind: str, live: dict[str, Any], wanted: dict[str, Any], paths: tuple[str, ...]
) -> None:
    assert change(kind, live, wanted) == paths


def test_a_suspended_job_that_has_run_before_keeps_its_node_choice() -> None:
    wanted = {"template": pod(tolerations=[{"operator": "Exists"}]), "suspend": True}
    assert change("Job", {**LIVE_JOB, "suspend": True}, wanted, {"startTime": "t"}) == ("spec.template",)
