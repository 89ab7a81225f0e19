"""How nodes are drained and upgraded."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from drover.api.agents import Concurrency
from drover.api.resource import Model


class DrainHook(Model):
    """A stop before or after draining, until somebody else says go on."""

    annotation: Annotated[str, Field(max_length=317)] = ""
    """Annotation on the machine's plan Secret that must repeat the value of `rke.cattle.io/pre-drain` (or
    `post-drain`)."""


class DrainOptions(Model):
    """How a node is drained."""

    enabled: bool = False
    """Whether a node is drained before something on it is disrupted."""
    force: bool = False
    """Whether pods without a controller go too."""
    ignore_daemon_sets: bool | None = None
    """Whether pods of DaemonSets may stay. Default true."""
    ignore_errors: bool = False
    """Kept and not used."""
    delete_empty_dir_data: bool = False
    """Whether pods with emptyDir volumes go too; their data is lost."""
    disable_eviction: bool = False
    """Whether pods are deleted, against their disruption budgets."""
    grace_period: int = 0
    """Seconds that a pod gets to end; negative: what the pod says."""
    timeout: int = 0
    """Seconds after which draining gives up; 0: 600."""
    skip_wait_for_delete_timeout_seconds: int = 0
    """Seconds after which a pod that is being deleted is no longer waited for; 0: never."""
    pre_drain_hooks: Annotated[tuple[DrainHook, ...], Field(max_length=64)] = ()
    """Stops before draining."""
    post_drain_hooks: Annotated[tuple[DrainHook, ...], Field(max_length=64)] = ()
    """Stops after draining."""


class UpgradeStrategy(Model):
    """How many nodes at a time, and how they are drained."""

    control_plane_concurrency: Concurrency = ""
    """Control-plane nodes at a time: a number, `0` for all, or a percentage. Default 1."""
    control_plane_drain_options: DrainOptions | None = None
    """How control-plane nodes are drained."""
    worker_concurrency: Concurrency = ""
    """Workers at a time: a number, `0` for all, or a percentage. Default 1."""
    worker_drain_options: DrainOptions | None = None
    """How workers are drained."""
