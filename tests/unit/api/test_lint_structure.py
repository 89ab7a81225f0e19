"""Schemas are structural, bounded, and mergeable."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.unit.api.crds import CRDS, Field, at, every_crd, every_field, fields, root, version

from drover.api.__main__ import text

_CRDS = Path(__file__).parents[3] / "crds"
_AT_THE_TOP = {
    "settings.management.cattle.io": ["value", "default", "customized", "source", "status"],
    "preferences.management.cattle.io": ["value"],
    "podsecurityadmissionconfigurationtemplates.management.cattle.io": ["description", "configuration", "status"],
    "fleetworkspaces.management.cattle.io": ["status"],
    "users.management.cattle.io": [
        "displayName", "description", "username", "password", "mustChangePassword", "principalIds", "me", "enabled",
        "status",
    ],
    "userattributes.management.cattle.io": [
        "UserName", "GroupPrincipals", "ExtraByProvider", "LastRefresh", "NeedsRefresh", "lastLogin", "disableAfter",
        "deleteAfter",
    ],
    "globalroles.management.cattle.io": [
        "displayName", "description", "rules", "namespacedRules", "inheritedNamespacedRules", "inheritedClusterRoles",
        "inheritedFleetWorkspacePermissions", "newUserDefault", "builtin", "status",
    ],
    "globalrolebindings.management.cattle.io": [
        "globalRoleName", "userName", "userPrincipalName", "groupPrincipalName", "status",
    ],
    "roletemplates.management.cattle.io": [
        "displayName", "description", "context", "rules", "roleTemplateNames", "external", "externalRules", "hidden",
        "locked", "clusterCreatorDefault", "projectCreatorDefault", "administrative", "builtin", "status",
    ],
    "clusterroletemplatebindings.management.cattle.io": [
        "clusterName", "roleTemplateName", "userName", "userPrincipalName", "groupName", "groupPrincipalName", "status",
    ],
    "projectroletemplatebindings.management.cattle.io": [
        "projectName", "roleTemplateName", "userName", "userPrincipalName", "groupName", "groupPrincipalName",
        "serviceAccount", "status",
    ],
}  # fmt: skip
"""Kinds whose fields stand beside metadata, as Rancher has them."""
_KEEPS_UNKNOWN = {
    "clusters.management.cattle.io": {"spec", "status", "spec.clusterSecrets", "status.info"},
    "nodetemplates.management.cattle.io": {"", "spec"},
}
"""Where fields of older versions live, and those of a NodeTemplate that depend on its driver. Apart from that, only
objects without known fields keep theirs."""
_UNBOUNDED = {"value", "command", "entrypoint"}
"""Strings of a container that Kubernetes does not bound either; no rule reads them."""
_NO_SECRETS = {
    "kubeConfig": "a rule refuses it and tells the way out",
    "password": "a rule refuses it and tells the way out",
    "privateRegistrySecret": "the name of a Secret",
    "serviceAccountTokenSecret": "the name of a Secret",
    "secrets": "the number of Secrets in a quota",
    "gmsaCredentialSpec": "names an account, without its password",
    "credentialBundlePath": "the name of a file",
    "appliedClusterAgentImagePullSecretsHash": "a hash of names",
}
"""Strings that sound like secrets, and why they are none. What ends in Name or Id refers to one."""


@every_crd
def test_the_file_in_crds_is_fresh(crd: dict[str, Any]) -> None:
    file = _CRDS / f"{crd['metadata']['name']}.yaml"
    assert file.read_text(encoding="utf-8") == text(crd), "run `make crds`"


def test_there_is_no_file_without_a_kind() -> None:
    assert {file.stem for file in _CRDS.glob("*.yaml")} == set(CRDS)


@every_crd
def test_a_crd_is_small_enough_for_a_client_side_apply(crd: dict[str, Any]) -> None:
    assert len(json.dumps(crd, separators=(",", ":"))) <= 200 * 1024


@every_crd
def test_there_is_one_version_served_and_stored(crd: dict[str, Any]) -> None:
    assert version(crd)["served"]
    assert version(crd)["storage"]
    assert re.fullmatch(r"v\d+", version(crd)["name"])


@every_crd
def test_the_root_has_spec_and_status(crd: dict[str, Any]) -> None:
    fields_at_top = _AT_THE_TOP.get(crd["metadata"]["name"])
    assert list(root(crd)["properties"]) == ["apiVersion", "kind", "metadata", *(fields_at_top or ["spec", "status"])]
    if fields_at_top:
        return
    assert "spec" in root(crd).get("required", ()) or "default" in root(crd)["properties"]["spec"]


@every_field
def test_every_place_has_one_type(places: list[Field]) -> None:
    for field in places:
        assert ("type" in field.schema) != ("x-kubernetes-int-or-string" in field.schema), str(field)


@every_field
def test_nothing_is_in_a_schema_that_is_not_structural(places: list[Field]) -> None:
    forbidden = {"$ref", "anyOf", "oneOf", "allOf", "not", "definitions", "title", "const", "nullable", "uniqueItems"}
    assert not [str(field) for field in places if forbidden & set(field.schema)]


@every_field
def test_an_object_has_named_fields_or_free_keys(places: list[Field]) -> None:
    for field in places:
        kinds = {"properties", "additionalProperties"} & set(field.schema)
        assert len(kinds) <= 1, str(field)
        if field.schema.get("type") == "object" and not kinds:
            assert field.schema.get("x-kubernetes-preserve-unknown-fields"), str(field)


@every_crd
def test_unknown_fields_are_kept_only_where_older_versions_had_some(crd: dict[str, Any]) -> None:
    keeping = {
        field.path
        for field in fields(crd)
        if field.schema.get("x-kubernetes-preserve-unknown-fields") and "properties" in field.schema
    }
    assert keeping == _KEEPS_UNKNOWN.get(crd["metadata"]["name"], set())


@every_field
def test_numbers_are_whole(places: list[Field]) -> None:
    assert not [str(field) for field in places if field.schema.get("type") == "number"]


@every_field
def test_every_list_says_how_it_merges(places: list[Field]) -> None:
    lists = [field for field in places if field.schema.get("type") == "array"]
    assert not [str(field) for field in lists if field.schema["x-kubernetes-list-type"] not in {"atomic", "map", "set"}]


@every_field
def test_the_keys_of_a_list_map_are_required_strings(places: list[Field]) -> None:
    for field in places:
        if field.schema.get("x-kubernetes-list-type") == "map":
            for key in field.schema["x-kubernetes-list-map-keys"]:
                assert key in field.schema["items"]["required"], str(field)
                assert field.schema["items"]["properties"][key]["type"] == "string", str(field)


@every_field
def test_lists_in_a_spec_have_a_longest_length(places: list[Field]) -> None:
    lists = [field for field in places if field.schema.get("type") == "array" and field.path.startswith("spec")]
    assert not [str(field) for field in lists if "maxItems" not in field.schema]


@every_field
def test_strings_in_a_spec_have_a_longest_length(places: list[Field]) -> None:
    for field in places:
        if field.schema.get("type") == "string" and field.path.startswith("spec."):
            bounded = "maxLength" in field.schema or "enum" in field.schema
            owner = re.sub(r"(\[\]|\{\})+$", "", field.path).rpartition(".")[2]
            free = field.path.endswith(("{}", "[]")) and not field.rules
            assert bounded or free or owner in _UNBOUNDED, str(field)


@every_field
def test_what_a_rule_reads_is_bounded(places: list[Field]) -> None:
    for field in places:
        if field.rules:
            match field.schema.get("type"):
                case "string":
                    assert "maxLength" in field.schema, str(field)
                case "array":
                    assert "maxItems" in field.schema, str(field)


@every_field
def test_ports_are_between_1_and_65535(places: list[Field]) -> None:
    for field in places:
        if field.name.lower().endswith("port") and field.schema.get("type") == "integer":
            assert field.schema["maximum"] == 65535, str(field)
            assert field.schema["minimum"] in {0, 1}, str(field)


@every_crd
def test_the_apiserver_fills_in_nothing_but_an_empty_spec(crd: dict[str, Any]) -> None:
    defaults = {field.path: field.schema["default"] for field in fields(crd) if "default" in field.schema}
    empty = crd["metadata"]["name"] in {"clusters.provisioning.cattle.io", "features.management.cattle.io"}
    expected: dict[str, Any] = {"spec": {}} if empty else {}
    assert defaults == expected


@every_field
def test_no_string_holds_a_secret(places: list[Field]) -> None:
    sounds = re.compile(r"password|token|secret|privatekey|credential|kubeconfig", re.IGNORECASE)
    strings = [field for field in places if field.schema.get("type") == "string" and sounds.search(field.name)]
    held = [field for field in strings if not field.name.endswith(("Name", "Id")) and field.name not in _NO_SECRETS]
    assert not [str(field) for field in held]


@every_crd
def test_nothing_at_metadata_but_the_length_of_the_name(crd: dict[str, Any]) -> None:
    name = at(crd, ".metadata.name")
    assert name is not None
    assert set(root(crd)["properties"]["metadata"]["properties"]) == {"name"}
    assert name["maxLength"] in {63, 253}
