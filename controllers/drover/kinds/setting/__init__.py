"""`settings.management.cattle.io`: what is in force, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping

from drover.kinds.kind import Kind
from drover.kinds.resources import SETTINGS
from drover.kinds.setting.decide import MANAGER, decide, seed
from drover.kinds.setting.report import report
from drover.kinds.setting.world import World
from drover.kube.gvr import Key, Object


class SettingKind(Kind[World]):
    """The kind, for the reconciler."""

    gvr = SETTINGS
    name = "setting"
    manager = MANAGER
    decide = staticmethod(decide)
    report = staticmethod(report)

    def seeds(self) -> Mapping[Key, Object]:
        """The Settings that something reads. One that is deleted comes back with its default."""
        known = self._hub.known_settings
        return {Key("", name): seed(known[name], self._hub.setting(name).source) for name in known}

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        setting = self._hub.caches[SETTINGS].get(key)
        if setting is None:
            return None
        known = self._hub.known_settings.get(key.name)
        reading = self._hub.setting(key.name) if known is not None else None
        return World(setting=setting, known=known, reading=reading, now=self._hub.now())
