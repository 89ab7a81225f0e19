"""What a cluster needs before Drover runs in it, as objects."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from drover import install
from drover.kube.gvr import Object
from drover.preflight import (
    MEMBER_RIGHTS,
    POLICY_RIGHTS,
    PROJECT_SECRET_RIGHTS,
    RIGHTS,
    WEBHOOK_CONFIGURATION_RIGHTS,
    WEBHOOK_RIGHTS,
)
from drover.rules.kubeconfig import access

HUB = (*RIGHTS, *WEBHOOK_RIGHTS, *WEBHOOK_CONFIGURATION_RIGHTS)
MEMBER = (*MEMBER_RIGHTS, *POLICY_RIGHTS)
ACCESS = install.access(["fleet-default", "team"])


def of(kind: str, objects: list[Object]) -> list[Object]:
    return [obj for obj in objects if obj["kind"] == kind]


def granted(objects: list[Object]) -> set[tuple[str, str, str]]:
    """The `(group, resource, verb)` of every rule."""
    return {
        (group, resource, verb)
        for obj in objects
        for rule in obj.get("rules") or []
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


@pytest.mark.parametrize(("objects", "rights"), [(ACCESS, HUB), (install.member_access(), MEMBER)])
def test_exactly_the_rights_that_are_looked_for_are_granted_everywhere(objects: list[Object], rights: Any) -> None:
    wanted = {
        (right.gvr.group, right.resource, verb) for right in (*rights, *PROJECT_SECRET_RIGHTS) for verb in right.verbs
    }
    assert granted(of("ClusterRole", objects)) == wanted


def test_secrets_are_read_in_the_workspaces_only() -> None:
    roles = {role["metadata"]["namespace"]: granted([role]) for role in of("Role", ACCESS)}
    own = {("coordination.k8s.io", "leases", verb) for verb in ("get", "create", "update")}
    assert roles.pop("drover-system") == own | {("", "secrets", verb) for verb in ("get", "update")}
    assert roles == {name: {("", "secrets", "get")} for name in ("fleet-default", "team")}
    assert granted(of("Role", install.member_access())) == set()


@pytest.mark.parametrize("objects", [ACCESS, install.member_access()])
def test_every_role_is_bound_to_the_service_account_and_to_nobody_else(objects: list[Object]) -> None:
    for binding in (*of("RoleBinding", objects), *of("ClusterRoleBinding", objects)):
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "drover", "namespace": "drover-system"}]
    roles = [(obj["kind"], obj["metadata"]["name"]) for obj in (*of("Role", objects), *of("ClusterRole", objects))]
    bound = [
        (obj["roleRef"]["kind"], obj["roleRef"]["name"])
        for obj in (*of("RoleBinding", objects), *of("ClusterRoleBinding", objects))
    ]
    assert bound == roles


@pytest.mark.parametrize("objects", [ACCESS, install.member_access()])
def test_a_namespace_comes_before_what_is_in_it(objects: list[Object]) -> None:
    made: set[str] = set()
    for obj in objects:
        assert obj["metadata"].get("namespace", "drover-system") in made | {"drover-system"}
        if obj["kind"] == "Namespace":
            made.add(obj["metadata"]["name"])
    assert "drover-system" in made


def test_what_the_webhook_writes_is_granted_by_name_only() -> None:
    written = {"secrets", "validatingwebhookconfigurations", "mutatingwebhookconfigurations"}
    rules = [rule for obj in ACCESS for rule in obj.get("rules") or [] if written & set(rule["resources"])]
    named = {rule["resources"][0]: rule["resourceNames"] for rule in rules if "resourceNames" in rule}
    assert named == {
        "secrets": ["drover-webhook"],
        "validatingwebhookconfigurations": ["drover"],
        "mutatingwebhookconfigurations": ["drover"],
    }


def test_the_four_kinds_and_the_policies_come_along() -> None:
    assert len(install.crds()) >= 4
    assert {obj["kind"] for obj in install.crds()} == {"CustomResourceDefinition"}
    policies = install.policies()
    named = {obj["metadata"]["name"] for obj in of("ValidatingAdmissionPolicy", policies)}
    assert named == {obj["spec"]["policyName"] for obj in of("ValidatingAdmissionPolicyBinding", policies)}


def test_the_kubeconfig_of_a_member_is_one_that_the_hub_takes() -> None:
    text = install.kubeconfig("https://member.example:6443", "", "token")
    assert yaml.safe_load(text)["current-context"] == "drover"
    assert access(text.encode(), loopback=False).token == "token"
