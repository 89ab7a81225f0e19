"""What the nodes of a cluster add up to."""

from __future__ import annotations

from typing import Any

import pytest

from drover.rules import nodes


def node(name: str, *, version: int = 1, **changes: Any) -> dict[str, Any]:
    labels = {"kubernetes.io/os": changes.pop("os", "linux"), **changes.pop("labels", {})}
    return {
        "metadata": {"name": name, "uid": name, "resourceVersion": str(version), "labels": labels},
        "spec": changes.pop("spec", {}),
        "status": {
            "capacity": {"cpu": "2", "memory": "4Gi", "pods": "110"},
            "allocatable": {"cpu": "1500m", "memory": "3Gi", "pods": "100"},
            "conditions": [
                {
                    "type": "DiskPressure",
                    "status": changes.pop("pressure", "False"),
                    "lastHeartbeatTime": changes.pop("beat", "1"),
                }
            ],
            "nodeInfo": {"kubeletVersion": "v1.33.5+k3s1"},
        },
    }


CONTROL_PLANE: dict[str, Any] = {
    "labels": {"node-role.kubernetes.io/control-plane": "true"},
    "spec": {"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]},
}


def totals(*found: dict[str, Any]) -> dict[str, Any]:
    return nodes.totals([nodes.pruned(each) for each in found])


def test_a_heartbeat_changes_nothing_that_is_kept() -> None:
    assert nodes.pruned(node("a", beat="1")) == nodes.pruned(node("a", beat="2"))


def test_capacity_is_summed_over_nodes_that_take_workloads() -> None:
    found = totals(node("a"), node("b"), node("c", spec={"unschedulable": True}), node("d", **CONTROL_PLANE))
    assert found["nodeCount"] == 4
    assert found["capacity"] == {"cpu": "4", "memory": "8388608Ki", "pods": "220"}
    assert found["allocatable"]["cpu"] == "3"


def test_workers_are_counted_by_system_and_a_count_falls_back_to_zero() -> None:
    found = totals(node("a"), node("b", os="windows"), node("c", **CONTROL_PLANE))
    assert (found["linuxWorkerCount"], found["windowsWorkerCount"]) == (1, 1)
    assert totals(node("a"))["windowsWorkerCount"] == 0


def test_pressure_names_the_nodes() -> None:
    assert totals(node("b", pressure="True"), node("a", pressure="True"), node("c"))["pressure"]["DiskPressure"] == [
        "a",
        "b",
    ]


def test_no_nodes_are_no_error() -> None:
    assert totals()["capacity"] == {"cpu": "0", "memory": "0Ki", "pods": "0"}


@pytest.mark.parametrize(
    ("version", "provider_id", "name"),
    [
        ("v1.33.5+rke2r1", "", "rke2"),
        ("v1.33.5+k3s1", "", "k3s"),
        ("v1.33.5-eks-1", "", "eks"),
        ("v1.33.5-gke.100", "", "gke"),
        ("v1.33.5", "azure", "aks"),
        ("v1.33.5", "", ""),
    ],
)
def test_the_distribution_is_told_by_its_version_or_cloud(version: str, provider_id: str, name: str) -> None:
    assert nodes.provider(version, provider_id, "") == name
