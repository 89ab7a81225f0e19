"""`cloudcredentials.management.cattle.io`: which keys of a Secret belong to which driver, and who uses them."""

from __future__ import annotations

from typing import Any

from drover.kinds.cloud_credential.decide import decide
from drover.kinds.cloud_credential.report import report
from drover.kinds.cloud_credential.world import World
from drover.kinds.kind import Kind
from drover.kinds.references import known_as
from drover.kinds.resources import CLOUD_CREDENTIALS
from drover.kube.gvr import Key, Object
from drover.rules.drivers import described
from drover.rules.objects import namespace_of, spec
from drover.rules.references import secret_name


class CloudCredentialKind(Kind[World]):
    """The kind, for the reconciler. Nothing tells of a Secret that changes, so each is looked at again and again."""

    gvr = CLOUD_CREDENTIALS
    name = "cloud-credential"
    manager = "drover-cloud-credential"
    workers = 4
    low_at_once = 2
    every = 30.0
    decide = staticmethod(decide)
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of its spec."""
        from drover.api.management.cloud_credential import CloudCredentialSpec

        return CloudCredentialSpec

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        hub = self._hub
        obj = hub.caches[CLOUD_CREDENTIALS].get(key)
        if obj is None:
            return None
        driver = str(spec(obj).get("driver") or "")
        return World(
            obj=obj,
            users=hub.users(known_as(self.gvr, obj)),
            leaving=hub.ends(key.namespace),
            invalid=self._parsed.problem(obj),
            now=hub.now(),
            driver=described(driver, hub.node_driver(driver)),
            look=hub.looks.get(Key(key.namespace, secret_name(obj))),
        )

    def vanished(self, old: Object) -> None:
        """What was seen of its Secret is forgotten."""
        super().vanished(old)
        self._hub.looks.pop(Key(namespace_of(old), secret_name(old)), None)
