"""Which value of a Setting is in force, and what a value must look like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.api.tables.settings import BAD_VALUES, GOOD_VALUES

from drover.rules.initial_namespaces import SYSTEM
from drover.rules.settings import (
    BINDING_PER_SUBJECT,
    INSTALL_UUID,
    SERVER_VERSION,
    SYSTEM_NAMESPACES,
    USED_LIMIT_IN_SPEC,
    customized,
    known,
    listed_names,
    read,
    variable,
)

KNOWN = known("0.1.0", "uid-of-kube-system")
NAMESPACES = KNOWN[SYSTEM_NAMESPACES]
_POLICY = Path(__file__).parents[3] / "charts/drover/policies/setting.yaml"

_GOOD = st.sampled_from(["a", "a,b", "kube-system", " x , y "])
_BAD = st.sampled_from(["A", "a,,b", ",", "a b", "x" * 64])
_UNSET = st.sampled_from(["", None])


def test_the_settings_have_defaults_that_they_would_take() -> None:
    names = {SYSTEM_NAMESPACES, INSTALL_UUID, SERVER_VERSION, USED_LIMIT_IN_SPEC, BINDING_PER_SUBJECT}
    assert set(KNOWN) == names
    assert {name: each.problem(each.default) for name, each in KNOWN.items()} == dict.fromkeys(KNOWN, "")
    assert listed_names(NAMESPACES.default) == SYSTEM
    assert KNOWN[SERVER_VERSION].default == "v0.1.0"


def test_the_identity_follows_from_the_cluster_and_from_nothing_else() -> None:
    uuid = KNOWN[INSTALL_UUID].default
    assert known("0.2.0", "uid-of-kube-system")[INSTALL_UUID].default == uuid
    assert known("0.1.0", "another")[INSTALL_UUID].default != uuid


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("system-namespaces", "CATTLE_SYSTEM_NAMESPACES"),
        ("a.b-c", "CATTLE_A_B_C"),
        ("k8s-version", "CATTLE_K8S_VERSION"),
    ],
)
def test_the_variable_of_a_setting(name: str, expected: str) -> None:
    assert variable(name) == expected


@pytest.mark.parametrize(("name", "value", "remedy"), BAD_VALUES)
def test_a_value_of_the_wrong_form_is_named_with_the_way_out(name: str, value: str, remedy: str) -> None:
    assert remedy in KNOWN[name].problem(value)


@pytest.mark.parametrize(("name", "value"), [each for each in GOOD_VALUES if each[1]])
def test_a_value_of_the_right_form_is_taken(name: str, value: str) -> None:
    assert KNOWN[name].problem(value) == ""


@pytest.mark.parametrize("value", [7, True, ["a"], {"a": "b"}, 1.5])
def test_a_value_that_is_no_string_is_a_problem(value: Any) -> None:
    reading = read(NAMESPACES, {}, value, None, held=False)
    assert (reading.value, reading.source) == (NAMESPACES.default, "db")
    assert reading.problem == "value: must be a string; put it into quotes"


@given(st.one_of(_UNSET, _GOOD), st.one_of(_UNSET, _GOOD), st.one_of(_UNSET, _GOOD, _BAD))
def test_the_environment_goes_before_the_value_and_the_value_before_the_default(
    env: str | None, value: str | None, recorded: str | None
) -> None:
    environment = {"CATTLE_SYSTEM_NAMESPACES": env or "", "CATTLE_OTHER": "x"}
    reading = read(NAMESPACES, environment, value, recorded, held=False)
    assert reading.value == (env or value or NAMESPACES.default)
    assert reading.source == ("env" if env else "db" if value else "default")
    assert reading.problem == ""


@given(st.one_of(_UNSET, _GOOD, _BAD), st.one_of(_UNSET, _GOOD, _BAD), st.one_of(_UNSET, _GOOD, _BAD), st.booleans())
def test_what_is_in_force_can_always_be_used(
    env: str | None, value: str | None, recorded: str | None, held: bool
) -> None:
    environment = {"CATTLE_SYSTEM_NAMESPACES": env} if env is not None else {}
    reading = read(NAMESPACES, environment, value, recorded, held=held)
    assert NAMESPACES.problem(reading.value) == ""
    again = read(NAMESPACES, environment, value, reading.value, held=held)
    assert again == reading, "what is recorded decides the same again, so that a restart changes nothing"
    if reading.problem or held:
        good = bool(recorded) and not NAMESPACES.problem(recorded)
        assert reading.value == (recorded if good else NAMESPACES.default)
    if held:
        assert reading.problem == ""


def test_a_problem_names_where_the_value_comes_from() -> None:
    by_object = read(NAMESPACES, {}, "A", "a,b", held=False)
    assert (by_object.value, by_object.source) == ("a,b", "db")
    assert by_object.problem.startswith("value: must be names of namespaces")
    by_variable = read(NAMESPACES, {"CATTLE_SYSTEM_NAMESPACES": "A"}, "c", "", held=False)
    assert (by_variable.value, by_variable.source) == (NAMESPACES.default, "env")
    assert by_variable.problem.startswith("environment variable CATTLE_SYSTEM_NAMESPACES: must be")


def test_a_setting_is_customized_when_it_has_another_value_than_the_default() -> None:
    cases = {None: False, "": False, NAMESPACES.default: False, "a": True}
    assert {value: customized(NAMESPACES, value) for value in cases} == cases


def test_names_are_listed_without_the_spaces_around_them() -> None:
    assert listed_names(" a , b,c ") == ("a", "b", "c")


def test_the_policy_asks_for_the_same_and_says_the_same() -> None:
    policy, _ = yaml.safe_load_all(_POLICY.read_text())
    found = {(entry["expression"], " ".join(entry["message"].split())) for entry in policy["spec"]["validations"]}
    assert found == {
        (
            f'object.metadata.name != "{each.name}" || object.value.matches("{each.format.pattern}")',
            f"value: {each.format.message}",
        )
        for each in KNOWN.values()
    }
