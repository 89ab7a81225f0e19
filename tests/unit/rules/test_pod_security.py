"""Which labels a namespace gets of a template, and the configuration of a kube-apiserver."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from drover.rules.pod_security import (
    HELD,
    LABELS,
    MANAGER,
    PodSecurity,
    admission_configuration,
    beyond_labels,
    held,
    labels_to_apply,
    levels,
    named,
    pod_security,
)

GOLDEN = Path(__file__).parents[2] / "golden" / "pod-security"
CASES = sorted(path.name.removesuffix(".in.yaml") for path in GOLDEN.glob("*.in.yaml"))
KUBERNETES = "pod-security.kubernetes.io/"
RESTRICTED = PodSecurity(
    {label: "latest" if label.endswith("version") else "restricted" for label in LABELS},
    ("exempt", "kube-system", "cert-manager"),
)


def template(defaults: Any = None, **exemptions: Any) -> dict[str, Any]:
    configuration = {"defaults": defaults, "exemptions": exemptions}
    return {"metadata": {"name": "t"}, "configuration": configuration}


def namespace(name: str = "web", labels: dict[str, str] | None = None, ours: tuple[str, ...] = (), **notes: str) -> Any:
    """A namespace as the cache has it; `ours` are the labels that only Drover holds."""
    found: dict[str, Any] = {"metadata": {"name": name, "labels": labels or {}, "annotations": notes}}
    return found | ({HELD: list(ours)} if ours else {})


# --- What a template asks for -----------------------------------------------------------------------------------------
def test_a_template_asks_for_six_labels() -> None:
    asked = template({"enforce": "baseline", "enforce-version": "v1.33"}, namespaces=["a", "b"])
    found = pod_security(asked, ("kube-system", "a"))
    assert found.exempt == ("a", "b", "kube-system")
    assert tuple(found.labels) == LABELS
    assert found.labels[f"{KUBERNETES}enforce"] == "baseline"
    assert found.labels[f"{KUBERNETES}enforce-version"] == "v1.33"
    assert found.labels[f"{KUBERNETES}audit"] == "privileged"
    assert found.labels[f"{KUBERNETES}warn-version"] == "latest"


@pytest.mark.parametrize(
    "wrong", [{"enforce": "strict"}, {"audit": "Restricted"}, {"warn-version": "v1.x"}, {"enforce-version": "v1.033"}]
)
def test_a_template_that_is_missing_or_wrong_asks_for_nothing(wrong: dict[str, str]) -> None:
    assert pod_security(template(wrong), ()) == PodSecurity()
    assert pod_security(None, ()) == PodSecurity()


_ANY = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3),
    lambda inner: st.dictionaries(
        st.sampled_from(["defaults", "exemptions", "enforce", "namespaces"]), inner, max_size=3
    ),
    max_leaves=5,
)


@given(_ANY)
def test_any_configuration_is_read(configuration: Any) -> None:
    found = {"metadata": {"name": "t"}, "configuration": configuration}
    assert set(pod_security(found, ()).labels) in (set(), set(LABELS))
    assert yaml.safe_load(admission_configuration(found))["kind"] == "AdmissionConfiguration"


def test_a_cluster_names_a_template_or_none() -> None:
    name = "defaultPodSecurityAdmissionConfigurationTemplateName"
    assert named({"metadata": {}, "spec": {name: "rancher-restricted"}}) == "rancher-restricted"
    others: list[Any] = [{}, {name: ""}, {name: None}, [], None]
    assert [named({"metadata": {}, "spec": spec}) for spec in others] == [""] * 5


# --- Labels of a namespace --------------------------------------------------------------------------------------------
def test_a_namespace_gets_the_labels_once() -> None:
    assert labels_to_apply(RESTRICTED, namespace()) == RESTRICTED.labels
    done = namespace(labels={**RESTRICTED.labels, "team": "a"}, ours=LABELS)
    assert labels_to_apply(RESTRICTED, done) is None


def test_another_template_and_no_template_replace_what_is_ours() -> None:
    done = namespace(labels=dict(RESTRICTED.labels), ours=LABELS)
    other = pod_security(template({"enforce": "baseline"}), ())
    assert labels_to_apply(other, done) == other.labels
    assert labels_to_apply(None, done) == {}
    assert labels_to_apply(None, namespace()) is None


def test_what_somebody_took_off_comes_back() -> None:
    left = {label: value for label, value in RESTRICTED.labels.items() if not label.endswith("warn")}
    assert labels_to_apply(RESTRICTED, namespace(labels=left, ours=tuple(left))) == RESTRICTED.labels


@pytest.mark.parametrize("value", ["privileged", "restricted"])
def test_a_label_of_somebody_else_wins_and_ours_go(value: str) -> None:
    enforce = f"{KUBERNETES}enforce"
    assert labels_to_apply(RESTRICTED, namespace(labels={enforce: value})) is None
    changed = {**RESTRICTED.labels, enforce: value}
    ours = tuple(label for label in LABELS if label != enforce)
    assert labels_to_apply(RESTRICTED, namespace(labels=changed, ours=ours)) == {}
    assert labels_to_apply(None, namespace(labels={enforce: value})) is None


@pytest.mark.parametrize(
    "spared",
    [
        {"name": "exempt"},
        {"name": "kube-system"},
        {"name": "cert-manager"},
        {"management.cattle.io/system-namespace": "true"},
    ],
)
def test_exempt_namespaces_and_those_of_the_platform_get_none(spared: dict[str, Any]) -> None:
    assert labels_to_apply(RESTRICTED, namespace(**spared)) is None
    had = namespace(labels=dict(RESTRICTED.labels), ours=LABELS, **spared)
    assert labels_to_apply(RESTRICTED, had) == {}


@pytest.mark.parametrize("ours", [(), LABELS])
def test_while_the_template_is_not_known_everything_stays(ours: tuple[str, ...]) -> None:
    labels = dict(RESTRICTED.labels) if ours else {}
    assert labels_to_apply(PodSecurity(), namespace(labels=labels, ours=ours)) is None


_SOME = st.dictionaries(st.sampled_from(LABELS), st.sampled_from(["privileged", "restricted", "latest"]), max_size=6)


@given(st.sampled_from([None, PodSecurity(), RESTRICTED]), _SOME, _SOME, st.sampled_from(["web", "exempt"]))
def test_one_write_is_enough_and_touches_nothing_of_others(
    wanted: PodSecurity | None, ours: dict[str, str], theirs: dict[str, str], name: str
) -> None:
    ours = {label: value for label, value in ours.items() if label not in theirs}
    found = labels_to_apply(wanted, namespace(name, ours | theirs, tuple(ours)))
    applied = ours if found is None else dict(found)
    assert not applied.keys() & theirs.keys() or applied == ours
    assert labels_to_apply(wanted, namespace(name, applied | theirs, tuple(applied))) is None
    if wanted is not None and wanted.labels:
        assert applied == ({} if theirs or name == "exempt" else wanted.labels)


def entry(manager: str, *labels: str, operation: str = "Apply") -> dict[str, Any]:
    fields: dict[str, Any] = {f"f:{label}": {} for label in labels}
    return {"manager": manager, "operation": operation, "fieldsV1": {"f:metadata": {"f:labels": {".": {}, **fields}}}}


def test_ours_is_what_only_our_field_manager_holds() -> None:
    enforce, warn = f"{KUBERNETES}enforce", f"{KUBERNETES}warn"
    assert held([entry(MANAGER, enforce, warn, "team")]) == [enforce, warn]
    assert held([entry(MANAGER, enforce, warn), entry("argocd", enforce)]) == [warn]
    assert held([entry(MANAGER, enforce, operation="Update"), entry("kubectl", warn)]) == []
    assert held([{"manager": MANAGER, "operation": "Apply"}, {}]) == []


# --- For people and kube-apiservers -----------------------------------------------------------------------------------
def test_levels_and_what_labels_cannot_say_in_words() -> None:
    found = template({"enforce": "restricted", "audit-version": "v1.33"}, usernames=["ci"], runtimeClasses=["kata"])
    assert levels(found) == "enforce restricted:latest, audit privileged:v1.33, warn privileged:latest"
    assert beyond_labels(found) == ["exempt usernames", "exempt runtime classes"]
    assert beyond_labels(template(namespaces=["a"])) == []


@pytest.mark.parametrize("case", CASES)
def test_the_configuration_of_a_kube_apiserver_is_as_the_golden_file_says(case: str) -> None:
    out = admission_configuration(yaml.safe_load((GOLDEN / f"{case}.in.yaml").read_text()))
    expected = GOLDEN / f"{case}.out.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(out)
    assert out == expected.read_text()


def test_every_golden_output_has_an_input() -> None:
    assert sorted(path.name.removesuffix(".out.yaml") for path in GOLDEN.glob("*.out.yaml")) == CASES
