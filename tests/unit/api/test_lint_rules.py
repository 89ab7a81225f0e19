"""CEL rules say what is wrong and what to do."""

from __future__ import annotations

from typing import Any

from tests.unit.api.crds import CRDS, Field, every_crd, every_field, fields

_WAYS_OUT = ("; ", "must ", "set ", "use ", "use `", "cannot be ", "is no longer supported", "go together", "needs ")
_REASONS = {"FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"}


@every_field
def test_every_rule_has_a_message(places: list[Field]) -> None:
    assert not [str(field) for field in places for rule in field.rules if len(rule["message"]) < 15]


@every_field
def test_every_message_tells_a_way_out(places: list[Field]) -> None:
    for field in places:
        for rule in field.rules:
            assert any(words in rule["message"] for words in _WAYS_OUT), f"{field}: {rule['message']}"


@every_field
def test_messages_are_one_line_without_a_full_stop(places: list[Field]) -> None:
    for field in places:
        for rule in field.rules:
            assert "\n" not in rule["message"], str(field)
            assert not rule["message"].endswith("."), str(field)
            assert rule["message"] == rule["message"].strip(), str(field)


@every_field
def test_reasons_are_kubernetes_own(places: list[Field]) -> None:
    assert not [
        str(field)
        for field in places
        for rule in field.rules
        if rule.get("reason", "FieldValueInvalid") not in _REASONS
    ]


@every_field
def test_the_field_that_a_rule_names_exists(places: list[Field]) -> None:
    known = {field.path for field in places}
    for field in places:
        for rule in field.rules:
            if "fieldPath" in rule:
                assert f"{field.path}{rule['fieldPath']}".lstrip(".") in known, f"{field}: {rule['fieldPath']}"


@every_field
def test_no_place_has_more_than_five_rules(places: list[Field]) -> None:
    assert not [str(field) for field in places if len(field.rules) > 5]


@every_field
def test_no_rule_is_there_twice(places: list[Field]) -> None:
    for field in places:
        rules = [rule["rule"] for rule in field.rules]
        assert len(rules) == len(set(rules)), str(field)


@every_crd
def test_rules_at_the_root_read_names_and_little_else(crd: dict[str, Any]) -> None:
    """A rule at the root runs on every write of the whole object, so it reads the name, or compares spec and status:
    no other place sees both. Where fields stand at the root, it compares some of them."""
    (root, *_) = fields(crd)
    if "spec" not in root.schema["properties"]:
        return
    others = [rule["rule"] for rule in root.rules if "metadata.name" not in rule["rule"]]
    assert not [rule for rule in others if "self.spec." not in rule or "self.status." not in rule]


def test_rules_that_compare_with_the_old_object_are_forbidden_changes() -> None:
    for name, crd in CRDS.items():
        for field in fields(crd):
            for rule in field.rules:
                if "oldSelf" in rule["rule"]:
                    assert rule.get("reason") == "FieldValueForbidden", f"{name} {field}: {rule['message']}"
