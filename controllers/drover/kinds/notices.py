"""Events: what happened to an object, for `kubectl describe` and `kubectl get events`."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from drover.kinds.hub import Hub
from drover.kinds.plan import Notice
from drover.kube.errors import ApiError, Unreachable
from drover.kube.gvr import EVENTS, GVR, Object
from drover.rules.names import suffix

log = logging.getLogger(__name__)

_LONGEST_NOTE = 1000

_AT_WORK = frozenset({"Progressing", "InProgress", "ObservedGenerationBehind"})
"""Reasons of what goes on as it should, such as a rollout; the last two are those of `rules.workload.status`."""


def transitions(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Notice]:
    """What a change of status has to tell: an object that stalls, stops being ready, or is ready again, and a project
    whose secrets cannot be copied. Becoming ready at first is no event."""
    old = {entry["type"]: entry for entry in before.get("conditions") or []}
    new = {entry["type"]: entry for entry in after.get("conditions") or []}
    stalled, ready = new.get("Stalled", {}), new.get("Ready", {})
    if stalled.get("status") == "True" and _said(old.get("Stalled", {})) != _said(stalled):
        yield Notice(stalled["reason"], stalled["message"])
    elif old.get("Ready", {}).get("status") == "True" and ready.get("status") == "False":
        if ready["reason"] not in _AT_WORK:
            yield Notice(ready["reason"], ready["message"])
    elif old.get("Stalled", {}).get("status") == "True" and ready.get("status") == "True":
        yield Notice("Recovered", "ready again", "Normal")
    secrets = new.get("SecretsSynced", {})
    if secrets.get("status") == "False" and _said(old.get("SecretsSynced", {})) != _said(secrets):
        yield Notice(secrets["reason"], secrets["message"])


def _said(condition: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return condition.get("status"), condition.get("reason"), condition.get("message")


class Recorder:
    """Writes Events; one that cannot be written is left out, since nothing depends on it."""

    def __init__(self, hub: Hub, identity: str) -> None:
        self._hub = hub
        self._identity = identity

    async def record_transitions(
        self, gvr: GVR, obj: Object, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        """Writes what a change of status has to tell."""
        for notice in transitions(before, after):
            await self.record(gvr, obj, notice)

    async def record(self, gvr: GVR, obj: Object, notice: Notice) -> None:
        """Writes one Event about an object."""
        event = _event(gvr, obj, notice, self._identity, self._hub.now())
        try:
            await self._hub.client.create(EVENTS, event, manager="drover-events")
        except (ApiError, Unreachable) as error:
            log.debug("event not written: %s", error)


def _event(gvr: GVR, obj: Object, notice: Notice, identity: str, now: datetime) -> Object:
    metadata = obj["metadata"]
    namespace = metadata.get("namespace") or "default"
    time = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    regarding = {"apiVersion": gvr.api_version, "kind": gvr.kind, "name": metadata["name"], "uid": metadata["uid"]}
    if metadata.get("namespace"):
        regarding["namespace"] = metadata["namespace"]
    return {
        "apiVersion": EVENTS.api_version,
        "kind": EVENTS.kind,
        "metadata": {
            "name": f"{metadata['name'][:200]}.{suffix(time, notice.reason, length=12)}",
            "namespace": namespace,
        },
        "eventTime": time,
        "type": notice.type,
        "reason": notice.reason,
        "action": "Reconcile",
        "note": notice.message[:_LONGEST_NOTE],
        "regarding": regarding,
        "reportingController": "drover.dev/drover",
        "reportingInstance": identity[:128],
    }
