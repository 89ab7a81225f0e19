"""What only one kind of workload has."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from drover.api.project.claim import ClaimTemplate
from drover.api.resource import Model
from drover.api.rule import Rule
from drover.api.scalars import Int32, Int64, IntOrString, NonNegative, StringMap

_CRON: Final = (
    r"^((CRON_)?TZ=\S+\s+)?(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|@every\s+\S+|\S+(\s+\S+){4})$"
)


class DeploymentConfig(Model):
    """A Deployment."""

    strategy: Literal["", "RollingUpdate", "Recreate"] = ""
    """How pods are replaced. Default `RollingUpdate`."""
    max_surge: IntOrString | None = None
    """Pods beyond the scale while updating. Default 25%."""
    max_unavailable: IntOrString | None = None
    """Pods that may be missing while updating. Default 25%."""
    min_ready_seconds: NonNegative | None = None
    """Seconds a pod must be ready to count."""
    revision_history_limit: NonNegative | None = None
    """Old revisions to keep. Default 10."""
    progress_deadline_seconds: NonNegative | None = None
    """Seconds after which an update has failed. Default 600."""


class StatefulSetConfig(Model):
    """A StatefulSet."""

    strategy: Literal["", "RollingUpdate", "OnDelete"] = ""
    """How pods are replaced. Default `RollingUpdate`."""
    partition: NonNegative | None = None
    """Pods below this number stay as they are."""
    service_name: Annotated[str, Field(max_length=63)] = ""
    """Headless Service of the pods."""
    pod_management_policy: Literal["", "OrderedReady", "Parallel"] = ""
    """Whether pods start one by one. Default `OrderedReady`."""
    revision_history_limit: NonNegative | None = None
    """Old revisions to keep. Default 10."""
    volume_claim_templates: Annotated[tuple[ClaimTemplate, ...], Field(max_length=32)] = ()
    """Claims that are made for each pod."""


class DaemonSetConfig(Model):
    """A DaemonSet."""

    strategy: Literal["", "RollingUpdate", "OnDelete"] = ""
    """How pods are replaced. Default `RollingUpdate`."""
    max_unavailable: IntOrString | None = None
    """Pods that may be missing while updating. Default 1."""
    min_ready_seconds: NonNegative | None = None
    """Seconds a pod must be ready to count."""
    revision_history_limit: NonNegative | None = None
    """Old revisions to keep. Default 10."""


class JobConfig(Model):
    """A Job, or the Jobs of a CronJob."""

    parallelism: NonNegative | None = None
    """Pods at a time. Default 1."""
    completions: NonNegative | None = None
    """Pods that must succeed. Default 1."""
    active_deadline_seconds: Annotated[Int64 | None, Field(ge=0)] = None
    """Seconds the job may run."""
    backoff_limit: NonNegative | None = None
    """Failures before it has failed. Default 6."""
    manual_selector: bool | None = None
    """Whether spec.selector is used."""


class CronJobConfig(Model):
    """A CronJob."""

    schedule: Annotated[
        str,
        Field(max_length=256),
        Rule(
            f"self.matches(r'{_CRON}')",
            "must have five fields (minute, hour, day, month, weekday), such as `*/5 * * * *`, or be one like `@daily`",
        ),
    ]
    """When it runs: minute, hour, day, month, weekday."""
    concurrency_policy: Literal["", "Allow", "Forbid", "Replace"] = ""
    """What happens when the last run is not over. Default `Allow`."""
    starting_deadline_seconds: Annotated[Int64 | None, Field(ge=0)] = None
    """Seconds that a start may be late."""
    suspend: bool | None = None
    """Whether it starts nothing."""
    successful_jobs_history_limit: NonNegative | None = None
    """Succeeded Jobs to keep. Default 3."""
    failed_jobs_history_limit: NonNegative | None = None
    """Failed Jobs to keep. Default 1."""
    job_config: JobConfig | None = None
    """The Jobs."""
    job_labels: StringMap = {}
    """Labels of the Jobs."""
    job_annotations: StringMap = {}
    """Annotations of the Jobs."""


class Ordinals(Model):
    """Numbers of the pods."""

    start: NonNegative | None = None
    """The first. Default 0."""


class ClaimRetention(Model):
    """What becomes of claims."""

    when_deleted: Literal["", "Retain", "Delete"] = ""
    """With the StatefulSet. Default `Retain`."""
    when_scaled: Literal["", "Retain", "Delete"] = ""
    """With fewer pods. Default `Retain`."""


class FailureExitCodes(Model):
    """Exit codes of a container."""

    container_name: Annotated[str, Field(max_length=63)] | None = None
    """Container; absent: any."""
    operator: Literal["In", "NotIn"]
    """Whether the code must be in the list."""
    values: Annotated[tuple[Int32, ...], Field(max_length=255)] = ()
    """Codes."""


class FailureCondition(Model):
    """A condition of a failed pod."""

    type: Annotated[str, Field(max_length=317)]
    """Condition."""
    status: Literal["", "True", "False", "Unknown"] = ""
    """Default `True`."""


class FailureRule(Model):
    """What a failure means."""

    action: Literal["FailJob", "FailIndex", "Ignore", "Count"]
    """What happens."""
    on_exit_codes: FailureExitCodes | None = None
    """After these exit codes."""
    on_pod_conditions: Annotated[tuple[FailureCondition, ...], Field(max_length=20)] = ()
    """Or with one of these conditions."""


class PodFailurePolicy(Model):
    """What failures mean; the first rule that fits."""

    rules_: Annotated[tuple[FailureRule, ...], Field(alias="rules", max_length=20)] = ()
    """Rules."""


class SuccessRule(Model):
    """When a job has succeeded."""

    succeeded_indexes: Annotated[str, Field(max_length=65536)] | None = None
    """These indexes: `0,2-4`."""
    succeeded_count: NonNegative | None = None
    """This many of them."""


class SuccessPolicy(Model):
    """When a job has succeeded; the first rule that fits."""

    rules_: Annotated[tuple[SuccessRule, ...], Field(alias="rules", max_length=20)] = ()
    """Rules."""


def _not_made(what: str) -> Rule:
    return Rule(
        "false", f"{what} are not supported; use deploymentConfig", lambda _: False, reason="FieldValueForbidden"
    )


class KindFields(Model):
    """The kind of the workload (the one config that is set; a Deployment if none is) and fields of single kinds."""

    deployment_config: DeploymentConfig | None = None
    """Makes a Deployment; the default."""
    stateful_set_config: StatefulSetConfig | None = None
    """Makes a StatefulSet."""
    daemon_set_config: DaemonSetConfig | None = None
    """Makes a DaemonSet."""
    job_config: JobConfig | None = None
    """Makes a Job."""
    cron_job_config: CronJobConfig | None = None
    """Makes a CronJob."""
    replica_set_config: Annotated[dict[str, Any] | None, _not_made("bare ReplicaSets")] = None
    """Not supported: use deploymentConfig."""
    replication_controller_config: Annotated[dict[str, Any] | None, _not_made("ReplicationControllers")] = None
    """Not supported: use deploymentConfig."""
    scale: NonNegative | None = None
    """Pods of a Deployment or StatefulSet. Absent: 1, or what an autoscaler says. `kubectl scale` needs it set."""
    paused: bool | None = None
    """Whether a Deployment is not updated."""
    min_ready_seconds: NonNegative | None = None
    """Of a StatefulSet: seconds a pod must be ready to count."""
    max_unavailable: IntOrString | None = None
    """Of a StatefulSet: pods that may be missing while updating."""
    max_surge: IntOrString | None = None
    """Of a DaemonSet: pods beyond one a node while updating."""
    ordinals: Ordinals | None = None
    """Of a StatefulSet: numbers of the pods."""
    persistent_volume_claim_retention_policy: ClaimRetention | None = None
    """Of a StatefulSet: what becomes of claims."""
    suspend: bool | None = None
    """Whether a Job starts nothing."""
    time_zone: Annotated[str, Field(max_length=64)] | None = None
    """Of a CronJob: zone of the schedule, such as `Europe/Berlin`."""
    ttl_seconds_after_finished: NonNegative | None = None
    """Seconds a finished Job is kept."""
    completion_mode: Literal["", "NonIndexed", "Indexed"] = ""
    """Whether the pods of a Job are numbered."""
    backoff_limit_per_index: NonNegative | None = None
    """Failures of one index of a Job."""
    max_failed_indexes: NonNegative | None = None
    """Failed indexes before a Job has failed."""
    managed_by: Annotated[str, Field(max_length=63)] = ""
    """Controller of a Job, if another one."""
    pod_failure_policy: PodFailurePolicy | None = None
    """What failures of a Job's pods mean."""
    pod_replacement_policy: Literal["", "TerminatingOrFailed", "Failed"] = ""
    """When a Job's pod is replaced."""
    success_policy: SuccessPolicy | None = None
    """When a Job has succeeded."""
