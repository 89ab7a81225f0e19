"""What to do about a Setting: keep the fields at the top that clients read, and nothing else."""

from __future__ import annotations

from typing import Any

from drover.kinds.plan import Apply, Plan
from drover.kinds.resources import SETTINGS
from drover.kinds.setting.world import World
from drover.kube.gvr import Object
from drover.rules.findings import Terminal
from drover.rules.objects import deleting, paused
from drover.rules.settings import Known, customized

MANAGER = "drover-setting"


def decide(world: World) -> Plan:
    """The next step. A Setting that nothing of Drover reads is left as it is."""
    known, reading = world.known, world.reading
    if known is None or reading is None or paused(world.setting):
        return Plan()
    wanted = _fields(known, world.setting.get("value"), reading.source)
    if not _shows(world.setting, wanted) and not deleting(world.setting):
        metadata = {"name": known.name, "uid": world.setting["metadata"]["uid"]}
        return Plan(actions=(Apply(SETTINGS, _setting(metadata, wanted)),))
    return Plan(finding=Terminal("InvalidValue", reading.problem) if reading.problem else None)


def seed(known: Known, source: str) -> Object:
    """A Setting as it is made. `value` is left out: it is for people."""
    return _setting({"name": known.name}, _fields(known, None, source))


def _fields(known: Known, value: object, source: str) -> dict[str, Any]:
    return {"default": known.default, "customized": customized(known, value), "source": source}


def _setting(metadata: dict[str, Any], fields: dict[str, Any]) -> Object:
    return {"apiVersion": SETTINGS.api_version, "kind": SETTINGS.kind, "metadata": metadata, **fields}


def _shows(setting: Object, wanted: dict[str, Any]) -> bool:
    """Whether the fields are as wanted. Upstream leaves `source` empty where the environment does not decide, so that
    manifests have it so."""
    source = setting.get("source", "")
    if source != wanted["source"] and (source or wanted["source"] == "env"):
        return False
    return (setting.get("default", ""), setting.get("customized", False)) == (wanted["default"], wanted["customized"])
