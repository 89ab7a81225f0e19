"""Values beside their goals."""

from __future__ import annotations

import importlib.util

import orjson
import pytest
import yaml
from bench.figures import GATES, Figure, result

_START = {"cold_start": 2.0, "cold_writes": 9, "restart_to_warm": 1.2, "restart_writes": 0}


def test_a_goal_that_is_just_met_passes() -> None:
    assert Figure(3.0, "s", 3.0).passes
    assert Figure(0.5, "ratio", 0.5, "higher").passes


def test_a_goal_that_is_missed_does_not_pass() -> None:
    assert not Figure(3.1, "s", 3.0).passes
    assert not Figure(0.4, "ratio", 0.5, "higher").passes


def test_one_missed_goal_makes_the_whole_miss() -> None:
    assert not result("start", _START, {}).passes
    assert result("start", {**_START, "restart_to_warm": 1.0}, {}).passes


def test_more_writes_may_take_more_time() -> None:
    settled = {f"settled_{name}": 0.1 for name in ("cluster", "project", "provisioning_cluster", "workload")}
    found = result("reconcile", {**settled, "effective": 1.8}, {}, writes={"effective": 2.0})
    assert found.figures["effective"].goal == pytest.approx(1.9)
    assert found.passes


def test_values_that_are_not_the_figures_of_the_benchmark_are_an_error() -> None:
    with pytest.raises(ValueError, match="cold_start"):
        result("start", {"cold_strat": 2.0}, {})


def test_the_line_is_json_with_goals_baseline_and_versions() -> None:
    line = orjson.loads(result("start", _START, {"round_trip_seconds": 0.00234567}).line())
    assert line["name"] == "start"
    assert line["figures"]["restart_to_warm"] == {
        "value": 1.2,
        "unit": "s",
        "goal": 1.0,
        "better": "lower",
        "pass": False,
    }
    assert line["baseline"] == {"round_trip_seconds": 0.0023}
    assert set(line["versions"]) == {"drover", "kubernetes", "python"}


def test_every_benchmark_with_goals_exists_and_every_goal_has_a_direction() -> None:
    for name, gates in yaml.safe_load(GATES.read_text()).items():
        assert importlib.util.find_spec(f"bench.{name}") is not None, name
        for key, gate in gates.items():
            assert gate["unit"], key
            assert ("most" in gate) != ("least" in gate), key
