"""What holds for every tree: no limit is lost, the order of the input does not matter, converting again changes
nothing."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drover.kube.quantity import quantity
from drover.rules import quota
from drover.rules.conversion import hnc
from drover.rules.conversion.result import CannotConvert, Conversion
from drover.rules.conversion.trees import Options

HNC = "hnc.x-k8s.io/v1alpha2"
KEYS = ("limits.cpu", "limits.memory", "pods")


def namespace(name: str, parent: str | None = None, **metadata: Any) -> dict[str, Any]:
    notes = {"hnc.x-k8s.io/subnamespace-of": parent} if parent else {}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "annotations": notes, **metadata}}


def quota_of(name: str, hard: dict[str, str]) -> dict[str, Any]:
    metadata = {"name": "q", "namespace": name}
    return {"apiVersion": HNC, "kind": "HierarchicalResourceQuota", "metadata": metadata, "spec": {"hard": hard}}


@st.composite
def inputs(draw: st.DrawFn) -> list[dict[str, Any]]:
    count = draw(st.integers(2, 8))
    parents = [draw(st.integers(0, index - 1)) for index in range(1, count)]
    found = [namespace("n0"), *(namespace(f"n{index}", f"n{parent}") for index, parent in enumerate(parents, start=1))]
    for index in range(count):
        keys = draw(st.lists(st.sampled_from(KEYS), max_size=2, unique=True))
        hard = {key: str(draw(st.integers(0, 60))) + ("Gi" if key == "limits.memory" else "") for key in keys}
        if hard:
            found.append(quota_of(f"n{index}", hard))
    return found


def granted(converted: Conversion) -> dict[str, dict[str, Decimal]]:
    """What each namespace gets, by the keys of a Project: what it asks for, else the default."""
    defaults = {}
    for document in converted.hub:
        spec, metadata = document.obj["spec"], document.obj["metadata"]
        limit = (spec.get("namespaceDefaultResourceQuota") or {}).get("limit")
        defaults[f"{metadata['namespace']}:{metadata['name']}"] = quota.flat(limit)
    found = {}
    for document in converted.member:
        notes = document.obj["metadata"]["annotations"]
        default = defaults[notes["field.cattle.io/projectId"]]
        asked, wrong = quota.request(notes.get("field.cattle.io/resourceQuota", ""))
        assert wrong == ""
        found[document.obj["metadata"]["name"]] = {key: number({**default, **(asked or {})}[key]) for key in default}
    return found


def number(text: str) -> Decimal:
    found = quantity(text)
    assert found is not None
    return found


def subtree(objects: list[dict[str, Any]], root: str) -> list[str]:
    parents = {obj["metadata"]["name"]: obj["metadata"].get("annotations", {}) for obj in objects}
    found = [root]
    for each in found:
        found += [name for name, notes in parents.items() if notes.get("hnc.x-k8s.io/subnamespace-of") == each]
    return found


@given(inputs(), st.integers(0, 2))
def test_every_limit_holds_for_what_it_held_for(objects: list[dict[str, Any]], level: int) -> None:
    grants = granted(hnc.convert(objects, Options("edge", level=level)))
    for obj in objects:
        if obj["kind"] != "HierarchicalResourceQuota":
            continue
        for key, most in quota.limits_of(obj["spec"]["hard"]).items():
            below = subtree(objects, obj["metadata"]["namespace"])
            assert all(key in grants[name] for name in below)
            assert sum(grants[name][key] for name in below) <= number(most)


@given(inputs(), st.integers(0, 2))
def test_the_shares_of_a_project_fit_into_its_limit(objects: list[dict[str, Any]], level: int) -> None:
    converted = hnc.convert(objects, Options("edge", level=level))
    grants = granted(converted)
    for document in converted.hub:
        limit = quota.flat((document.obj["spec"].get("resourceQuota") or {}).get("limit"))
        home = f"edge:{document.obj['metadata']['name']}"
        members = [
            each.obj["metadata"]["name"]
            for each in converted.member
            if each.obj["metadata"]["annotations"]["field.cattle.io/projectId"] == home
        ]
        for key, most in limit.items():
            assert sum(grants[name][key] for name in members) <= number(most)


@given(inputs(), st.randoms())
def test_the_order_of_the_input_does_not_matter(objects: list[dict[str, Any]], random: Any) -> None:
    shuffled = list(objects)
    random.shuffle(shuffled)
    assert hnc.convert(shuffled, Options("edge")) == hnc.convert(objects, Options("edge"))


@given(inputs())
def test_converting_what_was_converted_changes_nothing(objects: list[dict[str, Any]]) -> None:
    first = hnc.convert(objects, Options("edge"))
    applied = {document.obj["metadata"]["name"]: document.obj["metadata"]["annotations"] for document in first.member}
    again = json.loads(json.dumps(objects))
    for obj in again:
        obj["metadata"].setdefault("annotations", {}).update(applied.get(obj["metadata"]["name"], {}))
    assert hnc.convert(again, Options("edge")) == first


def test_labels_and_annotations_of_people_stay_and_those_of_controllers_go() -> None:
    kept_anyway = {"capsule.clastix.io/tenant": "x"}
    notes = {
        "owner": "jane",
        "cattle.io/status": "{}",
        "drover.dev/resource-quota": "{}",
        "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"metadata": {"labels": kept_anyway}}),
    }
    labels = {"team": "a", "a.tree.hnc.x-k8s.io/depth": "0", "field.cattle.io/projectId": "a"}
    live = namespace("a", annotations=notes, labels=labels | kept_anyway)
    converted = hnc.convert([live, namespace("b", "a")], Options("edge"))
    metadata = converted.member[0].obj["metadata"]
    assert metadata["labels"] == {"team": "a"} | kept_anyway
    assert metadata["annotations"] == {"owner": "jane", "field.cattle.io/projectId": "edge:a"}


def test_what_server_side_apply_wrote_stays_too() -> None:
    fields: dict[str, Any] = {"f:metadata": {"f:labels": {".": {}, "f:hnc.x-k8s.io/included-namespace": {}}}}
    managed = [{"manager": "kubectl", "operation": "Apply", "fieldsV1": fields}]
    live = namespace("a", labels={"hnc.x-k8s.io/included-namespace": "true"}, managedFields=managed)
    converted = hnc.convert([live, namespace("b", "a")], Options("edge"))
    assert converted.member[0].obj["metadata"]["labels"] == {"hnc.x-k8s.io/included-namespace": "true"}


def test_what_is_being_deleted_is_left_out() -> None:
    gone = namespace("b", "a", deletionTimestamp="2026-01-01T00:00:00Z")
    converted = hnc.convert([namespace("a"), gone, namespace("c", "a")], Options("edge"))
    assert [document.obj["metadata"]["name"] for document in converted.member] == ["a", "c"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options("edge", only=("b",)), "--only b: no tree has that root; it has to be one of a"),
        (Options("edge", split=("x",)), "--split x: no tree has that namespace; correct the name"),
    ],
)
def test_an_option_that_names_nothing_is_refused(options: Options, message: str) -> None:
    with pytest.raises(CannotConvert, match=message):
        hnc.convert([namespace("a"), namespace("b", "a")], options)


def test_an_object_without_its_namespace_is_refused() -> None:
    broken = quota_of("a", {"pods": "1"})
    del broken["metadata"]["namespace"]
    with pytest.raises(CannotConvert, match=r"HierarchicalResourceQuota q has no metadata\.namespace; add it"):
        hnc.convert([broken], Options("edge"))
