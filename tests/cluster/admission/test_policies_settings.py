"""Values of Settings that Drover could not use, and Features that are locked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.admission.apiserver import Answer, Apiserver, path_of
from tests.cluster.admission.objects import feature_object, setting_object
from tests.cluster.admission.users import DROVER, refused, until
from tests.unit.api.tables.settings import BAD_VALUES, GOOD_VALUES


@pytest.mark.parametrize(("name", "value", "remedy"), BAD_VALUES)
def test_a_value_that_drover_could_not_use_is_refused_with_the_way_out(
    api: Apiserver, made: Any, name: str, value: str, remedy: str
) -> None:
    answer = api.create(setting_object(name, {"value": value}), dry_run=True)
    refused(answer, "value: must be", 422)
    assert remedy in answer.message
    live = made(setting_object(name, {}))
    refused(api.merge(live, {"value": value}), remedy, 422)


@pytest.mark.parametrize(("name", "value"), GOOD_VALUES)
def test_a_value_that_drover_can_use_is_taken(api: Apiserver, name: str, value: str) -> None:
    answer = api.create(setting_object(name, {"value": value}), dry_run=True)
    assert answer.ok, answer.message


def test_a_setting_that_drover_does_not_know_may_have_any_value(api: Apiserver) -> None:
    assert api.create(setting_object("ui-banners", {"value": "{"}), dry_run=True).ok


def test_a_value_that_was_there_before_the_policy_can_stay(api: Apiserver) -> None:
    bad = setting_object("server-version", {"value": "dev"})
    assert api.create(bad, user=DROVER).ok
    try:
        assert api.merge(bad, {"metadata": {"labels": {"team": "a"}}}).ok
        assert api.merge(bad, {"value": None}).ok
        refused(api.merge(bad, {"value": "devel"}), "must be a version", 422)
    finally:
        api.delete(bad, dry_run=False)


def test_whoever_sets_a_value_while_the_environment_decides_is_told(api: Apiserver, made: Any) -> None:
    live = made(setting_object("install-uuid", {"source": "env"}))
    value = {"value": "7283f457-914e-4cd1-9bb3-8d60f5d4c372"}
    until(lambda: api.merge(live, value), "CATTLE_INSTALL_UUID in the environment of Drover decides")
    answer = api.merge(live, {"metadata": {"labels": {"team": "a"}}})
    assert (answer.ok, answer.warnings) == (True, ())
    other = made(setting_object("server-version", {"source": "db"}))
    assert api.merge(other, {"value": "v1.2.3"}).warnings == ()


# --- Features ---------------------------------------------------------------------------------------------------------
def _put_status(api: Apiserver, feature: dict[str, Any], **status: Any) -> Answer:
    path, content = f"{path_of(feature)}/status", "application/merge-patch+json"
    return api.request("PATCH", path, {"status": status}, content_type=content)


def test_invariant_16_a_lock_refuses_the_opposite_and_takes_the_same_value(api: Apiserver, made: Any) -> None:
    feature = made(feature_object("locked", {}))
    assert api.merge(feature, {"spec": {"value": False}}).ok
    assert _put_status(api, feature, lockedValue=True).ok
    answer = api.merge(feature, {"spec": {"value": False}})
    refused(answer, "the feature is locked to true; set that or remove the field", 422)
    assert dict(answer.causes).keys() == {"spec.value"}
    assert api.merge(feature, {"spec": {"value": True}}, dry_run=False).ok
    assert api.merge(feature, {"spec": {"value": None}}).ok
    refused(api.merge(feature, {"spec": {"value": False}}), "is locked to true", 422)


def test_a_lock_can_come_over_what_was_set_and_leaves_the_rest_of_the_object_free(api: Apiserver, made: Any) -> None:
    feature = made(feature_object("late", {"value": False}))
    assert _put_status(api, feature, lockedValue=True).ok
    assert api.merge(feature, {"metadata": {"labels": {"team": "a"}}}).ok
    assert _put_status(api, feature, description="x").ok
    assert _put_status(api, feature, lockedValue=None).ok
    assert api.merge(feature, {"spec": {"value": True}}).ok
