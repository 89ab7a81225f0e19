"""What the compiler alone takes for one change."""

from __future__ import annotations

from bench import compiling, fleet

from tests.unit.bench.hub import PROJECTS, objects_of


def test_each_kind_of_change_is_measured() -> None:
    found = compiling.slowest(objects_of([*fleet.one_in_all(PROJECTS), *fleet.many(PROJECTS, 9, 4)]))
    assert set(found) == {"binding", "role", "user", "project"}
    assert all(seconds > 0 for seconds in found.values())
