"""The grammar of node expressions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drover.rules.workload.expressions import Operator, Requirement, parse, write
from drover.rules.workload.shape import InvalidWorkload

NAMES = st.from_regex(r"\A[A-Za-z0-9]([-A-Za-z0-9_.]{0,20}[A-Za-z0-9])?\Z")
KEYS = st.one_of(NAMES, st.builds("{}/{}".format, st.from_regex(r"\A[a-z]([a-z0-9]{0,8})(\.[a-z]{1,5}){0,2}\Z"), NAMES))
VALUES = st.one_of(NAMES, st.just(""))
WITH_VALUES: list[Operator] = ["In", "NotIn"]
COMPARING: list[Operator] = ["Lt", "Gt"]
ALONE: list[Operator] = ["Exists", "DoesNotExist"]
REQUIREMENTS = st.one_of(
    st.builds(Requirement, KEYS, st.sampled_from(ALONE)),
    st.builds(Requirement, KEYS, st.sampled_from(WITH_VALUES), st.lists(VALUES, min_size=1, max_size=4).map(tuple)),
    st.builds(Requirement, KEYS, st.sampled_from(COMPARING), st.integers(-(10**9), 10**9).map(lambda n: (str(n),))),
)


def parsed_or_refused(expression: str) -> tuple[Requirement, ...] | InvalidWorkload:
    try:
        return parse(expression, "spec.x[0]")
    except InvalidWorkload as refusal:
        return refusal


@given(st.lists(REQUIREMENTS, min_size=1, max_size=4).map(tuple))
def test_what_is_written_is_read_back(requirements: tuple[Requirement, ...]) -> None:
    assert parse(write(requirements), "x") == requirements


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_its_path(expression: str) -> None:
    result = parsed_or_refused(expression)
    if isinstance(result, InvalidWorkload):
        assert result.path == "spec.x[0]"
    else:
        assert parse(write(result), "x") == result


@pytest.mark.parametrize(
    ("expression", "requirement"),
    [
        ("disk = ssd", Requirement("disk", "In", ("ssd",))),
        ("disk=ssd", Requirement("disk", "In", ("ssd",))),
        ("disk =", Requirement("disk", "In", ("",))),
        ("disk != ssd", Requirement("disk", "NotIn", ("ssd",))),
        ("zone in (a, b)", Requirement("zone", "In", ("a", "b"))),
        ("zone in(a,b)", Requirement("zone", "In", ("a", "b"))),
        ("zone notin ( a )", Requirement("zone", "NotIn", ("a",))),
        ("gpu", Requirement("gpu", "Exists")),
        ("in", Requirement("in", "Exists")),
        ("! gpu", Requirement("gpu", "DoesNotExist")),
        ("cores < 8", Requirement("cores", "Lt", ("8",))),
        ("cores>8", Requirement("cores", "Gt", ("8",))),
        ("example.com/gpu = a.b_c-d", Requirement("example.com/gpu", "In", ("a.b_c-d",))),
    ],
)
def test_reads_each_form(expression: str, requirement: Requirement) -> None:
    assert parse(expression, "x") == (requirement,)


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("", "is not an expression"),
        ("disk = ssd &&", "is not an expression"),
        ("disk ssd", "is not an expression"),
        ("disk == ssd", "is not a label value"),
        ("= ssd", "is not an expression"),
        ("a/b/c = d", "is not a label key"),
        ("!", "is not a label key"),
        ("zone in a, b", "in parentheses"),
        ("zone in ()", "in parentheses"),
        ("zone in (a b)", "is not a label value"),
        ("disk = " + "x" * 64, "is not a label value"),
        ("cores > many", "is no whole number"),
        ("cores < (1, 2)", "is no whole number"),
    ],
)
def test_refuses_what_is_not_in_the_grammar(expression: str, says: str) -> None:
    with pytest.raises(InvalidWorkload, match=says):
        parse(expression, "x")
