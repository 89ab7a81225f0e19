"""`features.management.cattle.io`: whether a part of Drover is on."""

from __future__ import annotations

from collections.abc import Mapping

from drover.kinds.feature.decide import decide, seed
from drover.kinds.feature.report import report
from drover.kinds.feature.world import World
from drover.kinds.kind import Kind
from drover.kinds.resources import FEATURES
from drover.kube.gvr import Key, Object
from drover.rules.features import KNOWN


class FeatureKind(Kind[World]):
    """The kind, for the reconciler."""

    gvr = FEATURES
    name = "feature"
    manager = "drover-feature"
    decide = staticmethod(decide)
    report = staticmethod(report)

    def seeds(self) -> Mapping[Key, Object]:
        """The Features of Drover. One that is deleted comes back as it is by default."""
        return {Key("", name): seed(known) for name, known in KNOWN.items()}

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        feature = self._hub.caches[FEATURES].get(key)
        if feature is None:
            return None
        return World(feature, KNOWN.get(key.name), self._hub.now())
