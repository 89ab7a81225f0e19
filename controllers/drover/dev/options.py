"""What a control plane is asked to be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from drover.dev.binaries import KUBERNETES_VERSION
from drover.dev.errors import DevError

HUB = "hub"
_NAME = re.compile(r"^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$")
_FILE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")


@dataclass(frozen=True)
class Options:
    """A hub and `members` further clusters, each with `nodes` nodes whose pods go Running.

    `apiserver_flags` are flags of kube-apiserver without the dashes, on every cluster; `{files}` in a value is the
    directory in which `apiserver_files` (name to content) lie. With `audit` each request is written to
    `Instance.audit_log`. `--kubernetes` versions other than the pinned one have to be downloadable.
    """

    name: str = "dev"
    members: int = 0
    kubernetes: str = KUBERNETES_VERSION
    nodes: int = 1
    apiserver_flags: Mapping[str, str] = field(default_factory=dict)
    apiserver_files: Mapping[str, str] = field(default_factory=dict)
    audit: bool = False

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise DevError(
                f'"{self.name}" is not a name for a control plane; use up to 30 lower-case letters, digits and "-", '
                f"starting and ending with a letter or digit"
            )
        for what, count, most in (("members", self.members, 20), ("nodes", self.nodes, 1000)):
            if not 0 <= count <= most:
                raise DevError(f"{count} {what}: between 0 and {most} are possible")
        for flag in self.apiserver_flags:
            if flag.startswith("-") or "=" in flag:
                raise DevError(f'apiserver_flags: "{flag}": write the name of the flag without dashes and "="')
        for name in self.apiserver_files:
            if not _FILE.match(name):
                raise DevError(f'apiserver_files: "{name}" is not a plain file name')

    @property
    def instances(self) -> tuple[str, ...]:
        """The names of the clusters: `hub`, `member-1`, `member-2`, ..."""
        return (HUB, *(f"member-{number}" for number in range(1, self.members + 1)))

    def dump(self) -> dict[str, Any]:
        """The options as JSON."""
        return asdict(self) | {
            "apiserver_flags": dict(self.apiserver_flags),
            "apiserver_files": dict(self.apiserver_files),
        }

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Options:
        """The inverse of `dump`."""
        return cls(**data)
