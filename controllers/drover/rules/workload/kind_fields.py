"""Which top-level fields belong to which kind. A field that has no effect is refused rather than ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drover.rules.workload.native import CRON_JOB, DAEMON_SET, DEPLOYMENT, JOB, STATEFUL_SET, NativeKind
from drover.rules.workload.shape import InvalidWorkload

_JOBS: Final = frozenset({JOB, CRON_JOB})

JOB_FIELDS: Final = (
    "backoffLimitPerIndex",
    "completionMode",
    "managedBy",
    "maxFailedIndexes",
    "podFailurePolicy",
    "podReplacementPolicy",
    "successPolicy",
    "ttlSecondsAfterFinished",
)
"""Fields of a Job's spec that lie beside `jobConfig`, not in it."""

_KINDS_OF_FIELD: Final[Mapping[str, frozenset[NativeKind]]] = {
    "scale": frozenset({DEPLOYMENT, STATEFUL_SET}),
    "paused": frozenset({DEPLOYMENT}),
    "ordinals": frozenset({STATEFUL_SET}),
    "persistentVolumeClaimRetentionPolicy": frozenset({STATEFUL_SET}),
    "minReadySeconds": frozenset({STATEFUL_SET}),
    "maxUnavailable": frozenset({STATEFUL_SET}),
    "maxSurge": frozenset({DAEMON_SET}),
    "suspend": frozenset({JOB}),
    "timeZone": frozenset({CRON_JOB}),
    "activeDeadlineSeconds": _JOBS,
    **dict.fromkeys(JOB_FIELDS, _JOBS),
}

_REMEDIES: Final[Mapping[tuple[str, NativeKind], str]] = {
    ("scale", DAEMON_SET): "it runs one pod on every matching node; remove the field",
    ("scale", JOB): "set spec.jobConfig.parallelism instead",
    ("scale", CRON_JOB): "set spec.cronJobConfig.jobConfig.parallelism instead",
    ("paused", CRON_JOB): "set spec.cronJobConfig.suspend instead",
    ("paused", JOB): "set spec.suspend instead",
    ("suspend", CRON_JOB): "set spec.cronJobConfig.suspend instead",
    ("minReadySeconds", DEPLOYMENT): "set spec.deploymentConfig.minReadySeconds instead",
    ("minReadySeconds", DAEMON_SET): "set spec.daemonSetConfig.minReadySeconds instead",
    ("maxUnavailable", DEPLOYMENT): "set spec.deploymentConfig.maxUnavailable instead",
    ("maxUnavailable", DAEMON_SET): "set spec.daemonSetConfig.maxUnavailable instead",
    ("maxSurge", DEPLOYMENT): "set spec.deploymentConfig.maxSurge instead",
}


def require_fitting(spec: Mapping[str, Any], native: NativeKind) -> None:
    """Raises InvalidWorkload for a field of another kind. `null` and `false` say nothing and are let through."""
    for field, kinds in _KINDS_OF_FIELD.items():
        value = spec.get(field)
        if value is not None and value is not False and native not in kinds:
            wanted = " or ".join(sorted(kind.kind for kind in kinds))
            remedy = _REMEDIES.get((field, native), f"it is for a {wanted}; remove the field, or change the kind")
            raise InvalidWorkload(f"spec.{field}", f"has no effect on a {native.kind}: {remedy}")
