"""Names of derived objects."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from drover.rules import names

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
NAME = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)


@given(NAME, NAME, st.uuids())
def test_every_name_is_a_label_and_the_same_again(cluster: str, project: str, uid: object) -> None:
    def made() -> list[str]:
        return [
            names.backing_namespace(cluster, project),
            names.backing_namespace_beside(cluster, project, str(uid)),
            names.management_cluster(cluster, project, str(uid)),
            names.initial_project(str(uid), "default"),
        ]

    assert all(LABEL.fullmatch(name) for name in made())
    assert made() == made()


def test_long_names_that_begin_alike_stay_apart() -> None:
    long = "x" * 60
    assert names.backing_namespace(long, "one") != names.backing_namespace(long, "two")


def test_names_that_concatenate_alike_have_another_way_out() -> None:
    """`a` + `b-c` and `a-b` + `c`: the second one is put beside, by its uid."""
    assert names.backing_namespace("a", "b-c") == names.backing_namespace("a-b", "c")
    first = names.backing_namespace_beside("a", "b-c", "uid-1")
    assert first != names.backing_namespace_beside("a-b", "c", "uid-2")


def test_no_two_suffixes_of_many_are_alike() -> None:
    assert len({names.suffix(str(number)) for number in range(20_000)}) == 20_000
