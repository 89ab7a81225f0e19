"""Whether a Feature is on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from drover.rules.features import KNOWN, MULTI_CLUSTER_MANAGEMENT, Decision, decision

_BOOLS = st.none() | st.booleans()


@given(_BOOLS, st.booleans(), _BOOLS)
def test_a_lock_goes_before_the_spec_and_the_spec_before_the_default(
    locked: bool | None, default: bool, value: bool | None
) -> None:
    feature = replace(MULTI_CLUSTER_MANAGEMENT, locked=locked, default=default)
    found = decision(feature, value)
    assert found.on == next(each for each in (locked, value, default) if each is not None)
    assert found.by == ("Locked" if locked is not None else "BySpec" if value is not None else "ByDefault")
    assert found.refused == (locked is not None and value is not None and value != locked)


@given(st.sampled_from(["true", 1, 0, [], {}, "", 1.0]))
def test_what_is_no_boolean_counts_as_not_set(value: Any) -> None:
    feature = replace(MULTI_CLUSTER_MANAGEMENT, locked=None)
    assert decision(feature, value) == Decision(True, "ByDefault")


def test_every_feature_is_described_and_a_lock_agrees_with_the_default() -> None:
    for name, feature in KNOWN.items():
        assert feature.name == name
        assert feature.description.endswith(".")
        assert feature.locked in (None, feature.default)
