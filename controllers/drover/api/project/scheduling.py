"""Where the pods of a workload run."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from drover.api.placement import LabelSelector, Toleration
from drover.api.resource import Model
from drover.api.rule import Rule
from drover.api.scalars import Int32

_NAME: Final = "[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
_KEY: Final = f"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?{_NAME}"
_REQUIREMENT: Final = (
    rf"\s*(!\s*{_KEY}|{_KEY}(\s*!?=\s*({_NAME})?|\s*[<>]\s*-?[0-9]+"
    rf"|\s+(in|notin)\s*\(\s*{_NAME}\s*(,\s*({_NAME})?\s*)*\))?)\s*"
)

Expression = Annotated[
    str,
    Field(min_length=1, max_length=1024),
    Rule(
        f"self.matches(r'^{_REQUIREMENT}(&&{_REQUIREMENT})*$')",
        "is not an expression; write it like `disk = ssd`, `zone in (a, b)`, `!gpu` or `cores > 8`, joined with `&&`",
    ),
]
_Expressions = Annotated[tuple[Expression, ...], Field(max_length=100)]


class NodeScheduling(Model):
    """Which nodes. An expression is `key = value`, `!=`, `in (a, b)`, `notin (a, b)`, `key`, `!key`, `<`, `>`; `&&`
    joins several."""

    node_id: Annotated[str, Field(max_length=253)] = ""
    """One node, by name."""
    require_all: _Expressions = ()
    """Expressions that must all hold."""
    require_any: _Expressions = ()
    """Expressions of which one must hold; with it, requireAll does not count."""
    preferred: _Expressions = ()
    """Expressions that should hold; the first weighs most."""


class Scheduling(Model):
    """Where pods run."""

    node: NodeScheduling | None = None
    """Which nodes."""
    tolerate: Annotated[tuple[Toleration, ...], Field(max_length=256)] = ()
    """Taints that are tolerated."""
    scheduler: Annotated[str, Field(max_length=253)] = ""
    """Scheduler. Default: Kubernetes' own."""
    priority: Int32 | None = None
    """Priority; usually by priorityClassName."""
    priority_class_name: Annotated[str, Field(max_length=253)] = ""
    """PriorityClass."""


class TopologySpread(Model):
    """How pods spread."""

    max_skew: Int32
    """Largest difference."""
    topology_key: Annotated[str, Field(max_length=317)]
    """Node label that makes the groups."""
    when_unsatisfiable: Literal["DoNotSchedule", "ScheduleAnyway"]
    """When it cannot be held."""
    label_selector: LabelSelector | None = None
    """Pods that count."""
    match_label_keys: Annotated[tuple[str, ...], Field(max_length=64)] = ()
    """Labels whose values must equal the pod's."""
    min_domains: Int32 | None = None
    """Fewest groups."""
    node_affinity_policy: Literal["", "Honor", "Ignore"] = ""
    """Whether node affinity counts."""
    node_taints_policy: Literal["", "Honor", "Ignore"] = ""
    """Whether taints count."""
