"""Which engine makes a cluster."""

from __future__ import annotations

from typing import Any

import pytest

from drover.rules.engines import missing


def pool(kind: str, api_version: str = "") -> dict[str, Any]:
    return {
        "name": "p",
        "machineConfigRef": {"kind": kind, "name": "x", **({"apiVersion": api_version} if api_version else {})},
    }


def test_an_imported_cluster_needs_none() -> None:
    assert missing({}) is None
    assert missing({"rkeConfig": None}) is None


@pytest.mark.parametrize(
    ("config", "reason", "says"),
    [
        ({}, "EngineNotInstalled", "custom nodes"),
        ({"machinePools": [pool("VirtualConfig")]}, "EngineNotInstalled", "k3k"),
        (
            {
                "infrastructureRef": {"kind": "DockerCluster", "name": "x"},
                "machinePools": [pool("DockerMachineTemplate", "infrastructure.cluster.x-k8s.io/v1beta2")],
            },
            "EngineNotInstalled",
            "Cluster API",
        ),
        ({"machinePools": [pool("Amazonec2Config")]}, "UnsupportedInfrastructure", "node drivers"),
        (
            {"machinePools": [pool("VirtualConfig"), pool("Amazonec2Config")]},
            "UnsupportedInfrastructure",
            "node drivers",
        ),
        ({"infrastructureRef": {"name": "x"}, "machinePools": [pool("X")]}, "UnsupportedInfrastructure", "import"),
    ],
)
def test_what_lacks_is_named(config: dict[str, Any], reason: str, says: str) -> None:
    found = missing({"rkeConfig": config})
    assert found is not None
    assert found.reason == reason
    assert says in found.message
