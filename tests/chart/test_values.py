"""Values: what is wrong is refused by name, and everything that can be set is described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.chart.chart import IMAGE, SCHEMA, Chart

BAD: list[tuple[str, dict[str, Any]]] = [
    ("replicaCount", {"replicaCount": 2}),
    ("enabled", {"projectSecrets": {"enabled": "yes"}}),
    ("replicas", {"replicas": 0}),
    ("replicas", {"replicas": 6}),
    ("replicas", {"replicas": "2"}),
    ("workspaces", {"workspaces": "fleet-default"}),
    ("workspaces", {"workspaces": ["*"]}),
    ("workspaces", {"workspaces": ["Fleet"]}),
    ("workspaces", {"workspaces": ["a", "a"]}),
    ("createWorkspaces", {"createWorkspaces": "yes"}),
    ("repository", {"image": {"repository": "Registry.Example/Drover"}}),
    ("repository", {"image": {"repository": "registry.example/drover:"}}),
    ("tag", {"image": {"tag": "a b"}}),
    ("digest", {"image": {"digest": "sha256:1234"}}),
    ("pullPolicy", {"image": {"pullPolicy": "Sometimes"}}),
    ("pullSecret", {"image": {"pullSecret": "x"}}),
    ("pullSecrets", {"image": {"pullSecrets": [{"name": "x"}]}}),
    ("logLevel", {"logLevel": "INFO"}),
    ("logFormat", {"logFormat": "yaml"}),
    ("leaseSeconds", {"leaseSeconds": 2}),
    ("deletionPatience", {"deletionPatience": 0}),
    ("environment", {"environment": {"PATH": "/tmp"}}),
    ("environment", {"environment": {"CATTLE_SERVER_VERSION": 2}}),
    ("extraArgs", {"extraArgs": ["allow-loopback"]}),
    ("extraArgs", {"extraArgs": ["--namespace=other"]}),
    ("listenAddress", {"listenAddress": "localhost"}),
    ("port", {"port": 80}),
    ("cpu", {"resources": {"requests": {"cpu": "half"}}}),
    ("gpu", {"resources": {"limits": {"gpu": "1"}}}),
    ("effect", {"tolerations": [{"key": "a", "effect": "Never"}]}),
    ("nodeSelector", {"nodeSelector": {"disk": 1}}),
    ("topologyKeys", {"topologyKeys": [""]}),
    ("apiserverPorts", {"networkPolicy": {"apiserverPorts": []}}),
    ("apiserverPorts", {"networkPolicy": {"apiserverPorts": [70000]}}),
    ("shares", {"flowControl": {"shares": 0}}),
    ("interval", {"serviceMonitor": {"interval": "often"}}),
    ("port", {"webhook": {"port": 443}}),
    ("kind", {"webhook": {"certManager": {"issuerRef": {"kind": "Service"}}}}),
    ("name", {"webhook": {"certManager": {"issuerRef": {"name": "A b"}}}}),
    ("failurePolicy", {"webhook": {"failurePolicy": "Ignore"}}),
    ("delete", {"crds": {"delete": True}}),
]


@pytest.mark.parametrize(("name", "values"), BAD, ids=[f"{number}-{name}" for number, (name, _) in enumerate(BAD)])
def test_a_bad_value_is_refused_by_name(chart: Chart, name: str, values: dict[str, Any]) -> None:
    done = chart.template(IMAGE | values)
    assert done.returncode != 0
    assert "schema" in done.stderr
    assert name in done.stderr.split("drover:", 1)[-1]


def test_an_image_has_to_be_named(chart: Chart) -> None:
    done = chart.template({})
    assert done.returncode != 0
    assert "image.repository: set it to where your image is" in done.stderr


def test_another_chart_may_depend_on_this_one(chart: Chart) -> None:
    assert chart.template(IMAGE | {"global": {"registry": "registry.example"}}).returncode == 0


def properties(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in schema.get("properties", {}).items():
        yield f"{path}{name}", value
        yield from properties(value, f"{path}{name}.")
        yield from properties(value.get("items", {}), f"{path}{name}[].")


def test_every_value_is_described() -> None:
    for path, schema in properties(SCHEMA):
        assert "[]" in path or schema.get("description", "").endswith("."), path


def test_no_unknown_value_passes_anywhere() -> None:
    for path, schema in [("", SCHEMA), *properties(SCHEMA)]:
        if "properties" in schema:
            assert schema["additionalProperties"] is False, path
