"""Which native kind and name a Workload stands for."""

from __future__ import annotations

from typing import Any

import pytest

from drover.rules import workload
from drover.rules.workload.native import CRON_JOB, DAEMON_SET, DEPLOYMENT, JOB, STATEFUL_SET


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, DEPLOYMENT),
        ({"deploymentConfig": {}}, DEPLOYMENT),
        ({"statefulSetConfig": {}, "deploymentConfig": None}, STATEFUL_SET),
        ({"daemonSetConfig": {"minReadySeconds": 1}}, DAEMON_SET),
        ({"cronJobConfig": {"schedule": "@daily"}}, CRON_JOB),
        ({"jobConfig": {}}, JOB),
        ({"replicaSetConfig": None}, DEPLOYMENT),
    ],
)
def test_the_config_that_is_set_decides_the_kind(spec: dict[str, Any], expected: workload.NativeKind) -> None:
    assert workload.kind(spec) is expected


@pytest.mark.parametrize(
    ("spec", "path", "says"),
    [
        ({"deploymentConfig": {}, "jobConfig": {}}, "spec.jobConfig", "spec.deploymentConfig is set too; keep one"),
        ({"replicaSetConfig": {}}, "spec.replicaSetConfig", "use spec.deploymentConfig instead"),
        (
            {"deploymentConfig": {}, "replicationControllerConfig": {}},
            "spec.replicationControllerConfig",
            "not supported",
        ),
        ({"jobConfig": 3}, "spec.jobConfig", "must be an object, not a number"),
    ],
)
def test_refuses_a_kind_that_is_not_clear(spec: dict[str, Any], path: str, says: str) -> None:
    with pytest.raises(workload.InvalidWorkload, match=says) as refusal:
        workload.kind(spec)
    assert refusal.value.path == path


def test_spec_name_wins_over_metadata_name() -> None:
    assert workload.name({"name": "web"}, "other") == "web"
    assert workload.name({}, "other") == "other"
    assert workload.name({"name": ""}, "other") == "other"


@pytest.mark.parametrize(
    ("spec", "metadata_name", "path", "says"),
    [
        ({"name": "Web"}, "web", "spec.name", "cannot name a workload: use lower-case letters"),
        ({"name": 3}, "web", "spec.name", "must be a string"),
        ({}, "web.shop", "metadata.name", "set spec.name to such a name"),
        ({}, "1web", "metadata.name", "beginning with a letter"),
        ({}, "w" * 64, "metadata.name", "at most 63 characters; set a shorter spec.name"),
        ({"name": "w" * 53, "statefulSetConfig": {}}, "web", "spec.name", "StatefulSet's name has at most 52"),
        ({"cronJobConfig": {}}, "w" * 53, "metadata.name", "CronJob's name has at most 52"),
    ],
)
def test_refuses_a_name_that_the_native_object_cannot_have(
    spec: dict[str, Any], metadata_name: str, path: str, says: str
) -> None:
    with pytest.raises(workload.InvalidWorkload, match=says) as refusal:
        workload.name(spec, metadata_name)
    assert refusal.value.path == path
