from __future__ import annotations

import hashlib
import io
import json
import platform
import sys
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from drover.dev import release
from drover.dev.binaries import ensure
from drover.dev.bundle import ETCD, HELM, KUBERNETES, KWOK, bundles
from drover.dev.errors import DevError
from drover.dev.progress import Progress
from drover.dev.release import Sites

QUIET = Progress(io.StringIO())


class Site:
    """A release site that serves what lies in `files`."""

    def __init__(self, url: str, files: dict[str, bytes]) -> None:
        self.url = url
        self.files = files
        self.sites = Sites(kubernetes=f"{url}/k8s", etcd=f"{url}/etcd", kwok=f"{url}/kwok", helm=f"{url}/helm")

    def publish(self, path: str, content: bytes) -> dict[str, str]:
        self.files[path] = content
        digest = hashlib.sha256(content).hexdigest()
        return {"name": path.rsplit("/", 1)[1], "digest": f"sha256:{digest}", "browser_download_url": self.url + path}

    def publish_kubernetes(self, version: str = KUBERNETES.version) -> None:
        for program in KUBERNETES.programs:
            path = f"/k8s/v{version}/bin/linux/amd64/{program}"
            content = f"I am {program}".encode()
            self.files[path] = content
            self.files[f"{path}.sha256"] = hashlib.sha256(content).hexdigest().encode()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    files: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
            pass

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Site(f"http://127.0.0.1:{server.server_port}", files)
        server.shutdown()
        thread.join()


def test_kubernetes_comes_from_its_site_and_can_be_run(site: Site, tmp_path: Path) -> None:
    site.publish_kubernetes()
    release.download(KUBERNETES, tmp_path, QUIET, site.sites)
    assert (tmp_path / "kubectl").read_text() == "I am kubectl"
    assert {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == dict.fromkeys(
        KUBERNETES.programs, 0o755
    )


def test_a_program_with_another_checksum_is_refused_and_not_kept(site: Site, tmp_path: Path) -> None:
    site.publish_kubernetes()
    site.files[f"/k8s/v{KUBERNETES.version}/bin/linux/amd64/kube-apiserver"] = b"changed"
    with pytest.raises(DevError, match=r"has SHA-256 .* published is"):
        release.download(KUBERNETES, tmp_path, QUIET, site.sites)
    assert not (tmp_path / "kube-apiserver").exists()


def archive_of(directory: str, *programs: str) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name in programs:
            info = tarfile.TarInfo(f"{directory}/{name}")
            info.size = len(name)
            tar.addfile(info, io.BytesIO(name.encode()))
    return archive.getvalue()


def test_helm_is_taken_out_of_its_archive(site: Site, tmp_path: Path) -> None:
    name = f"helm-v{HELM.version}-linux-amd64.tar.gz"
    content = archive_of("linux-amd64", "README.md", "helm")
    site.files[f"/helm/{name}"] = content
    site.files[f"/helm/{name}.sha256sum"] = f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode()
    release.download(HELM, tmp_path, QUIET, site.sites)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("helm", "helm")]


def test_etcd_is_taken_out_of_its_archive(site: Site, tmp_path: Path) -> None:
    stem = f"etcd-v{ETCD.version}-linux-amd64"
    asset = site.publish(f"/files/{stem}.tar.gz", archive_of(stem, "etcdctl", "etcd"))
    site.publish(f"/etcd/v{ETCD.version}", json.dumps({"assets": [asset]}).encode())
    release.download(ETCD, tmp_path, QUIET, site.sites)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("etcd", "etcd")]


def test_a_file_without_a_published_checksum_is_not_taken(site: Site, tmp_path: Path) -> None:
    assets = [site.publish(f"/files/{program}-linux-amd64", b"x") | {"digest": ""} for program in KWOK.programs]
    site.publish(f"/kwok/v{KWOK.version}", json.dumps({"assets": assets}).encode())
    with pytest.raises(DevError, match="can't be downloaded"):
        release.download(KWOK, tmp_path, QUIET, site.sites)


def test_a_release_that_does_not_exist_is_named(site: Site, tmp_path: Path) -> None:
    with pytest.raises(DevError, match=rf"kwok {KWOK.version} can't be downloaded: .*404"):
        release.download(KWOK, tmp_path, QUIET, site.sites)


def test_other_versions_of_kubernetes_are_downloaded_into_the_cache(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for bundle in (ETCD, KWOK):
        bundle.directory.mkdir(parents=True)
        for program in bundle.programs:
            (bundle.directory / program).touch()
    site.publish_kubernetes("1.36.1")
    assert ensure("1.36.1", QUIET, sites=site.sites).kubectl == tmp_path / "drover/bin/kubernetes-1.36.1/kubectl"
    site.files.clear()
    assert ensure("1.36.1", QUIET, sites=site.sites).kubectl.read_text() == "I am kubectl"


def test_a_version_that_is_neither_pinned_nor_downloadable_is_not_built(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(DevError, match=rf"Only Kubernetes {KUBERNETES.version} can be built from source"):
        ensure("1.36.1", QUIET, sites=site.sites)
    assert list(bundles("1.36.1")[0].directory.parent.iterdir()) == []


def test_what_is_not_a_version_is_refused() -> None:
    with pytest.raises(DevError, match=r'"latest" is not a version of Kubernetes; write it as "1\.37\.2"'):
        ensure("latest", QUIET)
