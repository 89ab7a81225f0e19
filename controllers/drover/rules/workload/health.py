"""How a native workload is doing, by the rules of kstatus, in the terms of Rancher's API.

The rules are those of `pkg/kstatus/status/core.go` in kubernetes-sigs/cli-utils, with three differences, each because a
person who waits for `Ready` expects it: a StatefulSet with OnDelete must have its pods ready, a paused Deployment whose
pods are all there is ready, and a suspended Job is ready, since it does what its spec says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from drover.rules.workload import selector
from drover.rules.workload.native import CRON_JOB, DAEMON_SET, DEPLOYMENT, JOB, STATEFUL_SET, NativeKind

State = Literal["active", "updating", "removing", "error"]


@dataclass(frozen=True, slots=True)
class WorkloadStatus:
    """What the status of a Workload says. Exactly one of `is_ready`, `is_progressing` and `is_failed` is true.

    The counts are pods. A Job's are those that should run and do run now, so all are 0 once it is complete; a CronJob's
    are always 0. `selector` is what the scale subresource calls `labelSelectorPath`; empty for jobs.
    """

    state: State
    reason: str
    message: str
    desired: int = 0
    replicas: int = 0
    ready: int = 0
    updated: int = 0
    selector: str = ""

    @property
    def is_ready(self) -> bool:
        """The object is as its spec says."""
        return self.state == "active"

    @property
    def is_progressing(self) -> bool:
        """Kubernetes is at work, or is about to be."""
        return self.state in {"updating", "removing"}

    @property
    def is_failed(self) -> bool:
        """Kubernetes has given up or keeps failing; `reason` and `message` are its own."""
        return self.state == "error"


@dataclass(frozen=True, slots=True)
class _Verdict:
    state: State
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class _Counts:
    desired: int = 0
    replicas: int = 0
    ready: int = 0
    updated: int = 0


def status(native: Mapping[str, Any] | None, kind: NativeKind) -> WorkloadStatus:
    """The status of a Workload whose native object is `native`, or does not exist yet.

    Works on the object's metadata, spec and status; a status that is behind the spec is not believed.
    """
    if native is None:
        return WorkloadStatus("updating", "NotCreated", f"The {kind.kind} does not exist yet.")
    spec, live = native.get("spec") or {}, native.get("status") or {}
    counts, verdict = _RULES[kind](spec, live)
    if native["metadata"].get("deletionTimestamp"):
        verdict = _Verdict("removing", "Terminating", f"The {kind.kind} is being deleted.")
    elif _is_behind(native, live):
        verdict = _Verdict(
            "updating", "ObservedGenerationBehind", f"The {kind.kind}'s controller has not seen the last change yet."
        )
    return WorkloadStatus(
        verdict.state,
        verdict.reason,
        verdict.message,
        desired=counts.desired,
        replicas=counts.replicas,
        ready=counts.ready,
        updated=counts.updated,
        selector="" if kind in {JOB, CRON_JOB} else selector.write(spec.get("selector") or {}),
    )


def _is_behind(native: Mapping[str, Any], live: Mapping[str, Any]) -> bool:
    """Jobs and CronJobs report no observedGeneration."""
    generation = native["metadata"].get("generation")
    if native.get("apiVersion") == "batch/v1" or generation is None:
        return False
    return bool(live.get("observedGeneration", 0) < generation)


def _deployment(spec: Mapping[str, Any], live: Mapping[str, Any]) -> tuple[_Counts, _Verdict]:
    counts = _replica_counts(spec, live)
    conditions = _conditions(live)
    progressing, available = conditions.get("Progressing", {}), conditions.get("Available", {})
    for failed, failure in ((conditions.get("ReplicaFailure", {}), "True"), (progressing, "False")):
        if failed.get("status") == failure:
            message = failed.get("message") or "The rollout failed."
            return counts, _Verdict("error", failed.get("reason") or "Failed", message)
    paused = bool(spec.get("paused"))
    if paused and counts.updated < counts.desired:
        return counts, _Verdict("updating", "Paused", "The rollout is paused; set spec.paused to false to go on.")
    unavailable = live.get("availableReplicas", 0) < counts.updated or available.get("status") == "False"
    unfinished = bool(progressing) and progressing.get("reason") != "NewReplicaSetAvailable" and not paused
    return counts, _verdict(
        (counts.updated < counts.desired, "replicas to be updated"),
        (counts.replicas > counts.desired, "old replicas to end"),
        (counts.ready < counts.desired, "replicas to become ready"),
        (unavailable, "replicas to become available"),
        (unfinished, "the new ReplicaSet to become available"),
    )


def _stateful_set(spec: Mapping[str, Any], live: Mapping[str, Any]) -> tuple[_Counts, _Verdict]:
    counts = _replica_counts(spec, live)
    strategy = spec.get("updateStrategy") or {}
    partition = (strategy.get("rollingUpdate") or {}).get("partition") or 0
    rolling = strategy.get("type") != "OnDelete"
    mixed = not partition and live.get("currentRevision") != live.get("updateRevision")
    return counts, _verdict(
        (counts.replicas > counts.desired, "old replicas to end"),
        (counts.ready < counts.desired, "replicas to become ready"),
        (rolling and counts.updated < counts.desired - partition, "replicas to be updated"),
        (rolling and mixed, "the update to be completed"),
    )


def _daemon_set(spec: Mapping[str, Any], live: Mapping[str, Any]) -> tuple[_Counts, _Verdict]:
    counts = _Counts(
        desired=live.get("desiredNumberScheduled", 0),
        replicas=live.get("currentNumberScheduled", 0),
        ready=live.get("numberReady", 0),
        updated=live.get("updatedNumberScheduled", 0),
    )
    rolling = (spec.get("updateStrategy") or {}).get("type") != "OnDelete"
    return counts, _verdict(
        ("desiredNumberScheduled" not in live, "the matching nodes to be counted"),
        (counts.replicas < counts.desired, "pods on all matching nodes"),
        (rolling and counts.updated < counts.desired, "pods to be updated"),
        (counts.ready < counts.desired, "pods to become ready"),
        (live.get("numberAvailable", 0) < counts.desired, "pods to become available"),
    )


def _job(spec: Mapping[str, Any], live: Mapping[str, Any]) -> tuple[_Counts, _Verdict]:
    conditions = _conditions(live)
    if conditions.get("Complete", {}).get("status") == "True":
        return _Counts(), _Verdict("active", "Complete", "The Job is complete.")
    for failure in ("Failed", "FailureTarget"):
        if (failed := conditions.get(failure, {})).get("status") == "True":
            return _Counts(), _Verdict(
                "error", failed.get("reason") or "Failed", failed.get("message") or "The Job failed."
            )
    if spec.get("suspend"):
        return _Counts(), _Verdict(
            "active", "Suspended", "The Job is suspended; set spec.suspend to false to start it."
        )
    wanted: int = 1 if spec.get("parallelism") is None else spec["parallelism"]
    if spec.get("completions") is not None:
        wanted = min(wanted, max(spec["completions"] - live.get("succeeded", 0), 0))
    active = live.get("active", 0)
    counts = _Counts(desired=wanted, replicas=active, ready=live.get("ready", 0), updated=active)
    if not live.get("startTime"):
        return counts, _waiting("the Job to start")
    return counts, _Verdict("active", "Running", "The Job is running.")


def _cron_job(spec: Mapping[str, Any], _live: Mapping[str, Any]) -> tuple[_Counts, _Verdict]:
    if spec.get("suspend"):
        message = "The schedule is suspended; set spec.cronJobConfig.suspend to false to go on."
        return _Counts(), _Verdict("active", "Suspended", message)
    return _Counts(), _Verdict("active", "Scheduled", "Jobs start on schedule.")


def _replica_counts(spec: Mapping[str, Any], live: Mapping[str, Any]) -> _Counts:
    return _Counts(
        desired=1 if spec.get("replicas") is None else spec["replicas"],
        replicas=live.get("replicas", 0),
        ready=live.get("readyReplicas", 0),
        updated=live.get("updatedReplicas", 0),
    )


def _conditions(live: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {condition["type"]: condition for condition in live.get("conditions") or ()}


def _verdict(*checks: tuple[bool, str]) -> _Verdict:
    """The first thing that is waited for, else active."""
    return next((_waiting(what) for unmet, what in checks if unmet), _ACTIVE)


def _waiting(what: str) -> _Verdict:
    """Without numbers: they are in the counts, and a message that changes with each pod would be written each time."""
    return _Verdict("updating", "InProgress", f"Waiting for {what}.")


_ACTIVE: Final = _Verdict("active", "Ready", "All pods are as specified.")
_RULES: Final[Mapping[NativeKind, Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[_Counts, _Verdict]]]] = {
    DEPLOYMENT: _deployment,
    STATEFUL_SET: _stateful_set,
    DAEMON_SET: _daemon_set,
    JOB: _job,
    CRON_JOB: _cron_job,
}
