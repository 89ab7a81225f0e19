"""The two templates that are there from the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from drover.kinds.resources import TEMPLATES as GVR_OF_TEMPLATES
from drover.kube.gvr import Object
from drover.rules.findings import listed
from drover.rules.pod_security import MODES, exemptions, levels

_EXEMPT: Final = (
    "ingress-nginx", "kube-system", "cattle-system", "cattle-epinio-system", "cattle-fleet-system",
    "cattle-fleet-local-system", "longhorn-system", "cattle-neuvector-system", "cattle-monitoring-system",
    "rancher-alerting-drivers", "cis-operator-system", "compliance-operator-system", "cattle-csp-adapter-system",
    "cattle-externalip-system", "cattle-gatekeeper-system", "istio-system", "cattle-istio-system",
    "cattle-logging-system", "cattle-windows-gmsa-system", "cattle-sriov-system", "cattle-ui-plugin-system",
    "tigera-operator", "cattle-turtles-system", "drover-system",
)  # fmt: skip
"""Namespaces of what usually runs a cluster, as upstream exempts them, and Drover's own."""


def _template(name: str, level: str, exempt: tuple[str, ...], description: str) -> Object:
    defaults = {key: value for mode in MODES for key, value in ((mode, level), (f"{mode}-version", "latest"))}
    return {
        "apiVersion": GVR_OF_TEMPLATES.api_version,
        "kind": GVR_OF_TEMPLATES.kind,
        "metadata": {"name": name},
        "description": description,
        "configuration": {
            "defaults": defaults,
            "exemptions": {"usernames": [], "runtimeClasses": [], "namespaces": list(exempt)},
        },
    }


TEMPLATES: Final[Mapping[str, Object]] = {
    "rancher-privileged": _template("rancher-privileged", "privileged", (), "Restricts nothing."),
    "rancher-restricted": _template(
        "rancher-restricted", "restricted", _EXEMPT, "Restricts all namespaces but those of the platform."
    ),
}
"""The built-in templates by name. Each is made where it is missing, and left alone then."""


def drift(template: Object, shipped: Object) -> list[str]:
    """What is different in a built-in template from how it is shipped, in words."""
    return list(_drift(template, shipped))


def _drift(template: Object, shipped: Object) -> Iterator[str]:
    if levels(template) != levels(shipped):
        yield f"levels are {levels(template)}, shipped {levels(shipped)}"
    for field in ("namespaces", "usernames", "runtimeClasses"):
        now, then = set(exemptions(template)[field]), set(exemptions(shipped)[field])
        if then - now:
            yield f"exemptions.{field} lacks {listed(then - now)}"
        if now - then:
            yield f"exemptions.{field} has also {listed(now - then)}"
