"""The page on security names tests that exist, and every test of attacks."""

from __future__ import annotations

import re

import pytest

from tests.unit.docs.source import ROOT
from tests.unit.docs.test_robustness import found_in

PAGE = (ROOT / "docs/security.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ATTACKS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests/cluster/attacks").glob("test_*.py"))
CHECKS = {*range(1, 10), 11, 12, *range(18, 23), 25}
"""The acceptance checks of rights that need no login."""

PUBLISHED = """
CVE-2019-14436 CVE-2021-25318 CVE-2021-36784 CVE-2022-31247 CVE-2023-22647 CVE-2023-32194 CVE-2023-32196 CVE-2026-41052
CVE-2020-10676 CVE-2021-31999 CVE-2021-36776 CVE-2022-21953 CVE-2025-22031
CVE-2021-36775 CVE-2023-22648 CVE-2023-32199
CVE-2023-22651
"""

_ELSEWHERE = {
    "test_a_role_with_more_rights_is_refused_with_one_that_can_be_given",
    "test_a_role_that_does_not_exist_is_refused_with_one_that_has_a_name_like_it",
    "test_a_role_for_clusters_is_refused_in_a_project_with_one_for_projects",
    "test_a_user_who_does_not_exist_is_told",
    "test_of_a_group_it_is_told_that_nobody_looked_for_it",
    "test_check_1_a_group_with_the_role_of_users_has_it_before_anybody_of_it_has_logged_in",
    "test_check_21_a_binding_of_an_external_role_gives_what_its_cluster_role_says_whatever_its_external_rules",
    "test_a_binding_in_a_cluster_that_does_not_exist_waits_for_it",
}
"""They try no attack."""


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_is_named_exists(path: str, name: str) -> None:
    assert name in found_in(path)


@pytest.mark.parametrize("path", ATTACKS)
def test_every_test_of_attacks_is_named(path: str) -> None:
    named = {name for where, name in NAMED if where == path}
    assert sorted(found_in(path).keys() - named - _ELSEWHERE) == []


def test_every_row_about_an_attack_names_a_test() -> None:
    rows = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]
    attacks = [row for row in rows if len(row) == 3 and row[2].strip() not in ("Test", "Must not come to")]
    told = [row for row in attacks if "::" not in row[2]]
    assert len(attacks) > 40
    assert [row[0] for row in told if row[0].strip() not in _people()] == []


def test_every_vulnerability_that_was_published_in_these_classes_is_on_the_page() -> None:
    found = set(re.findall(r"CVE-\d{4}-\d+", PAGE))
    assert found == set(PUBLISHED.split())


def test_each_acceptance_check_of_rights_is_a_test_with_its_number() -> None:
    paths = [*(ROOT / "tests").rglob("test_*.py")]
    names = [name for path in paths for name in re.findall(r"def (test_check_\d+_\w+)", path.read_text())]
    assert {int(name.split("_")[2]) for name in names} >= CHECKS


def _people() -> set[str]:
    section = PAGE.split("## Whom it is about", 1)[1].split("\n## ", 1)[0]
    return {line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")}
