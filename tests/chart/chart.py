"""The chart, rendered by helm without a cluster."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from drover.kube.gvr import Object

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts/drover"
SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
IMAGE = {"image": {"repository": "registry.example/drover"}}

EVERYTHING: dict[str, Any] = {
    **IMAGE,
    "serviceMonitor": {"enabled": True},
    "prometheusRule": {"enabled": True},
    "dashboard": {"enabled": True},
}
"""Values with which every object is rendered."""


@dataclass(frozen=True)
class Chart:
    """What `helm` makes of the chart."""

    helm: Path

    def template(
        self, values: dict[str, Any], *, namespace: str = "drover-system", release: str = "drover"
    ) -> subprocess.CompletedProcess[str]:
        """`helm template` with values."""
        command = [str(self.helm), "template", release, str(CHART), "--namespace", namespace]
        command += ["--kube-version", "1.30.0", "--values", "-"]
        return subprocess.run(command, input=json.dumps(values), capture_output=True, text=True, check=False)

    def objects(self, values: dict[str, Any] | None = None, *, namespace: str = "drover-system") -> list[Object]:
        """The objects, sorted by kind, namespace and name."""
        done = self.template(IMAGE | (values or {}), namespace=namespace)
        assert done.returncode == 0, done.stderr
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return sorted((obj for obj in yaml.load_all(done.stdout, loader) if obj), key=sort_key)


def sort_key(obj: Object) -> tuple[str, str, str]:
    """Kind, namespace, name."""
    return obj["kind"], obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def of(kind: str, objects: list[Object]) -> list[Object]:
    """The objects of a kind."""
    return [obj for obj in objects if obj["kind"] == kind]


def one(kind: str, objects: list[Object]) -> Object:
    """The only object of a kind."""
    (found,) = of(kind, objects)
    return found
