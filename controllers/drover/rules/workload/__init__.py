"""A Workload's rules: which native object it stands for, what that object looks like, and how it is doing.

Everything works on the stored JSON of `workloads.project.cattle.io/v3` and on native objects as the apiserver returns
them. What a user must change is raised as `InvalidWorkload(path, message)`.
"""

from __future__ import annotations

from drover.rules.workload.health import WorkloadStatus, status
from drover.rules.workload.immutable import immutable_change
from drover.rules.workload.manifest import render
from drover.rules.workload.native import JOB, KINDS, NativeKind, kind, name
from drover.rules.workload.shape import InvalidWorkload

__all__ = [
    "JOB",
    "KINDS",
    "InvalidWorkload",
    "NativeKind",
    "WorkloadStatus",
    "immutable_change",
    "kind",
    "name",
    "render",
    "status",
]
