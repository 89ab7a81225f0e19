"""The Containerfile: what it takes from the repository is there, and the rest stays outside."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
LINES = (ROOT / "Containerfile").read_text()
IGNORED = (ROOT / ".containerignore").read_text().splitlines()


def pins(name: str) -> dict[str, str]:
    """Each pinned package with its line and hashes."""
    found = re.split(r"\n(?=[a-z])", (ROOT / name).read_text().strip())
    return {entry.split("==")[0]: entry for entry in found}


def test_everything_that_is_copied_exists_and_is_sent_to_the_builder() -> None:
    sources = re.findall(r"^COPY (?!--from)(\S+) ", LINES, re.MULTILINE)
    assert len(sources) == 4
    for source in sources:
        assert (ROOT / source).exists()
        assert f"!{source}" in IGNORED
    assert IGNORED[1] == "*"
    assert (ROOT / ".dockerignore").read_text().splitlines() == IGNORED


def test_the_image_has_what_drover_depends_on_and_none_of_the_tools() -> None:
    runtime, everything = pins("requirements-runtime.lock"), pins("requirements.lock")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[<>=]", each)[0] for each in project["dependencies"]}
    tools = {re.split(r"[<>=]", each)[0] for each in project["optional-dependencies"]["dev"]}
    assert needed <= set(runtime)
    assert not tools & set(runtime)
    assert runtime.items() <= everything.items()
    assert all("--hash=sha256:" in entry for entry in runtime.values())
    assert "--require-hashes" in LINES


def test_the_base_is_pinned_to_a_minor_version_that_the_package_supports() -> None:
    match = re.search(r"^ARG PYTHON=python:3\.(\d+)-slim$", LINES, re.MULTILINE)
    assert match is not None
    assert int(match[1]) >= 11


def test_it_runs_as_the_user_of_the_chart() -> None:
    (user,) = re.findall(r"^USER (\d+):\d+$", LINES, re.MULTILINE)
    documents = yaml.safe_load_all((ROOT / "deploy/kustomize/drover.yaml").read_text())
    (deployment,) = (obj for obj in documents if obj["kind"] == "Deployment")
    assert deployment["spec"]["template"]["spec"]["securityContext"]["runAsUser"] == int(user)
