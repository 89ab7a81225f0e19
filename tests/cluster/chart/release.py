"""A release of the chart on a control plane: helm, kubectl and drover, as a person types them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from drover.dev import helm
from drover.dev.cluster import ControlPlane

CHART = Path(__file__).parents[3] / "charts/drover"
_VALUES = (
    *("--set", "image.repository=registry.example/drover"),
    *("--set", "webhook.enabled=false"),  # pods that kwok plays answer nothing
)


@dataclass(frozen=True)
class Release:
    """The release `drover` in the namespace drover-system. The pods are played by kwok."""

    plane: ControlPlane
    helm: Path

    def apply(self, chart: Path, *arguments: str) -> None:
        """Installs or upgrades, and waits until the pods are ready."""
        options = ["--namespace", "drover-system", *_VALUES, "--wait", "--timeout", "180s", *arguments]
        self._run(str(self.helm), "upgrade", "--install", "drover", str(chart), *options)

    def remove(self) -> None:
        """`helm uninstall`."""
        self._run(str(self.helm), "uninstall", "drover", "--namespace", "drover-system", "--wait", "--timeout", "180s")

    def kubectl(self, *arguments: str) -> str:
        """What kubectl prints."""
        return self._run(str(self.plane.binaries.kubectl), *arguments).stdout

    def answer(self, *arguments: str) -> str:
        """What kubectl prints, also where it fails, as `auth can-i` does for a no."""
        return self._call(str(self.plane.binaries.kubectl), *arguments).stdout

    def drover(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What `drover` answers; it may fail."""
        return self._call(sys.executable, "-m", "drover", *arguments)

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        done = self._call(*command)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done

    def _call(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"KUBECONFIG": str(self.plane.hub.kubeconfig), "COLUMNS": "200"}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def release_on(plane: ControlPlane) -> Release:
    """With the helm that there is."""
    return Release(plane, helm.ensure())


def previous(directory: Path) -> Path:
    """The chart as an earlier version had it: a Project has no description yet, and describes its clusterName in
    other words."""
    chart = Path(shutil.copytree(CHART, directory / "drover"))
    metadata = yaml.safe_load((chart / "Chart.yaml").read_text())
    (chart / "Chart.yaml").write_text(yaml.safe_dump(metadata | {"version": "0.0.9", "appVersion": "0.0.9"}))
    path = chart / "files/crds/projects.management.cattle.io.yaml"
    crd = yaml.safe_load(path.read_text())
    spec = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    del spec["description"]
    spec["clusterName"]["description"] = "As it was."
    path.write_text(yaml.safe_dump(crd, sort_keys=False))
    return chart
