"""What the README and docs say is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = [path.read_text() for path in sorted((ROOT / "controllers/drover").rglob("*.py"))]

_FINDINGS = re.compile(r"(?:Terminal|Waiting|Problem|NoAccess)\(\s*\"([A-Z][A-Za-z]+)\"")
_TOLD = re.compile(r"return \"([A-Z][A-Za-z]+)\", ")
_PROGRESS = {"Progressing", "Connecting", "Syncing"}
"""Reasons that pass by themselves."""


def reasons() -> set[str]:
    """Every reason with which an object can stand still, except for deletions under way."""
    found = {name for text in CODE for name in _FINDINGS.findall(text)} | {
        name for text in CODE for name in _TOLD.findall(text)
    }
    return {name for name in found if not name.startswith(("Deleting", "Releasing"))} - _PROGRESS


def test_every_reason_is_explained() -> None:
    table = (ROOT / "docs/operations.md").read_text()
    assert len(reasons()) > 15
    assert sorted(name for name in reasons() if f"`{name}`" not in table) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_yaml_block_is_yaml(page: Path) -> None:
    for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL):
        assert list(yaml.safe_load_all(block))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:`|^    )make ([a-z][a-z-]+)", page.read_text(), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_metric_of_ours_is_described() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    for name in re.findall(r"\"(drover_[a-z_]+)\"", "\n".join(CODE)):
        assert name in page, name


def test_every_flag_of_the_operator_is_described() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    for flag in re.findall(r"\"(--[a-z-]+)\"", (ROOT / "controllers/drover/cli/operator.py").read_text()):
        assert f"`{flag}`" in page, flag
