"""`python -m drover.dev.kustomize`: write the part of the kustomize base that the chart renders."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

from drover.dev import helm
from drover.dev.chart import CHART, ROOT
from drover.dev.errors import DevError
from drover.kube.gvr import Object

FILE = ROOT / "deploy/kustomize/drover.yaml"
_HEADER = "# Generated from charts/drover by `make kustomize`. Do not edit.\n"
# The base takes CRDs and policies from where they are. An overlay names the image.
_VALUES = ("crds.install=false", "policies.install=false", "image.repository=drover")
_HELM_ONLY = ("app.kubernetes.io/managed-by", "app.kubernetes.io/instance", "helm.sh/chart", "helm.sh/resource-policy")


def render(program: Path) -> str:
    """The chart's objects with its own values, without what only Helm reads."""
    command = [
        str(program),
        "template",
        "drover",
        str(CHART),
        "--namespace",
        "drover-system",
        "--kube-version",
        "1.30.0",
    ]
    for value in _VALUES:
        command += ["--set", value]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DevError(f"helm does not render charts/drover: {done.stderr.strip()}")
    objects = [_plain(obj) for obj in yaml.safe_load_all(done.stdout) if obj]
    return _HEADER + yaml.safe_dump_all(objects, sort_keys=False, width=120)


def _plain(obj: Object) -> Object:
    for field in ("labels", "annotations"):
        marks = obj["metadata"].pop(field, None) or {}
        if kept := {key: value for key, value in marks.items() if key not in _HELM_ONLY}:
            obj["metadata"][field] = kept
    return obj


if __name__ == "__main__":
    FILE.write_text(render(helm.ensure()), encoding="utf-8")
