"""A limit is divided so that nobody gets less than they use, and together never more than there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drover.rules.conversion.division import Pool, Slot, shares

used = st.lists(st.integers(0, 50), min_size=1, max_size=6)


def slots(names: str, numbers: list[int]) -> tuple[Slot, ...]:
    return tuple(Slot(f"{names}{index}", number) for index, number in enumerate(numbers))


def test_everybody_gets_what_they_use_and_an_equal_part_of_the_rest() -> None:
    assert shares(Pool(20, (Slot("a", 8), Slot("b"), Slot("later")))) == {"a": 12, "b": 4, "later": 4}


def test_what_does_not_divide_goes_to_the_first_ones() -> None:
    assert shares(Pool(5, (Slot("a"), Slot("b"), Slot("later")))) == {"a": 2, "b": 2, "later": 1}
    assert shares(Pool(1, (Slot("a"), Slot("later")))) == {"a": 1, "later": 0}


def test_a_smaller_pool_counts_for_as_many_as_are_in_it_and_gets_no_more_than_its_own_limit() -> None:
    inner = Pool(100, (Slot("b"), Slot("c")))
    assert shares(Pool(12, (Slot("a"), inner))) == {"a": 4, "b": 4, "c": 4}
    assert shares(Pool(12, (Slot("a"), Pool(2, inner.inside)))) == {"a": 10, "b": 1, "c": 1}


def test_where_more_is_used_than_there_is_everybody_gets_the_same_fraction() -> None:
    assert shares(Pool(4, (Slot("a", 5), Slot("b", 3), Slot("later")))) == {"a": 3, "b": 1, "later": 0}


@given(st.integers(0, 200), st.integers(0, 100), used, used)
def test_no_limit_is_exceeded_and_use_is_covered_where_that_is_possible(
    most: int, inner_most: int, outer: list[int], inner: list[int]
) -> None:
    found = shares(Pool(most, (*slots("o", outer), Pool(inner_most, slots("i", inner)))))
    below = sum(part for name, part in found.items() if name.startswith("i"))
    assert min(found.values()) >= 0
    assert sum(found.values()) <= most
    assert below <= inner_most
    if sum(inner) <= inner_most and sum(outer) + sum(inner) <= most:
        assert all(found[slot.name] >= slot.used for slot in (*slots("o", outer), *slots("i", inner)))


@given(st.integers(0, 200), used)
def test_nothing_is_kept_back(most: int, numbers: list[int]) -> None:
    assert sum(shares(Pool(most, slots("s", numbers))).values()) == most
