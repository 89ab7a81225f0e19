"""What holds for the rendered objects, whatever the values."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
import yaml

from drover import __version__, install
from drover.kube.gvr import Object
from tests.chart.chart import CHART, EVERYTHING, IMAGE, ROOT, Chart, of, one

LABELS = {
    "app.kubernetes.io/name": "drover",
    "app.kubernetes.io/instance": "drover",
    "app.kubernetes.io/version": __version__,
    "app.kubernetes.io/part-of": "drover",
    "app.kubernetes.io/managed-by": "Helm",
    "helm.sh/chart": f"drover-{__version__}",
}
_CLUSTER_SCOPED = {
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "FlowSchema",
    "MutatingWebhookConfiguration",
    "Namespace",
    "PriorityLevelConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
}


def pod(objects: list[Object]) -> dict[str, Any]:
    """The spec of the operator's pods."""
    spec: dict[str, Any] = one("Deployment", objects)["spec"]["template"]["spec"]
    return spec


def test_helm_finds_nothing_to_say_but_that_there_is_no_icon(chart: Chart) -> None:
    command = [str(chart.helm), "lint", "--strict", str(CHART), "--set", "image.repository=registry.example/drover"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert re.findall(r"^\[\w+\].*", done.stdout, re.MULTILINE) == ["[INFO] Chart.yaml: icon is recommended"]


def test_the_chart_has_the_version_of_the_package() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert (chart["version"], chart["appVersion"]) == (__version__, __version__)


def test_every_object_is_labelled(everything: list[Object]) -> None:
    for obj in everything:
        assert obj["metadata"]["labels"].items() >= LABELS.items(), obj["metadata"]["name"]


def test_every_object_has_its_place(everything: list[Object]) -> None:
    for obj in everything:
        assert ("namespace" in obj["metadata"]) is (obj["kind"] not in _CLUSTER_SCOPED), obj["metadata"]["name"]


def test_no_two_objects_are_the_same(everything: list[Object]) -> None:
    keys = [(obj["kind"], obj["metadata"].get("namespace"), obj["metadata"]["name"]) for obj in everything]
    assert len(set(keys)) == len(keys)


def test_the_crds_are_those_of_the_repository_and_are_kept(everything: list[Object]) -> None:
    rendered = {crd["metadata"]["name"]: crd for crd in of("CustomResourceDefinition", everything)}
    for crd in install.crds():
        found = rendered.pop(crd["metadata"]["name"])
        assert found["spec"] == crd["spec"]
        assert found["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
        assert found["metadata"]["labels"].items() >= crd["metadata"]["labels"].items()
    assert rendered == {}


def test_the_policies_are_those_of_the_repository(everything: list[Object]) -> None:
    kinds = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
    rendered = {(obj["kind"], obj["metadata"]["name"]): obj["spec"] for kind in kinds for obj in of(kind, everything)}
    assert rendered == {(obj["kind"], obj["metadata"]["name"]): obj["spec"] for obj in install.policies()}


def test_in_another_namespace_it_is_that_service_account_which_passes_the_policies(chart: Chart) -> None:
    done = chart.template(IMAGE, namespace="platform")
    assert "system:serviceaccount:platform:drover" in done.stdout
    assert "system:serviceaccount:drover-system" not in done.stdout
    assert "--namespace=platform" in pod(chart.objects(namespace="platform"))["containers"][0]["args"]


@pytest.mark.parametrize("checks", [True, False])
def test_one_value_says_in_the_hub_and_in_members_whether_leaving_a_project_is_checked(
    chart: Chart, checks: bool
) -> None:
    objects = chart.objects({"policies": {"checkLeaving": checks}})
    (policy,) = [
        obj for obj in of("ValidatingAdmissionPolicy", objects) if obj["metadata"]["name"] == "drover-namespaces"
    ]
    expressions = {entry["name"]: entry["expression"] for entry in policy["spec"]["variables"]}
    assert expressions["checksLeaving"] == str(checks).lower()
    assert ("--namespaces-may-leave" in pod(objects)["containers"][0]["args"]) is not checks


def test_the_pods_meet_the_restricted_pod_security_standard(everything: list[Object]) -> None:
    spec = pod(everything)
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 65532
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert all(set(volume) == {"name", "emptyDir"} for volume in spec["volumes"])
    for container in spec["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert not any("hostPort" in port for port in container["ports"])


def test_the_operator_knows_every_flag_that_it_is_given(everything: list[Object]) -> None:
    command, *flags = pod(everything)["containers"][0]["args"]
    assert command == "operator"
    code = (ROOT / "controllers/drover/cli/operator.py").read_text()
    for flag in flags:
        assert f'"{flag.split("=")[0]}"' in code, flag


def test_every_selector_finds_the_pods(everything: list[Object]) -> None:
    labels = one("Deployment", everything)["spec"]["template"]["metadata"]["labels"]
    selectors = [
        one("Deployment", everything)["spec"]["selector"]["matchLabels"],
        one("PodDisruptionBudget", everything)["spec"]["selector"]["matchLabels"],
        one("NetworkPolicy", everything)["spec"]["podSelector"]["matchLabels"],
        *(service["spec"]["selector"] for service in of("Service", everything)),
    ]
    for selector in selectors:
        assert labels.items() >= selector.items()
    (service,) = [
        service["metadata"]["labels"]
        for service in of("Service", everything)
        if not service["metadata"]["name"].endswith("-webhook")
    ]
    assert service.items() >= one("ServiceMonitor", everything)["spec"]["selector"]["matchLabels"].items()


def test_flow_control_takes_in_the_operator_and_nobody_else(chart: Chart) -> None:
    objects = chart.objects(EVERYTHING, namespace="platform")
    level = one("PriorityLevelConfiguration", objects)["spec"]
    assert (level["type"], level["limited"]["limitResponse"]["type"]) == ("Limited", "Queue")
    for schema in of("FlowSchema", objects):
        (rule,) = schema["spec"]["rules"]
        account = {"name": "drover", "namespace": "platform"}
        assert rule["subjects"] == [{"kind": "ServiceAccount", "serviceAccount": account}]


@pytest.mark.parametrize("namespace", ["drover-system", "platform"])
def test_alerts_and_dashboard_name_metrics_that_exist(chart: Chart, namespace: str) -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "controllers/drover").rglob("*.py"))
    known = set(re.findall(r"(?:_counter|_gauge|_histogram|GaugeMetricFamily)\(\s*\"([a-z_]+)\"", code))
    objects = chart.objects(EVERYTHING, namespace=namespace)
    alerts = [alert["expr"] for group in one("PrometheusRule", objects)["spec"]["groups"] for alert in group["rules"]]
    assert all(f'namespace="{namespace}"' in expression for expression in alerts)
    text = "\n".join([*alerts, one("ConfigMap", objects)["data"]["drover.json"]])
    prefixes = "controller_runtime|workqueue|rest_client|leader_election|drover"
    named = {name.removesuffix("_bucket") for name in re.findall(rf"\b((?:{prefixes})_[a-z_]+)", text)}
    assert len(named) >= 10
    assert named <= known


def test_a_label_of_a_value_never_replaces_one_of_ours(chart: Chart) -> None:
    labels = {"app.kubernetes.io/name": "other", "team": "x"}
    objects = chart.objects({"podLabels": labels, "dashboard": {"enabled": True, "labels": labels}})
    for metadata in (
        one("Deployment", objects)["spec"]["template"]["metadata"],
        one("ConfigMap", objects)["metadata"],
    ):
        assert (metadata["labels"]["app.kubernetes.io/name"], metadata["labels"]["team"]) == ("drover", "x")
