"""The seam to a member survives JSON."""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from drover.members.desired import (
    Desired,
    MemberState,
    Observed,
    Part,
    PartState,
    Problem,
    SecretSource,
    Wanted,
)
from drover.rules.ownership import Owner
from drover.rules.pod_security import PodSecurity

TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)
OWNERS = st.builds(Owner, TEXT, TEXT, TEXT, TEXT, TEXT)
WANTED = st.builds(Wanted, st.dictionaries(TEXT, JSON, max_size=3), TEXT, st.booleans())
SOURCES = st.builds(SecretSource, TEXT, TEXT, TEXT, TEXT, st.none() | st.lists(TEXT, max_size=2).map(tuple))
POD_SECURITY = st.builds(PodSecurity, st.dictionaries(TEXT, TEXT, max_size=2), st.lists(TEXT, max_size=2).map(tuple))
PARTS = st.builds(
    Part,
    OWNERS,
    TEXT,
    st.lists(WANTED, max_size=2).map(tuple),
    TEXT,
    st.booleans(),
    secrets=st.none() | st.lists(SOURCES, max_size=2).map(tuple),
    pod_security=st.none() | POD_SECURITY,
)


@given(st.builds(Desired, TEXT, st.dictionaries(TEXT, PARTS, max_size=3), st.booleans()))
def test_what_is_desired_is_the_same_after_json(desired: Desired) -> None:
    assert Desired.from_json(orjson.loads(orjson.dumps(desired.to_json()))) == desired


@given(PARTS, PARTS)
def test_a_digest_tells_parts_apart(left: Part, right: Part) -> None:
    assert (left.digest() == right.digest()) == (orjson.dumps(left) == orjson.dumps(right))


def test_what_was_observed_is_json() -> None:
    state = PartState(
        "d", objects=({"kind": "Deployment"}, None), problems=(None, Problem("X", "y")), namespaces=("a",)
    )
    observed = Observed("edge", MemberState(connected=True), {"uid": state})
    assert orjson.loads(orjson.dumps(observed.to_json()))["parts"]["uid"]["problems"][1]["reason"] == "X"


def test_a_cluster_that_ever_answered_was_seen() -> None:
    assert MemberState().never_seen("")
    assert not MemberState().never_seen("uid-of-kube-system")
    assert not MemberState(connected=True, uid="u").never_seen("")
