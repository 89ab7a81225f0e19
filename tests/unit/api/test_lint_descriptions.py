"""Every field is described, in plain sentences."""

from __future__ import annotations

import re
from typing import Any

from tests.unit.api.crds import Field, every_crd, every_field, root, version


def _named(places: list[Field]) -> list[Field]:
    return [field for field in places if field.name and not field.path.startswith("metadata")]


@every_field
def test_every_field_is_described(places: list[Field]) -> None:
    assert not [str(field) for field in _named(places) if not field.schema.get("description")]


@every_crd
def test_the_kind_is_described(crd: dict[str, Any]) -> None:
    assert len(root(crd)["description"]) > 40


@every_field
def test_descriptions_end_like_sentences(places: list[Field]) -> None:
    assert not [str(field) for field in _named(places) if not field.schema["description"].endswith(".")]


@every_field
def test_descriptions_begin_with_a_capital_or_a_literal(places: list[Field]) -> None:
    texts = {str(field): field.schema["description"] for field in _named(places)}
    assert not {path: text for path, text in texts.items() if not re.match(r"[A-Z`]|gRPC", text)}


@every_field
def test_descriptions_are_short_and_on_one_line(places: list[Field]) -> None:
    for field in _named(places):
        text = field.schema["description"]
        assert len(text) <= 300, str(field)
        assert text == " ".join(text.split()), str(field)


@every_field
def test_descriptions_are_plain_ascii(places: list[Field]) -> None:
    assert not [str(field) for field in places if not field.schema.get("description", "").isascii()]


@every_field
def test_what_is_immutable_says_so(places: list[Field]) -> None:
    fixed = [field for field in places if any(rule["rule"] == "self == oldSelf" for rule in field.rules)]
    assert not [str(field) for field in fixed if "mmutable" not in field.schema["description"]]


@every_field
def test_what_is_not_supported_says_what_to_use(places: list[Field]) -> None:
    refused = [field for field in places if field.schema.get("description", "").startswith("Not supported")]
    assert not [str(field) for field in refused if "use " not in field.schema["description"] or not field.rules]


@every_field
def test_descriptions_have_balanced_backticks(places: list[Field]) -> None:
    assert not [str(field) for field in places if field.schema.get("description", "").count("`") % 2]


@every_crd
def test_columns_are_described(crd: dict[str, Any]) -> None:
    assert all(column["description"].endswith(".") for column in version(crd)["additionalPrinterColumns"])
