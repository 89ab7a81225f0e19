"""Which engine makes the cluster that a provisioning Cluster describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drover.rules.findings import Terminal

_MACHINE_CONFIGS = "rke-machine-config.cattle.io/"
_VIRTUAL = "VirtualConfig"


def missing(spec: Mapping[str, Any]) -> Terminal | None:
    """Why the cluster cannot be made here; None for an imported one, which exists already.

    The order is that of upstream: no rkeConfig is imported, no pools are custom nodes, pools of virtual nodes are
    k3k, references to other infrastructure are Cluster API, and anything else is not supported.
    """
    config = spec.get("rkeConfig")
    if config is None:
        return None
    pools = config.get("machinePools") or []
    references = [pool.get("machineConfigRef") or {} for pool in pools]
    if not pools:
        return _not_installed("custom nodes", "needs the engine for custom nodes")
    if all(reference.get("kind") == _VIRTUAL for reference in references):
        return _not_installed("virtual clusters", "needs k3k")
    outside = [
        not str(reference.get("apiVersion") or _MACHINE_CONFIGS).startswith(_MACHINE_CONFIGS)
        for reference in references
    ]
    if config.get("infrastructureRef") and all(outside):
        return _not_installed("Cluster API", "needs Cluster API with a provider for RKE2 or K3s")
    return Terminal(
        "UnsupportedInfrastructure",
        "node drivers do not run here: let spec.rkeConfig.infrastructureRef and each machineConfigRef "
        "name Cluster API infrastructure, "
        "or import an existing cluster by leaving out spec.rkeConfig",
    )


def _not_installed(engine: str, needs: str) -> Terminal:
    return Terminal(
        "EngineNotInstalled",
        f"spec.rkeConfig {needs}, which this version of Drover does not drive; "
        f"make the cluster with it ({engine}) and import it by leaving out spec.rkeConfig",
    )
