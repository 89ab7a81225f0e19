"""A bundle: programs that come from one Go module, or from one official release."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from drover.dev import directories

# A change of the way of building is a change of what is built.
_BUILD_RECIPE = "1"
_VERSION_VARIABLES = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")


@dataclass(frozen=True)
class Bundle:
    """Programs that are fetched or built together.

    `packages` is what `go build` is given: `tool` means each package of the `tool` lines of go.mod.
    """

    name: str
    version: str
    programs: tuple[str, ...]
    packages: str
    pinned: bool = True

    @property
    def module(self) -> Path:
        """The directory with go.mod and go.sum."""
        return directories.go_modules() / self.name

    @property
    def directory(self) -> Path:
        """Where the programs are kept. A changed pin gives another directory."""
        return directories.programs() / "-".join(part for part in (self.name, self.version, self.digest) if part)

    @property
    def digest(self) -> str:
        """Eight hex digits over the module's files; empty for a version that can only be downloaded."""
        if not self.pinned:
            return ""
        total = hashlib.sha256(_BUILD_RECIPE.encode())
        for file in sorted(self.module.iterdir()):
            total.update(f"\0{file.name}\0".encode() + file.read_bytes())
        return total.hexdigest()[:8]

    @property
    def linker_flags(self) -> str:
        """No symbol table (half the size); Kubernetes and Helm are told their own version, which they can't know by
        themselves."""
        flags = ["-s", "-w"]
        if self.name == "helm":
            flags.append(f"-X helm.sh/helm/v4/internal/version.version=v{self.version}")
        if self.name == "kubernetes":
            major, minor, _ = self.version.split(".", 2)
            for package in _VERSION_VARIABLES:
                values = {
                    "gitVersion": f"v{self.version}",
                    "gitMajor": major,
                    "gitMinor": minor,
                    "gitTreeState": "clean",
                }
                flags += [f"-X {package}.{name}={value}" for name, value in values.items()]
        return " ".join(flags)

    def complete(self) -> bool:
        """Whether every program is there. The directory appears by a rename, so it is whole or missing."""
        return all((self.directory / program).is_file() for program in self.programs)


KUBERNETES = Bundle(
    "kubernetes",
    "1.37.2",
    ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"),
    packages="tool",
)
ETCD = Bundle("etcd", "3.7.3", ("etcd",), packages=".")
KWOK = Bundle("kwok", "0.8.0", ("kwok", "kwokctl"), packages="tool")
HELM = Bundle("helm", "4.3.1", ("helm",), packages="tool")


def bundles(kubernetes: str) -> tuple[Bundle, ...]:
    """The bundles of a control plane with this version of Kubernetes; etcd and kwok are the same for all."""
    if kubernetes == KUBERNETES.version:
        return (KUBERNETES, ETCD, KWOK)
    other = Bundle(KUBERNETES.name, kubernetes, KUBERNETES.programs, KUBERNETES.packages, pinned=False)
    return (other, ETCD, KWOK)
