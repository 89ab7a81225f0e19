"""Conventions of names: of kinds, fields and enum values."""

from __future__ import annotations

import re
from typing import Any

from tests.unit.api.crds import CRDS, Field, every_crd, every_field

_TAKEN = {
    "po", "svc", "ns", "no", "deploy", "sts", "ds", "cj", "rs", "rc", "pvc", "pv", "sa", "cm", "ep", "ev", "quota",
    "limits", "hpa", "ing", "netpol", "pdb", "sc", "crd", "crds", "csr", "pc", "cs", "cl", "ma", "md", "ms", "mhc",
    "mhcs", "mp", "mt", "cc", "kcp", "kct", "rcp", "app", "ks", "hr",
}  # fmt: skip
"""Short names of Kubernetes, Cluster API, Argo CD and Flux."""

_KUBERNETES_OWN = {"enforce-version", "audit-version", "warn-version"}
"""Fields of Kubernetes' PodSecurityConfiguration."""

_MIXED_CASE = {"UserName", "GroupPrincipals", "Items", "ExtraByProvider", "LastRefresh", "NeedsRefresh"}
"""Fields of a UserAttribute, as upstream writes them."""


@every_crd
def test_the_name_of_a_crd_is_plural_and_group(crd: dict[str, Any]) -> None:
    assert crd["metadata"]["name"] == f"{crd['spec']['names']['plural']}.{crd['spec']['group']}"


@every_crd
def test_plural_singular_and_list_follow_from_the_kind(crd: dict[str, Any]) -> None:
    names = crd["spec"]["names"]
    assert names["plural"] == names["kind"].lower() + "s"
    assert names["singular"] == names["kind"].lower()
    assert names["listKind"] == f"{names['kind']}List"


@every_crd
def test_every_kind_but_roles_is_in_the_category_cattle(crd: dict[str, Any]) -> None:
    """The roles that come with Drover are so many that nobody would find a cluster among them."""
    is_role = crd["spec"]["names"]["kind"] in ("GlobalRole", "RoleTemplate")
    assert ("cattle" in crd["spec"]["names"]["categories"]) is not is_role


def test_users_roles_and_bindings_are_in_a_category_together() -> None:
    access = {name for name, crd in CRDS.items() if "cattle-access" in crd["spec"]["names"]["categories"]}
    assert {name.partition(".")[0] for name in access} == {
        *("users", "userattributes", "globalroles", "globalrolebindings", "roletemplates"),
        *("clusterroletemplatebindings", "projectroletemplatebindings"),
    }


@every_crd
def test_short_names_collide_with_no_well_known_one(crd: dict[str, Any]) -> None:
    assert crd["spec"]["names"]["shortNames"]
    assert not _TAKEN & set(crd["spec"]["names"]["shortNames"])


def test_short_names_are_unique() -> None:
    names = [name for crd in CRDS.values() for name in crd["spec"]["names"]["shortNames"]]
    assert len(names) == len(set(names))


@every_crd
def test_groups_are_those_of_rancher(crd: dict[str, Any]) -> None:
    assert crd["spec"]["group"].endswith(".cattle.io")
    assert crd["spec"]["scope"] in {"Cluster", "Namespaced"}


@every_field
def test_fields_are_in_camel_case(places: list[Field]) -> None:
    named = [field for field in places if field.name and field.name not in _KUBERNETES_OWN | _MIXED_CASE]
    assert not [str(field) for field in named if not re.fullmatch(r"[a-z][A-Za-z0-9]*", field.name)]


@every_field
def test_booleans_are_no_questions(places: list[Field]) -> None:
    booleans = [field for field in places if field.schema.get("type") == "boolean"]
    assert not [str(field) for field in booleans if re.match(r"(is|has|should|can)[A-Z]", field.name)]


@every_field
def test_fields_in_seconds_are_whole_numbers(places: list[Field]) -> None:
    timed = [field for field in places if field.name.endswith("Seconds")]
    assert not [str(field) for field in timed if field.schema["type"] != "integer"]


@every_field
def test_references_are_objects_and_names_are_strings(places: list[Field]) -> None:
    references = [field for field in places if field.name.endswith("Ref")]
    assert not [str(field) for field in references if field.schema["type"] != "object"]
    names = [field for field in places if field.name.endswith("Name")]
    assert not [str(field) for field in names if field.schema["type"] != "string"]


@every_field
def test_fields_that_end_in_generation_or_replicas_are_whole_numbers(places: list[Field]) -> None:
    counted = [field for field in places if re.search(r"([gG]eneration|[rR]eplicas|Count)$", field.name)]
    assert not [str(field) for field in counted if field.schema["type"] != "integer"]


@every_field
def test_enum_values_are_words(places: list[Field]) -> None:
    """Kubernetes has CamelCase, Rancher lower-case words; empty only where a field may be unset."""
    for field in places:
        for value in field.schema.get("enum", ()):
            assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]*|", value), f"{field}: {value!r}"
            assert value or not field.required, f"{field} is required and may be empty"


@every_field
def test_no_field_is_named_twice_in_another_spelling(places: list[Field]) -> None:
    for field in places:
        lowered = [name.lower() for name in field.schema.get("properties", {})]
        assert len(lowered) == len(set(lowered)), str(field)
