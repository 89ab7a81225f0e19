from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from drover.dev import directories
from drover.dev.bundle import ETCD, HELM, KUBERNETES, KWOK, Bundle, bundles


def test_the_pinned_versions_are_those_of_go_mod() -> None:
    for bundle, module in (
        (KUBERNETES, "k8s.io/kubernetes"),
        (ETCD, "go.etcd.io/etcd/server/v3"),
        (KWOK, "sigs.k8s.io/kwok"),
        (HELM, "helm.sh/helm/v4"),
    ):
        assert re.search(rf"{module} v{re.escape(bundle.version)}\b", (bundle.module / "go.mod").read_text()), module


def test_every_staging_module_is_replaced_by_the_release_that_belongs_to_it() -> None:
    replaced = dict(re.findall(r"^\t(\S+) => \1 (\S+)$", (KUBERNETES.module / "go.mod").read_text(), re.MULTILINE))
    assert set(replaced.values()) == {"v0." + KUBERNETES.version.split(".", 1)[1]}
    assert {"k8s.io/api", "k8s.io/client-go", "k8s.io/kubectl"} <= set(replaced)


def test_go_builds_exactly_the_programs_of_a_bundle() -> None:
    for bundle in (KUBERNETES, KWOK, HELM):
        module = (bundle.module / "go.mod").read_text()
        tools = re.search(r"^tool (?:\((.*?)^\)|(\S+)$)", module, re.MULTILINE | re.DOTALL)
        assert tools is not None
        assert tuple(line.rsplit("/", 1)[1] for line in (tools[1] or tools[2]).split()) == bundle.programs


def test_kubernetes_knows_its_version() -> None:
    assert f"-X k8s.io/component-base/version.gitVersion=v{KUBERNETES.version}" in KUBERNETES.linker_flags
    assert "gitVersion" not in ETCD.linker_flags


def test_a_changed_pin_gives_another_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ETCD.directory
    shutil.copytree(directories.go_modules() / "etcd", tmp_path / "etcd")
    monkeypatch.setattr(directories, "go_modules", lambda: tmp_path)
    assert ETCD.directory == before
    with (tmp_path / "etcd" / "go.sum").open("a") as file:
        file.write("x\n")
    assert ETCD.directory != before


def test_another_version_of_kubernetes_shares_etcd_and_kwok() -> None:
    other, *shared = bundles("1.36.1")
    assert (other.pinned, other.directory.name, tuple(shared)) == (False, "kubernetes-1.36.1", (ETCD, KWOK))


def test_a_bundle_with_a_missing_program_is_not_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    bundle = Bundle("kwok", "0", ("kwok", "kwokctl"), "tool", pinned=False)
    bundle.directory.mkdir(parents=True)
    (bundle.directory / "kwok").touch()
    assert not bundle.complete()
    (bundle.directory / "kwokctl").touch()
    assert bundle.complete()
