"""How native objects of each kind are read."""

from __future__ import annotations

from typing import Any

import pytest

from drover.rules import workload
from drover.rules.workload.native import CRON_JOB, DAEMON_SET, DEPLOYMENT, JOB, KINDS, STATEFUL_SET, NativeKind


def native(kind: NativeKind, spec: dict[str, Any], status: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    meta = {"name": "web", "namespace": "shop", "generation": 2, **metadata}
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": meta,
        "spec": spec,
        "status": {"observedGeneration": 2, **status},
    }


def condition(kind: str, status: str, reason: str = "", message: str = "") -> dict[str, Any]:
    return {"type": kind, "status": status, "reason": reason, "message": message}


DONE = condition("Progressing", "True", "NewReplicaSetAvailable")
ALL_THREE = {"replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3}
NODES = {
    "desiredNumberScheduled": 2,
    "currentNumberScheduled": 2,
    "updatedNumberScheduled": 2,
    "numberReady": 2,
    "numberAvailable": 2,
}
REVISIONS = {"currentRevision": "web-1", "updateRevision": "web-1"}

DEPLOYMENTS = [
    ("complete", {"replicas": 3}, {**ALL_THREE, "conditions": [DONE, condition("Available", "True")]}, "active", ""),
    ("scaled to none", {"replicas": 0}, {"conditions": [DONE]}, "active", ""),
    ("nothing yet", {}, {}, "updating", "replicas to be updated"),
    ("not updated", {"replicas": 3}, {**ALL_THREE, "updatedReplicas": 2}, "updating", "replicas to be updated"),
    ("old ones left", {"replicas": 3}, {**ALL_THREE, "replicas": 4}, "updating", "old replicas to end"),
    ("not ready", {"replicas": 3}, {**ALL_THREE, "readyReplicas": 1}, "updating", "become ready"),
    ("not available", {"replicas": 3}, {**ALL_THREE, "availableReplicas": 1}, "updating", "become available"),
    (
        "condition says unavailable",
        {"replicas": 3},
        {**ALL_THREE, "conditions": [condition("Available", "False", "MinimumReplicasUnavailable")]},
        "updating",
        "become available",
    ),
    (
        "rolling out",
        {"replicas": 3},
        {**ALL_THREE, "conditions": [condition("Progressing", "True", "ReplicaSetUpdated")]},
        "updating",
        "the new ReplicaSet",
    ),
    (
        "too late",
        {"replicas": 3},
        {"conditions": [condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out")]},
        "error",
        "timed out",
    ),
    (
        "pods refused",
        {"replicas": 3},
        {"conditions": [condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota"), DONE]},
        "error",
        "exceeded quota",
    ),
    (
        "paused half-way",
        {"replicas": 3, "paused": True},
        {**ALL_THREE, "updatedReplicas": 1},
        "updating",
        "spec.paused",
    ),
    (
        "paused when complete",
        {"replicas": 3, "paused": True},
        {**ALL_THREE, "conditions": [condition("Progressing", "Unknown", "DeploymentPaused")]},
        "active",
        "",
    ),
]
PARTITION = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
STATEFUL_SETS = [
    ("complete", {"replicas": 3}, {**ALL_THREE, **REVISIONS}, "active", ""),
    ("fewer", {"replicas": 3}, {"replicas": 2, "readyReplicas": 2, "updatedReplicas": 2}, "updating", "become ready"),
    ("more", {"replicas": 1}, {**ALL_THREE, **REVISIONS}, "updating", "old replicas to end"),
    ("not updated", {"replicas": 3}, {**ALL_THREE, **REVISIONS, "updatedReplicas": 1}, "updating", "to be updated"),
    (
        "two revisions",
        {"replicas": 3},
        {**ALL_THREE, "currentRevision": "a", "updateRevision": "b"},
        "updating",
        "completed",
    ),
    (
        "partition reached",
        {"replicas": 3, "updateStrategy": PARTITION},
        {**ALL_THREE, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"},
        "active",
        "",
    ),
    (
        "partition not reached",
        {"replicas": 3, "updateStrategy": PARTITION},
        {**ALL_THREE, "updatedReplicas": 0, "currentRevision": "a", "updateRevision": "b"},
        "updating",
        "to be updated",
    ),
    (
        "updated on delete",
        {"replicas": 3, "updateStrategy": {"type": "OnDelete"}},
        {**ALL_THREE, "updatedReplicas": 0, "currentRevision": "a", "updateRevision": "b"},
        "active",
        "",
    ),
    (
        "updated on delete, not ready",
        {"replicas": 3, "updateStrategy": {"type": "OnDelete"}},
        {**ALL_THREE, "readyReplicas": 2},
        "updating",
        "become ready",
    ),
]
DAEMON_SETS = [
    ("complete", {}, NODES, "active", ""),
    ("no matching node", {}, dict.fromkeys(NODES, 0), "active", ""),
    ("not counted", {}, {}, "updating", "nodes to be counted"),
    ("missing pods", {}, {**NODES, "currentNumberScheduled": 1}, "updating", "pods on all matching nodes"),
    ("not updated", {}, {**NODES, "updatedNumberScheduled": 1}, "updating", "pods to be updated"),
    (
        "updated on delete",
        {"updateStrategy": {"type": "OnDelete"}},
        {**NODES, "updatedNumberScheduled": 0},
        "active",
        "",
    ),
    ("not ready", {}, {**NODES, "numberReady": 1}, "updating", "become ready"),
    ("not available", {}, {**NODES, "numberAvailable": 1}, "updating", "become available"),
]
JOBS = [
    ("not started", {"parallelism": 1}, {}, "updating", "the Job to start"),
    ("running", {"parallelism": 1}, {"startTime": "t", "active": 1}, "active", "is running"),
    (
        "complete",
        {},
        {"startTime": "t", "succeeded": 1, "conditions": [condition("Complete", "True")]},
        "active",
        "is complete",
    ),
    (
        "failed",
        {},
        {"startTime": "t", "conditions": [condition("Failed", "True", "BackoffLimitExceeded", "too often")]},
        "error",
        "too often",
    ),
    (
        "failing",
        {},
        {"startTime": "t", "conditions": [condition("FailureTarget", "True", "PodFailurePolicy", "exit code 42")]},
        "error",
        "exit code 42",
    ),
    ("suspended", {"suspend": True}, {}, "active", "is suspended; set spec.suspend to false"),
]
CRON_JOBS = [
    ("waiting for its time", {"schedule": "@daily"}, {}, "active", "on schedule"),
    ("running one", {"schedule": "@daily"}, {"active": [{"name": "web-1"}]}, "active", "on schedule"),
    ("suspended", {"suspend": True}, {}, "active", "spec.cronJobConfig.suspend"),
]
CASES = [
    pytest.param(kind, *case[1:], id=f"{kind.kind}: {case[0]}")
    for kind, cases in (
        (DEPLOYMENT, DEPLOYMENTS),
        (STATEFUL_SET, STATEFUL_SETS),
        (DAEMON_SET, DAEMON_SETS),
        (JOB, JOBS),
        (CRON_JOB, CRON_JOBS),
    )
    for case in cases
]


@pytest.mark.parametrize(("kind", "spec", "status", "state", "says"), CASES)
def test_reads_the_state(kind: NativeKind, spec: dict[str, Any], status: dict[str, Any], state: str, says: str) -> None:
    result = workload.status(native(kind, spec, status), kind)
    assert (result.state, says in result.message) == (state, True), result
    assert (result.is_ready, result.is_progressing, result.is_failed).count(True) == 1
    assert result.reason


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_an_object_that_does_not_exist_is_on_its_way(kind: NativeKind) -> None:
    result = workload.status(None, kind)
    assert (result.state, result.is_progressing, result.reason) == ("updating", True, "NotCreated")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_an_object_that_is_being_deleted_is_removing(kind: NativeKind) -> None:
    result = workload.status(native(kind, {}, {}, deletionTimestamp="2026-01-02T03:04:05Z"), kind)
    assert (result.state, result.is_progressing) == ("removing", True)


@pytest.mark.parametrize("kind", [DEPLOYMENT, STATEFUL_SET, DAEMON_SET], ids=lambda kind: kind.kind)
def test_a_status_from_before_the_last_change_is_not_believed(kind: NativeKind) -> None:
    full = {**ALL_THREE, **NODES, **REVISIONS, "conditions": [DONE]}
    result = workload.status(native(kind, {"replicas": 3}, full, generation=3), kind)
    assert (result.state, result.reason) == ("updating", "ObservedGenerationBehind")
    old_failure = {**full, "conditions": [condition("Progressing", "False", "ProgressDeadlineExceeded")]}
    assert not workload.status(native(kind, {"replicas": 3}, old_failure, generation=3), kind).is_failed


def test_jobs_report_no_observed_generation() -> None:
    job = native(JOB, {}, {"startTime": "t"}, generation=9)
    del job["status"]["observedGeneration"]
    assert workload.status(job, JOB).is_ready


def test_counts_are_those_of_the_native_object() -> None:
    status = workload.status(native(DEPLOYMENT, {"replicas": 5}, ALL_THREE), DEPLOYMENT)
    assert (status.desired, status.replicas, status.updated, status.ready) == (5, 3, 3, 3)
    nodes = workload.status(native(DAEMON_SET, {}, {**NODES, "numberReady": 1}), DAEMON_SET)
    assert (nodes.desired, nodes.replicas, nodes.updated, nodes.ready) == (2, 2, 2, 1)


@pytest.mark.parametrize(
    ("spec", "status", "desired"),
    [
        ({"parallelism": 3}, {"startTime": "t"}, 3),
        ({"parallelism": 3, "completions": 4}, {"startTime": "t", "succeeded": 2}, 2),
        ({"parallelism": 0, "completions": 4}, {"startTime": "t"}, 0),
        ({"parallelism": 3, "suspend": True}, {}, 0),
        ({"parallelism": 3}, {"conditions": [condition("Complete", "True")]}, 0),
    ],
)
def test_a_job_wants_the_pods_that_still_have_to_run(
    spec: dict[str, Any], status: dict[str, Any], desired: int
) -> None:
    assert workload.status(native(JOB, spec, status), JOB).desired == desired


def test_the_selector_is_written_for_the_scale_subresource() -> None:
    selector = {
        "matchLabels": {"b": "2", "a": "1"},
        "matchExpressions": [
            {"key": "c", "operator": "In", "values": ["y", "x"]},
            {"key": "d", "operator": "NotIn", "values": ["z"]},
            {"key": "e", "operator": "Exists"},
            {"key": "f", "operator": "DoesNotExist"},
        ],
    }
    status = workload.status(native(DEPLOYMENT, {"selector": selector}, {}), DEPLOYMENT)
    assert status.selector == "a=1,b=2,c in (x,y),d notin (z),e,!f"
    assert workload.status(native(JOB, {"selector": selector}, {}), JOB).selector == ""
