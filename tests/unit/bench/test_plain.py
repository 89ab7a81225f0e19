"""The kinds without rules."""

from __future__ import annotations

import json
import re

import pytest
from bench.plain import plain_crd, plain_gvr, plain_object

from drover import install
from drover.kinds.resources import WORKLOADS
from drover.kube.gvr import Object
from drover.rules.objects import name_of

_CRDS = install.crds()


@pytest.mark.parametrize("crd", _CRDS, ids=name_of)
def test_a_kind_without_rules_has_the_same_fields(crd: Object) -> None:
    assert _fields(_schema(plain_crd(crd))) == _fields(_schema(crd))


@pytest.mark.parametrize("crd", _CRDS, ids=name_of)
def test_nothing_is_left_of_the_rules(crd: Object) -> None:
    rules = re.compile(r'"x-kubernetes-validations"|"(maxLength|maxItems)": \d|"pattern": "|"enum": \[')
    before, after = (json.dumps(_schema(each)) for each in (crd, plain_crd(crd)))
    assert rules.search(before)
    assert not rules.search(after)


def test_a_field_that_is_called_like_a_rule_stays() -> None:
    schema = {"type": "object", "properties": {"pattern": {"type": "string", "pattern": "a+"}}}
    crd: Object = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "spec": {
            "group": "example.com",
            "names": {"plural": "things"},
            "versions": [{"name": "v1", "schema": {"openAPIV3Schema": schema}}],
        },
    }
    assert _schema(plain_crd(crd)) == {"type": "object", "properties": {"pattern": {"type": "string"}}}


def test_policies_do_not_name_its_group() -> None:
    plain = plain_gvr(WORKLOADS)
    assert str(plain) == "workloads.plain.project.cattle.io"
    assert plain_object({"apiVersion": WORKLOADS.api_version})["apiVersion"] == plain.api_version
    for policy in install.policies():
        for rule in (policy["spec"].get("matchConstraints") or {}).get("resourceRules") or []:
            assert plain.group not in rule["apiGroups"]
            assert "*" not in rule["apiGroups"]


def _schema(crd: Object) -> Object:
    schema: Object = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def _fields(schema: Object, path: str = "") -> set[str]:
    """The paths of all fields, with their types and defaults."""
    found = {f"{path}:{schema.get('type')}:{schema.get('default')}"}
    for name, value in (schema.get("properties") or {}).items():
        found |= _fields(value, f"{path}.{name}")
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            found |= _fields(schema[name], f"{path}[]")
    return found
