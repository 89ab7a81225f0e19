"""The native kind and name that a Workload stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from drover.rules.workload.shape import InvalidWorkload, mapping, text


@dataclass(frozen=True, slots=True)
class NativeKind:
    """A Kubernetes kind that a Workload can become, and the field of the Workload's spec that chooses it."""

    api_version: str
    kind: str
    plural: str
    config: str
    longest_name: int
    """Characters. A CronJob adds 11 to the names of its Jobs; a StatefulSet's revision label adds 11 to its name."""

    @property
    def schema(self) -> str:
        """The kind as Rancher's API writes it: `deployment`, `statefulSet`, ..."""
        return self.config.removesuffix("Config")


DEPLOYMENT: Final = NativeKind("apps/v1", "Deployment", "deployments", "deploymentConfig", 63)
STATEFUL_SET: Final = NativeKind("apps/v1", "StatefulSet", "statefulsets", "statefulSetConfig", 52)
DAEMON_SET: Final = NativeKind("apps/v1", "DaemonSet", "daemonsets", "daemonSetConfig", 63)
CRON_JOB: Final = NativeKind("batch/v1", "CronJob", "cronjobs", "cronJobConfig", 52)
JOB: Final = NativeKind("batch/v1", "Job", "jobs", "jobConfig", 63)

KINDS: Final = (DEPLOYMENT, STATEFUL_SET, DAEMON_SET, CRON_JOB, JOB)
_UNSUPPORTED: Final = ("replicaSetConfig", "replicationControllerConfig")
_CONFIGS: Final = (*(known.config for known in KINDS), *_UNSUPPORTED)

_LABEL: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def kind(spec: Mapping[str, Any]) -> NativeKind:
    """The native kind of a Workload: the one whose config is set, even if empty; a Deployment if none is.

    Raises InvalidWorkload if more than one config is set, or one of a kind that Drover does not make.
    """
    found = [config for config in _CONFIGS if spec.get(config) is not None]
    if not found:
        return DEPLOYMENT
    for config in found:
        mapping(spec[config], f"spec.{config}")
        if config in _UNSUPPORTED:
            raise InvalidWorkload(f"spec.{config}", "this kind is not supported; use spec.deploymentConfig instead")
    if len(found) > 1:
        raise InvalidWorkload(f"spec.{found[1]}", f"spec.{found[0]} is set too; keep one of them, it decides the kind")
    return next(known for known in KINDS if known.config == found[0])


def name(spec: Mapping[str, Any], metadata_name: str) -> str:
    """The name of the native object: `spec.name`, else the Workload's own.

    Raises InvalidWorkload if it is no DNS label that begins with a letter, or too long for its kind.
    """
    path = "spec.name" if spec.get("name") else "metadata.name"
    chosen = text(spec.get("name"), "spec.name") or metadata_name
    if not _LABEL.fullmatch(chosen):
        remedy = "" if path == "spec.name" else "; set spec.name to such a name"
        shape = "lower-case letters, digits and -, beginning with a letter and ending with a letter or digit"
        raise InvalidWorkload(path, f'"{chosen}" cannot name a workload: use {shape}{remedy}')
    native = kind(spec)
    if len(chosen) > native.longest_name:
        remedy = "" if path == "spec.name" else "; set a shorter spec.name"
        raise InvalidWorkload(path, f"a {native.kind}'s name has at most {native.longest_name} characters{remedy}")
    return chosen
