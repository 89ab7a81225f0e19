"""What the README and docs say is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from drover.api.kinds import KINDS
from drover.api.parsing import parse
from tests.unit.docs import source
from tests.unit.docs.source import PACKAGE, ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
OPERATIONS = (ROOT / "docs/operations.md").read_text()
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()
MODELS: dict[tuple[str, str, str], Any] = {(kind.group, kind.version, kind.kind): kind for kind in KINDS}

_KIND_PAGES = {
    "cluster": "clusters",
    "project": "projects",
    "provisioning": "provisioning",
    "setting": "settings",
    "feature": "settings",
    "cloud_credential": "cloud-credentials",
    "node_driver": "drivers",
    "node_template": "drivers",
    "node_pool": "drivers",
    "kontainer_driver": "drivers",
    "pod_security": "pod-security",
    "fleet_workspace": "workspaces",
    "user": "roles",
    "role": "roles",
    "binding": "roles",
}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def section(text: str, heading: str) -> str:
    """The part of a page under a heading."""
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def first_column(text: str) -> set[str]:
    """What is in backquotes in the first column of tables."""
    cells = (line.split("|")[1] for line in text.splitlines() if line.startswith("|"))
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The fragments by which GitHub links to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def documents() -> list[Any]:
    """Every object in YAML on the pages, as pytest parameters."""
    return [
        pytest.param(obj, id=f"{page.name}-{number}-{obj.get('kind')}")
        for page in PAGES
        for number, block in enumerate(blocks(page, "yaml"))
        for obj in yaml.safe_load_all(block)
        if "apiVersion" in obj
    ]


def test_every_reason_is_explained_and_no_other() -> None:
    found = source.reasons()
    assert len(found) > 50
    assert first_column(section(OPERATIONS, "Reasons, and what to do")) == found


@pytest.mark.parametrize("kind", _KIND_PAGES)
def test_every_condition_of_a_kind_is_on_its_page(kind: str) -> None:
    page = (ROOT / f"docs/{_KIND_PAGES[kind]}.md").read_text()
    assert sorted(source.condition_types(kind) - first_column(section(page, "Conditions"))) == []


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, fragment in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", page.read_text()):
        if "://" in target:
            continue
        linked = (page.parent / target) if target else page
        assert linked.exists(), target
        assert not fragment or fragment in anchors(linked), f"{target}#{fragment}"


@each_page
def test_every_yaml_block_is_yaml(page: Path) -> None:
    for block in blocks(page, "yaml"):
        assert list(yaml.safe_load_all(block))


@pytest.mark.parametrize("obj", documents())
def test_every_manifest_of_our_kinds_is_valid(obj: dict[str, Any]) -> None:
    group, _, version = obj["apiVersion"].partition("/")
    model = MODELS.get((group, version, obj["kind"]))
    if model is not None:
        parse(model, obj, "")
    else:
        assert not group.endswith(".cattle.io")


@each_page
def test_every_make_target_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:`|^    )make ([a-z][a-z-]+)", page.read_text(), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@each_page
def test_every_path_in_backquotes_exists(page: Path) -> None:
    roots = (ROOT, PACKAGE, page.parent)
    for path in re.findall(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|yaml|toml))`", page.read_text()):
        assert any((root / path).exists() for root in roots) or list(PACKAGE.rglob(path)), path


def test_every_metric_is_described_and_no_other() -> None:
    code = "\n".join(path.read_text() for path in sorted(PACKAGE.rglob("*.py")))
    names = set(re.findall(r"(?:_counter|_gauge|_histogram|GaugeMetricFamily)\(\s*\"([a-z_]+)\"", code))
    described = {name.split("{")[0] for name in first_column(section(OPERATIONS, "Metrics"))}
    assert described == names


def test_every_flag_of_the_operator_is_described_and_no_other() -> None:
    code = (PACKAGE / "cli/operator.py").read_text() + (PACKAGE / "cli/access.py").read_text()
    flags = set(re.findall(r"\"(--[a-z-]+)\"", code))
    assert first_column(section(OPERATIONS, "Run")) == flags


def test_every_setting_of_kopf_has_its_reason() -> None:
    settings = re.findall(r"^    settings\.([a-z_.]+) = ", (PACKAGE / "operator.py").read_text(), re.MULTILINE)
    assert sorted(set(settings) - first_column(section(ARCHITECTURE, "Who watches what"))) == []


def test_every_annotation_of_ours_is_in_the_closed_lists() -> None:
    page = (ROOT / "docs/compatibility.md").read_text()
    code = "\n".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    keys = re.findall(r"^[A-Z_]+(?:: Final)? = \"(drover\.dev/[a-z-]+)\"", code, re.MULTILINE)
    assert len(keys) > 10
    assert sorted(key for key in set(keys) if f"`{key}" not in page) == []
