"""Which fields beside the configs belong to which kind. A field that has no effect is refused rather than ignored."""

from __future__ import annotations

from typing import Final

from drover.api.rule import Rule

CONFIGS: Final = ("deploymentConfig", "statefulSetConfig", "daemonSetConfig", "jobConfig", "cronJobConfig")
"""The fields that choose the kind; without any it is the first one."""

_DEPLOYMENT, _STATEFUL_SET, _DAEMON_SET, _JOB, _CRON_JOB = CONFIGS
_FLAGS: Final = frozenset({"paused", "suspend"})

KINDS_OF_FIELD: Final = {
    "scale": (_DEPLOYMENT, _STATEFUL_SET),
    "paused": (_DEPLOYMENT,),
    "ordinals": (_STATEFUL_SET,),
    "persistentVolumeClaimRetentionPolicy": (_STATEFUL_SET,),
    "minReadySeconds": (_STATEFUL_SET,),
    "maxUnavailable": (_STATEFUL_SET,),
    "maxSurge": (_DAEMON_SET,),
    "suspend": (_JOB,),
    "timeZone": (_CRON_JOB,),
    **dict.fromkeys(
        (
            "activeDeadlineSeconds",
            "backoffLimitPerIndex",
            "completionMode",
            "managedBy",
            "maxFailedIndexes",
            "podFailurePolicy",
            "podReplacementPolicy",
            "successPolicy",
            "ttlSecondsAfterFinished",
        ),
        (_JOB, _CRON_JOB),
    ),
}
"""The configs with which a field of the spec has an effect."""


def _is(config: str) -> str:
    if config != _DEPLOYMENT:
        return f"has(self.{config})"
    return f"!({' || '.join(f'has(self.{other})' for other in CONFIGS[1:])})"


def _lost(field: str) -> str:
    """Whether the field is set and has no effect; a flag that is false says nothing."""
    given = f"has(self.{field})" + (f" && self.{field}" if field in _FLAGS else "")
    return f"({given} && !({' || '.join(map(_is, KINDS_OF_FIELD[field]))}))"


FITTING: Final = Rule(
    " && ".join(f"!{_lost(field)}" for field in KINDS_OF_FIELD),
    "a field has no effect on this kind of workload; remove it, or set what the config of the kind has for it",
    text="'no effect on this kind of workload; remove, or set what the config of the kind has instead: '"
    + "".join(f" + ({_lost(field)} ? 'spec.{field} ' : '')" for field in KINDS_OF_FIELD),
)
