"""The specs of Jobs and CronJobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drover.rules.workload.kind_fields import JOB_FIELDS
from drover.rules.workload.shape import InvalidWorkload, choice, flag, given, labels, mapping, text

_CONFIG: Final = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit")
_SCHEDULE: Final = ("startingDeadlineSeconds", "suspend", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")


def job(
    spec: Mapping[str, Any], config: Mapping[str, Any], *, selector: Mapping[str, Any], template: Mapping[str, Any]
) -> dict[str, Any]:
    """A JobSpec. Kubernetes makes the selector, unless `manualSelector` is set and `spec.selector` given."""
    native = given(config, _CONFIG) | given(spec, ("suspend", *JOB_FIELDS))
    manual = flag(config.get("manualSelector"), "spec.jobConfig.manualSelector")
    if manual and not selector:
        raise InvalidWorkload("spec.selector", "is missing; spec.jobConfig.manualSelector needs it")
    if selector and not manual:
        raise InvalidWorkload(
            "spec.selector", "Kubernetes makes a Job's selector; remove it, or set spec.jobConfig.manualSelector"
        )
    if manual:
        native |= {"manualSelector": True, "selector": selector}
    return native | {"template": template}


def cron_job(
    spec: Mapping[str, Any], config: Mapping[str, Any], *, selector: Mapping[str, Any], template: Mapping[str, Any]
) -> dict[str, Any]:
    """A CronJobSpec. `cronJobConfig.suspend` suspends the schedule."""
    path = "spec.cronJobConfig"
    schedule = text(config.get("schedule"), f"{path}.schedule")
    if not schedule:
        raise InvalidWorkload(f"{path}.schedule", 'is missing; write it like "*/5 * * * *" (every five minutes)')
    job_config = mapping(config.get("jobConfig"), f"{path}.jobConfig")
    if selector or flag(job_config.get("manualSelector"), f"{path}.jobConfig.manualSelector"):
        where = "spec.selector" if selector else f"{path}.jobConfig.manualSelector"
        raise InvalidWorkload(where, "Kubernetes makes the selectors of a CronJob's Jobs; remove the field")
    native = {"schedule": schedule} | given(spec, ("timeZone",)) | given(config, _SCHEDULE)
    if policy := choice(config.get("concurrencyPolicy"), f"{path}.concurrencyPolicy", ("Allow", "Forbid", "Replace")):
        native["concurrencyPolicy"] = policy
    metadata: dict[str, Any] = {}
    for field, source in (("labels", "jobLabels"), ("annotations", "jobAnnotations")):
        if values := labels(config.get(source), f"{path}.{source}"):
            metadata[field] = values
    job_template: dict[str, Any] = {"metadata": metadata} if metadata else {}
    job_template["spec"] = given(job_config, _CONFIG) | given(spec, JOB_FIELDS) | {"template": template}
    return native | {"jobTemplate": job_template}
