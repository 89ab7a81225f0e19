"""Downloads a bundle from its project's official release, checked against the published SHA-256."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import tarfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path, PurePosixPath
from typing import IO

from drover.dev.bundle import Bundle
from drover.dev.errors import DevError
from drover.dev.progress import Progress, Step

_SILENCE_SECONDS = 3.0  # many machines can't reach the release sites; they shouldn't wait long to learn it
_CHUNK = 1 << 18
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Sites:
    """Where releases are published."""

    kubernetes: str = "https://dl.k8s.io/release"
    helm: str = "https://get.helm.sh"
    # Lists the files of a release, each with its digest and its URL.
    etcd: str = "https://api.github.com/repos/etcd-io/etcd/releases/tags"
    kwok: str = "https://api.github.com/repos/kubernetes-sigs/kwok/releases/tags"


PUBLIC = Sites()


@dataclass(frozen=True)
class Asset:
    """One file of a release: a program, or (`member`) an archive that holds it."""

    program: str
    url: str
    sha256: str
    member: str = ""


def download(bundle: Bundle, destination: Path, progress: Progress, sites: Sites) -> None:
    """Puts every program of the bundle into `destination`.

    Raises DevError when the release can't be reached, has no such file for this machine, or a checksum differs.
    """
    system = f"{sys.platform}/{_architecture()}"
    if not system.startswith("linux/"):
        raise DevError(f"There is no official release of {bundle.name} for {system}")
    with progress.step(f"Downloading {bundle.name} {bundle.version}") as step:
        try:
            for asset in _assets(bundle, system, sites):
                _fetch(asset, destination, step)
        except urllib.error.HTTPError as error:
            raise _failure(bundle, f"{error.url}: {error.code} {error.reason}") from error
        except urllib.error.URLError as error:
            raise _failure(bundle, error.reason) from error
        except (OSError, ValueError, KeyError, tarfile.TarError) as error:
            raise _failure(bundle, error) from error


def _failure(bundle: Bundle, reason: object) -> DevError:
    return DevError(f"{bundle.name} {bundle.version} can't be downloaded: {reason}")


def _assets(bundle: Bundle, system: str, sites: Sites) -> list[Asset]:
    if bundle.name == "kubernetes":
        base = f"{sites.kubernetes}/v{bundle.version}/bin/{system}"
        return [
            Asset(program, f"{base}/{program}", _read(f"{base}/{program}.sha256").decode().split()[0])
            for program in bundle.programs
        ]
    dashed = system.replace("/", "-")
    if bundle.name == "helm":
        url = f"{sites.helm}/helm-v{bundle.version}-{dashed}.tar.gz"
        return [Asset("helm", url, _read(f"{url}.sha256sum").decode().split()[0], member=f"{dashed}/helm")]
    published = _published(f"{getattr(sites, bundle.name)}/v{bundle.version}")
    if bundle.name == "etcd":
        stem = f"etcd-v{bundle.version}-{dashed}"
        return [Asset("etcd", *published[f"{stem}.tar.gz"], member=f"{stem}/etcd")]
    return [Asset(program, *published[f"{program}-{dashed}"]) for program in bundle.programs]


def _published(url: str) -> dict[str, tuple[str, str]]:
    """URL and SHA-256 of each file of a release. A file without a digest is left out: it could not be checked."""
    found = {}
    for asset in json.loads(_read(url))["assets"]:
        kind, _, value = str(asset.get("digest") or "").partition(":")
        if kind == "sha256":
            found[str(asset["name"])] = (str(asset["browser_download_url"]), value)
    return found


def _fetch(asset: Asset, destination: Path, step: Step) -> None:
    target = destination / (f"{asset.program}.archive" if asset.member else asset.program)
    digest = hashlib.sha256()
    with _open(asset.url) as response, target.open("wb") as file:
        total, done = int(response.headers.get("Content-Length") or 0), 0
        while chunk := response.read(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            step.update(done, total or None, asset.program)
    if digest.hexdigest() != asset.sha256:
        target.unlink()
        raise ValueError(f"{asset.url} has SHA-256 {digest.hexdigest()}, published is {asset.sha256}")
    if asset.member:
        _extract(target, PurePosixPath(asset.member), destination / asset.program)
        target.unlink()
    (destination / asset.program).chmod(0o755)


def _extract(archive: Path, member: PurePosixPath, target: Path) -> None:
    with tarfile.open(archive) as tar:
        source: IO[bytes] | None = tar.extractfile(str(member))
        if source is None:
            raise ValueError(f"{archive.name} has no file {member}")
        with source, target.open("wb") as file:
            while chunk := source.read(_CHUNK):
                file.write(chunk)


def _read(url: str) -> bytes:
    with _open(url) as response:
        return response.read()


def _open(url: str) -> HTTPResponse:
    # S310: the URLs are constants of this module, or a test's own http server.
    response: HTTPResponse = urllib.request.urlopen(url, timeout=_SILENCE_SECONDS)  # noqa: S310
    return response


def _architecture() -> str:
    machine = platform.machine().lower()
    return _ARCHITECTURES.get(machine, machine)
