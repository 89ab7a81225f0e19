"""Which helm is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from drover.dev import helm
from drover.dev.bundle import HELM


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pinned helm is in the cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    HELM.directory.mkdir(parents=True)
    program = HELM.directory / "helm"
    program.touch()
    return program


def script(directory: Path, version: str) -> Path:
    """A `helm` that says it is of a version."""
    directory.mkdir(exist_ok=True)
    program = directory / "helm"
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("version", ["v3.14.0", "v3.20.2+g1234567", "v4.0.0"])
def test_a_helm_on_path_is_used_when_it_is_new_enough(tmp_path: Path, cached: Path, version: str) -> None:
    program = script(tmp_path / "bin", version)
    assert helm.ensure(path=str(program.parent)) == program


@pytest.mark.parametrize("version", ["v3.13.3", "v2.17.0", "nothing"])
def test_an_old_or_broken_one_is_passed_over(tmp_path: Path, cached: Path, version: str) -> None:
    program = script(tmp_path / "bin", version)
    assert helm.ensure(path=str(program.parent)) == cached


def test_without_one_the_pinned_one_is_used(tmp_path: Path, cached: Path) -> None:
    assert helm.ensure(path=str(tmp_path)) == cached


def test_helm_knows_its_version() -> None:
    assert f"version.version=v{HELM.version}" in HELM.linker_flags
