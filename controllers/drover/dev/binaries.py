"""The programs of the control plane: from the cache, else the official release, else built from pinned sources."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from drover.dev import directories
from drover.dev.build import build
from drover.dev.bundle import KUBERNETES, Bundle, bundles
from drover.dev.errors import DevError
from drover.dev.lock import file_lock
from drover.dev.progress import Progress
from drover.dev.release import PUBLIC, Sites, download

KUBERNETES_VERSION = KUBERNETES.version


@dataclass(frozen=True)
class Binaries:
    """Absolute paths of the programs."""

    kube_apiserver: Path
    kube_controller_manager: Path
    kube_scheduler: Path
    kubectl: Path
    etcd: Path
    kwok: Path
    kwokctl: Path


def ensure(version: str = KUBERNETES_VERSION, progress: Progress | None = None, *, sites: Sites = PUBLIC) -> Binaries:
    """Returns the programs for a version of Kubernetes, fetching or building what the cache hasn't.

    Takes milliseconds with a warm cache and up to ten minutes with an empty one. Several callers wait for one.
    Raises DevError when a program can be neither downloaded nor built.
    """
    parts = version.split(".")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        raise DevError(f'"{version}" is not a version of Kubernetes; write it as "{KUBERNETES_VERSION}"')
    found: dict[str, Path] = {}
    for bundle in bundles(version):
        provide(bundle, progress or Progress(), sites)
        found |= {program.replace("-", "_"): bundle.directory / program for program in bundle.programs}
    return Binaries(**found)


def provide(bundle: Bundle, progress: Progress, sites: Sites) -> None:
    """Fetches or builds a bundle that the cache hasn't; several callers wait for one."""
    if bundle.complete():
        return
    lock = directories.programs() / f"{bundle.name}.lock"
    with file_lock(lock, progress.reminder(f"Waiting for another process that fetches or builds {bundle.name}")):
        if not bundle.complete():
            _make(bundle, progress, sites)


def _make(bundle: Bundle, progress: Progress, sites: Sites) -> None:
    """Makes the directory in one rename, so that a killed build leaves nothing that looks whole."""
    prefix = f".{bundle.name}-partial-"
    for left_over in directories.programs().glob(f"{prefix}*"):
        shutil.rmtree(left_over, ignore_errors=True)  # we hold the lock: whoever made it is gone
    partial = Path(tempfile.mkdtemp(prefix=prefix, dir=directories.programs()))
    try:
        _fill(bundle, partial, progress, sites)
        missing = [program for program in bundle.programs if not (partial / program).is_file()]
        if missing:
            raise DevError(f"{bundle.name} {bundle.version} came without {', '.join(missing)}")
        partial.chmod(0o755)
        shutil.rmtree(bundle.directory, ignore_errors=True)  # there, but not complete: somebody deleted a program
        partial.rename(bundle.directory)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _fill(bundle: Bundle, partial: Path, progress: Progress, sites: Sites) -> None:
    try:
        download(bundle, partial, progress, sites)
    except DevError as error:
        if not bundle.pinned:
            raise DevError(
                f"{error}. Only Kubernetes {KUBERNETES_VERSION} can be built from source, because only its sources are "
                f"pinned; use `--kubernetes {KUBERNETES_VERSION}`, or a machine that reaches the release site."
            ) from error
        progress.say(f"{error}; building it instead")
        build(bundle, partial, progress)
