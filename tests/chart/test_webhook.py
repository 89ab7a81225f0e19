"""The webhook in the chart: fail-closed for rights, for nothing else, and with rights on its own objects only."""

from __future__ import annotations

from typing import Any

import pytest

from drover import install
from drover.kube.gvr import Object
from tests.chart.chart import IMAGE, Chart, of, one

CONFIGURATIONS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
_KINDS = (*CONFIGURATIONS, "Certificate", "Issuer")


def hooks(objects: list[Object]) -> list[dict[str, Any]]:
    """Every webhook of both configurations."""
    return [hook for kind in CONFIGURATIONS for hook in one(kind, objects)["webhooks"]]


def container(objects: list[Object]) -> dict[str, Any]:
    found: dict[str, Any] = one("Deployment", objects)["spec"]["template"]["spec"]["containers"][0]
    return found


def named(kind: str, objects: list[Object]) -> list[Object]:
    """The objects of a kind that are the webhook's."""
    return [obj for obj in of(kind, objects) if obj["metadata"]["name"] == "drover-webhook"]


def test_nobody_but_owners_of_our_kinds_ever_waits_for_it(everything: list[Object]) -> None:
    for hook in hooks(everything):
        for rule in hook["rules"]:
            assert rule["apiGroups"] == ["management.cattle.io"]
            assert set(rule["resources"]) <= {
                "globalroles",
                "globalrolebindings",
                "roletemplates",
                "clusterroletemplatebindings",
                "projectroletemplatebindings",
                "users",
            }
        assert hook["timeoutSeconds"] <= 5
        assert hook["sideEffects"] == "None"


def test_it_fails_closed_for_all_that_gives_rights(everything: list[Object]) -> None:
    policies = {hook["name"]: hook["failurePolicy"] for hook in hooks(everything)}
    assert policies == {
        "rights.drover.dev": "Fail",
        "rights-with-verb.drover.dev": "Fail",
        "usernames.drover.dev": "Fail",
        "stronger-users.drover.dev": "Fail",
        "last-administrator.drover.dev": "Ignore",
        "names.drover.dev": "Fail",
        "roles-in-use.drover.dev": "Ignore",
    }


def test_every_write_of_rights_is_asked_about_once_with_the_verb_or_without(everything: list[Object]) -> None:
    """The two differ in the last condition, which is the opposite, and in the path."""
    by_name = {hook["name"]: hook for hook in hooks(everything)}
    without, with_verb = by_name["rights.drover.dev"], by_name["rights-with-verb.drover.dev"]
    *others, last = without["matchConditions"]
    *same, opposite = with_verb["matchConditions"]
    assert others == same
    assert "".join(last["expression"].split()) == f"!({''.join(opposite['expression'].split())})"
    different = {"name", "matchConditions", "clientConfig"}
    assert {key: without[key] for key in without if key not in different} == {
        key: with_verb[key] for key in with_verb if key not in different
    }


@pytest.mark.parametrize("namespace", ["drover-system", "platform"])
def test_drover_is_exempt_by_its_own_name_and_asked_at_its_own_service(chart: Chart, namespace: str) -> None:
    objects = chart.objects(namespace=namespace)
    for hook in hooks(objects):
        expressions = [condition["expression"] for condition in hook["matchConditions"]]
        assert f'request.userInfo.username != "system:serviceaccount:{namespace}:drover"' in expressions
        assert hook["clientConfig"]["service"]["namespace"] == namespace
    (service,) = named("Service", objects)
    assert service["metadata"]["namespace"] == namespace
    (port,) = [port["containerPort"] for port in container(objects)["ports"] if port["name"] == "webhook"]
    assert f"--webhook-address=0.0.0.0:{port}" in container(objects)["args"]


def test_the_configurations_are_those_that_the_tests_run_with(everything: list[Object]) -> None:
    for obj in install.webhooks():
        rendered = one(obj["kind"], everything)
        assert rendered["webhooks"] == obj["webhooks"]


def test_its_secret_is_empty_and_the_operator_may_write_that_one_only(everything: list[Object]) -> None:
    (secret,) = named("Secret", everything)
    assert "data" not in secret
    assert "stringData" not in secret
    rules = [rule for role in of("Role", everything) for rule in role["rules"] if "update" in rule["verbs"]]
    assert [rule["resourceNames"] for rule in rules if "secrets" in rule["resources"]] == [["drover-webhook"]]


def test_the_operator_may_change_webhook_configurations_by_name_only(everything: list[Object]) -> None:
    rules = [
        rule
        for role in of("ClusterRole", everything)
        for rule in role["rules"]
        if "admissionregistration.k8s.io" in rule["apiGroups"]
    ]
    assert [(rule["resourceNames"], rule["verbs"]) for rule in rules] == [(["drover"], ["get", "patch"])] * 2


def test_with_cert_manager_the_operator_makes_no_certificate_and_changes_no_configuration(chart: Chart) -> None:
    objects = chart.objects({"webhook": {"certManager": {"enabled": True}}})
    (certificate,), (issuer,) = named("Certificate", objects), named("Issuer", objects)
    assert certificate["spec"]["secretName"] == "drover-webhook"
    assert certificate["spec"]["issuerRef"]["name"] == issuer["metadata"]["name"]
    assert certificate["spec"]["dnsNames"] == ["drover-webhook.drover-system.svc"]
    assert named("Secret", objects) == []
    assert "--webhook-foreign-certificate" in container(objects)["args"]
    for kind in CONFIGURATIONS:
        annotations = one(kind, objects)["metadata"]["annotations"]
        assert annotations["cert-manager.io/inject-ca-from"] == "drover-system/drover-webhook"
    text = str([*of("ClusterRole", objects), *of("Role", objects)])
    assert "webhookconfigurations" not in text


def test_it_has_a_port_of_its_own(chart: Chart) -> None:
    done = chart.template({**IMAGE, "port": 9443})
    assert done.returncode != 0
    assert "webhook.port: is the port of probes and metrics too" in done.stderr


def test_without_it_nothing_of_it_is_there(chart: Chart) -> None:
    objects = chart.objects({"webhook": {"enabled": False}})
    assert [obj for kind in _KINDS for obj in of(kind, objects)] == []
    assert [obj for obj in objects if obj["metadata"]["name"] == "drover-webhook"] == []
    assert "webhook" not in str([one("Deployment", objects), *of("Role", objects), *of("NetworkPolicy", objects)])
    assert "subjectaccessreviews" not in str(of("ClusterRole", objects))
