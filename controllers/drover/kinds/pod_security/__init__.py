"""`podsecurityadmissionconfigurationtemplates.management.cattle.io`: which Clusters use one, and whether a built-in one
is as it is shipped. What a template asks for is done by the Projects of those Clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drover.kinds.kind import Kind
from drover.kinds.pod_security.decide import decide
from drover.kinds.pod_security.gather import gather
from drover.kinds.pod_security.report import report
from drover.kinds.pod_security.shipped import TEMPLATES as SHIPPED
from drover.kinds.pod_security.world import World
from drover.kinds.resources import TEMPLATES
from drover.kube.gvr import Key, Object


class TemplateKind(Kind[World]):
    """The kind, for the reconciler."""

    gvr = TEMPLATES
    name = "pod-security-template"
    manager = "drover-pod-security-template"
    decide = staticmethod(decide)
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of the kind: its fields lie at the root."""
        from drover.api.management.pod_security_template import PodSecurityAdmissionConfigurationTemplate

        return PodSecurityAdmissionConfigurationTemplate

    def seeds(self) -> Mapping[Key, Object]:
        """The built-in templates. They are left alone once they are there."""
        return {Key("", name): template for name, template in SHIPPED.items()}

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        return gather(self._hub, self._parsed, key)
