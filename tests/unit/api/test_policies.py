"""The policies: complete, closed when they fail, and away from everything that is not ours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.api.crds import CRDS, at, fields

from drover.api import keys
from drover.api.management.cluster import ClusterSpec
from drover.api.management.legacy import LEGACY_SPEC_FIELDS
from drover.rules.drivers import KNOWN

FILES = sorted((Path(__file__).parents[3] / "charts/drover/policies").glob("*.yaml"))
DROVER = "system:serviceaccount:drover-system:drover"
_OURS = {"management.cattle.io", "provisioning.cattle.io", "project.cattle.io"}

every_file = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


def _policy(file: Path) -> dict[str, Any]:
    policy, _ = yaml.safe_load_all(file.read_text())
    assert isinstance(policy, dict)
    return policy


@every_file
def test_a_file_holds_one_policy_and_its_binding(file: Path) -> None:
    policy, binding = yaml.safe_load_all(file.read_text())
    assert policy["kind"] == "ValidatingAdmissionPolicy"
    assert binding["kind"] == "ValidatingAdmissionPolicyBinding"
    assert policy["metadata"]["name"] == binding["metadata"]["name"] == binding["spec"]["policyName"]
    assert policy["metadata"]["name"] == f"drover-{file.stem}"


@every_file
def test_a_policy_that_denies_denies_when_it_fails(file: Path) -> None:
    policy, binding = yaml.safe_load_all(file.read_text())
    failing, actions = policy["spec"]["failurePolicy"], binding["spec"]["validationActions"]
    assert (failing, actions) in [("Fail", ["Deny"]), ("Ignore", ["Warn"])]


@every_file
def test_a_policy_that_denies_lets_drover_through_and_names_it_once(file: Path) -> None:
    text, policy = file.read_text(), _policy(file)
    denies = policy["spec"]["failurePolicy"] == "Fail"
    assert text.count(DROVER) == (1 if denies else 0)
    conditions = {entry["name"]: entry["expression"] for entry in policy["spec"].get("matchConditions", ())}
    if file.stem == "own-rights":  # what Drover itself may do
        assert conditions == {"drover": f'request.userInfo.username == "{DROVER}"'}
        return
    assert conditions.get("not-drover") == (f'request.userInfo.username != "{DROVER}"' if denies else None)


@every_file
def test_a_policy_matches_our_groups_and_namespaces_and_rbac_by_name_or_by_our_keys(file: Path) -> None:
    """Invariant 22: a namespace that is none of ours is never looked at, so no failure can block it. So with RBAC."""
    spec = _policy(file)["spec"]
    conditions = {entry["name"] for entry in spec.get("matchConditions", ())}
    for rule in spec["matchConstraints"]["resourceRules"]:
        if rule["apiGroups"] == [""]:
            assert {resource.split("/")[0] for resource in rule["resources"]} == {"namespaces"}
            named = rule.get("resourceNames") == ["local", "fleet-local"]
            assert named or conditions & {"changes-what-is-checked", "is-protected"}
        elif rule["apiGroups"] == ["rbac.authorization.k8s.io"]:
            assert conditions & {"changes-what-is-checked", "drover"}
        else:
            assert set(rule["apiGroups"]) <= _OURS
            assert not [resource for resource in rule["resources"] if "*" in resource or "/" in resource]


@every_file
def test_a_message_tells_the_way_out_and_has_a_plain_form(file: Path) -> None:
    for validation in _policy(file)["spec"]["validations"]:
        assert (
            "; " in validation["message"]
            or ", because" in validation["message"]
            or ", or absent" in validation["message"]
        )
        assert not validation["message"].endswith(".")
        assert validation.get("reason", "Invalid") in {"Invalid", "Forbidden"}


@every_file
def test_a_message_expression_asks_nobody_for_rights(file: Path) -> None:
    """The apiserver offers no authorizer to messages, and silently takes the plain message instead."""
    spec = _policy(file)["spec"]
    asking = {entry["name"] for entry in spec.get("variables", ()) if "authorizer" in entry["expression"]}
    for validation in spec["validations"]:
        used = set(re.findall(r"variables\.(\w+)", validation.get("messageExpression", "")))
        assert not asking & used


@every_file
def test_labels_and_annotations_are_those_of_keys(file: Path) -> None:
    known = {value for name, value in vars(keys).items() if name.isupper() and isinstance(value, str)}
    named = set(re.findall(r'"((?:[a-z0-9-]+\.)+[a-z]+/[A-Za-z-]+)"', file.read_text()))
    assert named <= known


def test_the_known_fields_are_those_of_the_schema() -> None:
    (file,) = (file for file in FILES if file.stem == "unknown-fields")
    variables = {entry["name"]: entry["expression"] for entry in _policy(file)["spec"]["variables"]}
    assert yaml.safe_load(variables["known"]) == [field.alias for field in ClusterSpec.model_fields.values()]
    assert yaml.safe_load(variables["legacy"]) == list(LEGACY_SPEC_FIELDS)


def test_no_field_is_both_known_and_legacy() -> None:
    assert not {field.alias for field in ClusterSpec.model_fields.values()} & set(LEGACY_SPEC_FIELDS)


# --- Deprecated fields ----------------------------------------------------------------------------------------------
def _deprecated() -> dict[str, dict[str, str]]:
    """The texts of the policy on deprecated fields, by resource and field."""
    (file,) = (file for file in FILES if file.stem == "deprecated-fields")
    variables = {entry["name"]: entry["expression"] for entry in _policy(file)["spec"]["variables"]}
    texts = yaml.safe_load(variables["texts"])
    assert isinstance(texts, dict)
    return texts


def _described_as_deprecated(crd: dict[str, Any]) -> set[str]:
    found = {field.path for field in fields(crd) if field.schema.get("description", "").startswith("Deprecated: ")}
    inside = {path for path in found if any(path.startswith(f"{other}.") for other in found)}
    return {path.removeprefix("spec.").replace("rkeConfig.machinePools[].", "pools.") for path in found - inside}


@pytest.mark.parametrize("name", [name for name in CRDS if not name.startswith("kontainerdrivers")])
def test_every_field_that_is_described_as_deprecated_gives_a_warning_and_no_other(name: str) -> None:
    legacy = set(LEGACY_SPEC_FIELDS) if name == "clusters.management.cattle.io" else set()
    described = {path for path in _described_as_deprecated(CRDS[name]) if not path.startswith("status")}
    assert set(_deprecated().get(name, {})) == described | legacy


def test_the_warning_of_a_legacy_field_names_its_successor() -> None:
    texts = _deprecated()["clusters.management.cattle.io"]
    assert {name: texts[name] for name in LEGACY_SPEC_FIELDS} == LEGACY_SPEC_FIELDS


@pytest.mark.parametrize("resource", ["clusters.management.cattle.io", "nodetemplates.management.cattle.io"])
def test_a_description_and_a_warning_name_the_same_successor(resource: str) -> None:
    for name, text in _deprecated()[resource].items():
        schema = at(CRDS[resource], f".spec.{name}")
        if schema is not None:
            plain = schema["description"].replace("`", "")
            assert plain.startswith("Deprecated: has no effect. ")
            assert text.lower() in plain.lower(), name


def test_every_secret_field_of_a_driver_is_refused_outside_a_secret() -> None:
    (file,) = (file for file in FILES if file.stem == "inline-credentials")
    variables = {entry["name"]: entry["expression"] for entry in _policy(file)["spec"]["variables"]}
    secret = re.compile(yaml.safe_load(variables["secret"]))
    for driver in KNOWN.values():
        assert not [field for field in (*driver.private, *driver.passwords) if not secret.search(field)]
        assert not [field for field in driver.public if secret.search(field) and field not in _PUBLIC], driver.name


_PUBLIC = {"apiKey"}
"""Of exoscale: the name of a key, and refused all the same."""
