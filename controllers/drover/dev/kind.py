"""Drover in clusters of kind, from its own image: what `make demo` shows, with pods that really run."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from drover import __version__
from drover.dev import beside, directories, helm
from drover.dev.chart import CHART, ROOT
from drover.dev.errors import DevError
from drover.dev.progress import Progress

REPOSITORY = "localhost/drover"
IMAGE = f"{REPOSITORY}:{__version__}"
_ENGINES = ("docker", "podman")


@dataclass(frozen=True)
class Engine:
    """A container engine that answers."""

    program: Path

    def build(self, tag: str = IMAGE) -> None:
        """Builds the image from the Containerfile."""
        run([self.program, "build", "--file", ROOT / "Containerfile", "--tag", tag, ROOT])

    def save(self, archive: Path, tag: str = IMAGE) -> None:
        """Writes the image into a file."""
        run([self.program, "save", "--output", archive, tag])


@dataclass(frozen=True)
class Cluster:
    """A cluster of kind, as the demo reaches it."""

    name: str

    @property
    def kubeconfig(self) -> Path:
        """Of the administrator, for this machine."""
        return directories.cache() / "kind" / f"{self.name}.kubeconfig"

    @property
    def context(self) -> str:
        """The context in it."""
        return f"kind-{self.name}"

    @property
    def inner_server(self) -> str:
        """Where its kube-apiserver is for the other clusters of this machine."""
        return f"https://{self.name}-control-plane:6443"


HUB, EDGE = Cluster("drover-hub"), Cluster("drover-edge")


@dataclass(frozen=True)
class Tools:
    """What has to be on the machine."""

    engine: Engine
    kind: Path
    kubectl: Path


def tools(path: str | None = None) -> Tools:
    """Raises DevError when something lacks, and says what."""
    return Tools(engine(path), _program("kind", path), _program("kubectl", path))


def engine(path: str | None = None) -> Engine:
    """Docker, else podman, whichever answers; raises DevError when none does. `path` is written as PATH is."""
    seen = []
    for name in _ENGINES:
        found = shutil.which(name, path=path)
        if found is None:
            seen.append(f"{name} is not on PATH")
            continue
        done = subprocess.run([found, "info"], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return Engine(Path(found))
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        seen.append(f"{name} does not answer: {lines[-1]}")
    raise DevError(
        f"This needs a container engine, Docker or podman. {'; '.join(seen)}. `make demo` shows the same without one."
    )


def _program(name: str, path: str | None) -> Path:
    found = shutil.which(name, path=path)
    if found is None:
        raise DevError(f"This needs {name} on PATH, besides Docker or podman. `make demo` shows the same without them.")
    return Path(found)


def up(found: Tools, progress: Progress) -> None:
    """The image is built, two clusters run, and the chart is installed in one of them with the other's kubeconfig in a
    Secret."""
    HUB.kubeconfig.parent.mkdir(parents=True, exist_ok=True)
    with progress.step(f"Building {IMAGE}"):
        found.engine.build()
    running = run([found.kind, "get", "clusters"], found).split()
    for cluster in (HUB, EDGE):
        with progress.step(f"Starting {cluster.name}"):
            _start(found, cluster, running)
    with progress.step(f"Loading {IMAGE} into {HUB.name}"), tempfile.TemporaryDirectory() as directory:
        archive = Path(directory) / "image.tar"
        found.engine.save(archive)
        run([found.kind, "load", "image-archive", archive, "--name", HUB.name], found)
    with progress.step("Installing the chart"):
        _install()
    beside.put_secret(HUB.kubeconfig, "edge-kubeconfig", beside.member_kubeconfig(EDGE.kubeconfig, EDGE.inner_server))


def _start(found: Tools, cluster: Cluster, running: list[str]) -> None:
    options: list[str | Path] = ["--name", cluster.name, "--kubeconfig", cluster.kubeconfig]
    if cluster.name in running:
        run([found.kind, "export", "kubeconfig", *options], found)
    else:
        run([found.kind, "create", "cluster", *options, "--wait", "180s"], found)


def _install() -> None:
    command: list[str | Path] = [helm.ensure(), "upgrade", "--install", "drover", CHART, "--create-namespace"]
    command += ["--kubeconfig", HUB.kubeconfig, "--namespace", "drover-system", "--wait", "--timeout", "180s"]
    run([*command, "--set", f"image.repository={REPOSITORY}", "--set", "image.pullPolicy=Never"])


def run(command: list[str | Path], found: Tools | None = None) -> str:
    """What a command prints; raises DevError with the end of what it says when it fails."""
    environment = dict(os.environ)
    if found is not None and found.engine.program.name == "podman":
        environment["KIND_EXPERIMENTAL_PROVIDER"] = "podman"
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        said = "\n".join(f"    {line}" for line in (done.stdout + done.stderr).strip().splitlines()[-15:])
        raise DevError(f"`{' '.join(map(str, command[:3]))}` ended with {done.returncode}:\n{said}")
    return done.stdout
