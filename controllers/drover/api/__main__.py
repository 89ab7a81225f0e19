"""`python -m drover.api`: write crds/, one file a kind."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from drover.api import crds

HEADER = "# Generated from controllers/drover/api by `make crds`. Do not edit.\n"


def text(crd: dict[str, Any]) -> str:
    """A CustomResourceDefinition as its file holds it."""
    return HEADER + yaml.safe_dump(crd, sort_keys=False, width=120, allow_unicode=True)


def write(directory: Path) -> None:
    """One file a kind; files of kinds that are gone are removed."""
    directory.mkdir(exist_ok=True)
    files = {f"{crd['metadata']['name']}.yaml": text(crd) for crd in crds()}
    for name, content in files.items():
        (directory / name).write_text(content, encoding="utf-8")
    for path in directory.glob("*.yaml"):
        if path.name not in files:
            path.unlink()


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "crds"))
