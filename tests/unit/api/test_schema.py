"""Models as structural schemas."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import pytest
from pydantic import Field

from drover.api import KINDS, crds
from drover.api.docstrings import field_docstrings
from drover.api.resource import Model, camel
from drover.api.rule import Rule, value_or
from drover.api.scalars import IntOrString
from drover.api.schema import structural


class Wheel(Model):
    """A wheel."""

    size: Annotated[int, Field(ge=1), Rule("self != 13", "must not be 13; take 14")]
    """Inches
    across."""


class Car(Model):
    """A car."""

    rules = (Rule("has(self.front)", "needs a front wheel"),)

    front: Wheel | None = None
    """Front wheel."""
    rear: tuple[Wheel, ...] = ()
    """Rear wheels."""
    load: IntOrString | None = None
    """Load."""
    tags: dict[str, str] = {}
    """Tags."""
    undescribed: bool = False


class Race(Car):
    """A racing car."""

    boost: str = ""
    """Boost."""


WHEEL = {
    "type": "object",
    "properties": {
        "size": {
            "description": "Inches across.",
            "type": "integer",
            "minimum": 1,
            "x-kubernetes-validations": [{"rule": "self != 13", "message": "must not be 13; take 14"}],
        }
    },
    "required": ["size"],
}


def test_references_are_inlined_and_null_is_dropped() -> None:
    assert structural(Car)["properties"]["front"] == WHEEL | {"description": "Front wheel."}


def test_lists_are_atomic_unless_they_say_otherwise() -> None:
    rear = structural(Car)["properties"]["rear"]
    assert rear["x-kubernetes-list-type"] == "atomic"
    assert rear["items"] == WHEEL | {"description": "A wheel."}


def test_a_number_or_string_has_kubernetes_own_type() -> None:
    assert structural(Car)["properties"]["load"] == {"description": "Load.", "x-kubernetes-int-or-string": True}


def test_rules_of_a_model_stand_at_its_object() -> None:
    assert structural(Car)["x-kubernetes-validations"] == [
        {"rule": "has(self.front)", "message": "needs a front wheel"}
    ]


def test_defaults_of_models_are_not_those_of_the_apiserver() -> None:
    assert structural(Car)["properties"]["undescribed"] == {"type": "boolean"}


def test_fields_of_a_base_come_first_and_keep_their_descriptions() -> None:
    properties = structural(Race)["properties"]
    assert list(properties) == ["front", "rear", "load", "tags", "undescribed", "boost"]
    assert properties["tags"]["description"] == "Tags."


def test_a_union_has_no_structural_form() -> None:
    class Either(Model):
        """One of two."""

        value: int | str = 0

    with pytest.raises(ValueError, match="no structural schema"):
        structural(Either)


def test_a_docstring_belongs_to_the_field_above_it() -> None:
    assert field_docstrings(Wheel) == {"size": "Inches across."}
    assert field_docstrings(Race) == {"boost": "Boost."}


def test_names_become_camel_case() -> None:
    assert camel("display_name") == "displayName"
    assert camel("k3s_config") == "k3sConfig"


def test_a_value_that_may_be_absent_is_read_step_by_step() -> None:
    assert value_or("a.b", "''") == "(has(self.a) && has(self.a.b) ? self.a.b : '')"


def test_every_kind_is_there_once() -> None:
    names = [crd["metadata"]["name"] for crd in crds()]
    assert names == [f"{kind.plural}.{kind.group}" for kind in KINDS]
    assert len(names) == len(set(names))


def test_names_of_labels_load_no_pydantic() -> None:
    code = "import sys, drover.api, drover.api.keys; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
