"""Workload: a Deployment, StatefulSet, DaemonSet, Job or CronJob, as Rancher's project API shows it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from drover.api.conditions import Status
from drover.api.keys import PROJECT
from drover.api.placement import LabelSelector
from drover.api.project.kind_config import KindFields
from drover.api.project.kind_fields import CONFIGS, FITTING
from drover.api.project.pod import PodFields
from drover.api.resource import AGE, MESSAGE, READY, Column, Model, Resource, Scale
from drover.api.rule import EMPTY, Rule, immutable, value_or
from drover.api.scalars import StringMap

_LETTER_FIRST: Final = "[a-z]([-a-z0-9]*[a-z0-9])?"
_SHAPE: Final = "must be lower-case letters, digits and -, beginning with a letter and ending with a letter or digit"


def _native_name(root: str) -> str:
    given = f"has({root}.spec.name) && {root}.spec.name != ''"
    return f"({given} ? {root}.spec.name : {root}.metadata.name)"


class Identity(Model):
    """Which native object the workload is."""

    name: Annotated[str, Field(max_length=63), Rule(f"self.matches('^({_LETTER_FIRST})?$')", _SHAPE)] = ""
    """Name of the native object. Default: metadata.name. Immutable."""
    namespace_id: Annotated[str, Field(max_length=63)] = ""
    """Namespace of the native object, for a Workload in a project's backing namespace: one of the project's namespaces.
    Immutable."""
    workload_labels: StringMap = {}
    """Labels of the native object."""
    workload_annotations: StringMap = {}
    """Annotations of the native object."""
    selector: Annotated[
        LabelSelector | None, immutable("the selector of a workload is fixed; create another workload instead")
    ] = None
    """Pods that belong to it. Default: a label of its own. Immutable."""


_JOBS: Final = "(has(self.jobConfig) || has(self.cronJobConfig))"


class WorkloadSpec(PodFields, KindFields, Identity):
    """What should run. The fields of the pod lie flat in it."""

    rules = (
        Rule(
            f"[{', '.join(f'has(self.{config})' for config in CONFIGS)}].filter(set, set).size() <= 1",
            f"at most one of {', '.join(CONFIGS)} can be set, it decides the kind; remove the others",
        ),
        Rule(
            " && ".join(f"has(self.{config}) == has(oldSelf.{config})" for config in CONFIGS[1:]),
            "the kind of a workload cannot change; create another workload instead",
            reason="FieldValueForbidden",
        ),
        Rule(
            f"{value_or('namespaceId', EMPTY)} == {value_or('namespaceId', EMPTY, 'oldSelf')}",
            "the namespace of a workload cannot change; create another workload instead",
            field=".namespaceId",
            reason="FieldValueForbidden",
        ),
        Rule(
            f"!has(self.restartPolicy) || self.restartPolicy == '' || (self.restartPolicy == 'Always') != {_JOBS}",
            "must be `OnFailure` or `Never` for jobConfig and cronJobConfig, and `Always` for the other kinds",
            field=".restartPolicy",
        ),
        FITTING,
    )


class NativeRef(Model):
    """The native object."""

    api_version: Annotated[str, Field(max_length=64)]
    """`apps/v1` or `batch/v1`."""
    kind: Annotated[str, Field(max_length=63)]
    """Kind."""
    namespace: Annotated[str, Field(max_length=63)]
    """Namespace."""
    name: Annotated[str, Field(max_length=63)]
    """Name."""
    uid: Annotated[str, Field(max_length=128)] = ""
    """Uid, once it exists."""
    cluster: Annotated[str, Field(max_length=63)]
    """Management Cluster that it runs in."""


class WorkloadStatus(Status):
    """What runs."""

    native_ref: NativeRef | None = None
    """The native object."""
    state: Annotated[str, Field(max_length=64)] = ""
    """State as Rancher's clients show it: `active`, `updating`, `paused` and so on."""
    transitioning: Annotated[str, Field(max_length=16)] = ""
    """`yes` while something is under way, `error` where it went wrong, else `no`."""
    transitioning_message: Annotated[str, Field(max_length=32768)] = ""
    """What is under way or went wrong."""
    desired_replicas: Annotated[int, Field(ge=0)] = 0
    """Pods that should run."""
    replicas: Annotated[int, Field(ge=0)] = 0
    """Pods that exist."""
    ready_replicas: Annotated[int, Field(ge=0)] = 0
    """Pods that are ready."""
    updated_replicas: Annotated[int, Field(ge=0)] = 0
    """Pods of the current revision."""
    available_replicas: Annotated[int, Field(ge=0)] = 0
    """Pods that have been ready for long enough."""
    selector: Annotated[str, Field(max_length=4096)] = ""
    """Label selector of the pods, as `kubectl get -l` takes it."""


class Workload(Resource):
    """Pods that run in a project, as a Deployment, StatefulSet, DaemonSet, Job or CronJob."""

    group = PROJECT
    version = "v3"
    kind = "Workload"
    plural = "workloads"
    short_names = ("wl",)
    longest_name = 253
    scale: ClassVar[Scale | None] = Scale(".spec.scale", ".status.replicas", ".status.selector")
    columns = (
        Column("Kind", ".status.nativeRef.kind", "Kind of the native object."),
        Column("Desired", ".status.desiredReplicas", "Pods that should run.", "integer"),
        Column("Up", ".status.readyReplicas", "Pods that are ready.", "integer"),
        READY,
        AGE,
        Column("Cluster", ".status.nativeRef.cluster", "Where it runs.", wide=True),
        Column("Target", ".status.nativeRef.namespace", "Namespace that it runs in.", wide=True),
        Column("State", ".status.state", "State as Rancher's clients show it.", wide=True),
        MESSAGE,
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            f"{_native_name('self')}.matches('^{_LETTER_FIRST}$') && size({_native_name('self')}) <= 63",
            f"{_SHAPE}, at most 63; or set spec.name to such a name",
            field=".metadata.name",
        ),
        Rule(
            "!(has(self.spec.statefulSetConfig) || has(self.spec.cronJobConfig))"
            f" || size({_native_name('self')}) <= 52",
            "the name of a StatefulSet or CronJob has at most 52 characters; set a shorter spec.name",
            field=".metadata.name",
        ),
        Rule(
            f"{_native_name('self')} == {_native_name('oldSelf')}",
            "the name of a workload cannot change; create another workload instead",
            field=".spec.name",
            reason="FieldValueForbidden",
        ),
    )

    spec: WorkloadSpec
    """What should run."""
    status: WorkloadStatus | None = None
    """What runs. Written by Drover."""
