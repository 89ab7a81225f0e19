"""Where HNC copies an object to."""

from __future__ import annotations

from typing import Any

import pytest

from drover.rules.conversion.forest import forest
from drover.rules.conversion.propagation import Propagation, modes

PREFIX = "propagate.hnc.x-k8s.io"
LABELS = {"top": {}, "a": {"tier": "low"}, "b": {"tier": "high"}, "b-x": {"tier": "low"}}


def namespace(name: str, parent: str = "") -> dict[str, Any]:
    notes = {"hnc.x-k8s.io/subnamespace-of": parent} if parent else {}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "annotations": notes}}


def propagation(mode: str | None) -> Propagation:
    namespaces = {"top": namespace("top"), "a": namespace("a", "top"), "b": namespace("b", "top")}
    namespaces["b-x"] = namespace("b-x", "b")
    resources = [{"resource": "limitranges", "mode": mode}]
    config = {"spec": {"resources": resources if mode is not None else []}}
    return Propagation(forest(namespaces, [], [])[0], LABELS, modes([config]))


def copied(mode: str | None, home: str = "top", **metadata: Any) -> list[str]:
    obj = {"kind": "LimitRange", "metadata": {"name": "x", "namespace": home, **metadata}}
    return propagation(mode).receivers(obj, "", "limitranges")


@pytest.mark.parametrize("mode", ["Propagate", ""])
def test_everything_below_gets_a_copy(mode: str) -> None:
    assert copied(mode) == ["top", "a", "b", "b-x"]
    assert copied(mode, "b") == ["b", "b-x"]


@pytest.mark.parametrize("mode", [None, "Ignore", "Remove", "AllowPropagate"])
def test_a_kind_that_is_not_copied_stays_at_home(mode: str | None) -> None:
    assert copied(mode) == ["top"]


@pytest.mark.parametrize("mode", ["Propagate", "AllowPropagate"])
@pytest.mark.parametrize(
    ("notes", "receivers"),
    [
        ({"select": "tier=low"}, ["top", "a", "b-x"]),
        ({"select": "!b.tree.hnc.x-k8s.io/depth"}, ["top", "a"]),
        ({"treeSelect": "b"}, ["top", "b", "b-x"]),
        ({"treeSelect": "b, !b-x"}, ["top", "b"]),
        ({"treeSelect": "!a"}, ["top", "b", "b-x"]),
        ({"all": "True"}, ["top", "a", "b", "b-x"]),
        ({"none": "true", "select": "tier"}, ["top"]),
    ],
)
def test_annotations_choose_who_gets_a_copy(mode: str, notes: dict[str, str], receivers: list[str]) -> None:
    assert copied(mode, annotations={f"{PREFIX}/{key}": value for key, value in notes.items()}) == receivers


def test_a_copy_is_no_source() -> None:
    assert copied("Propagate", "b", labels={"hnc.x-k8s.io/inherited-from": "top"}) == []


def test_an_annotation_that_cannot_be_read_is_told() -> None:
    found = propagation("Propagate")
    metadata = {"name": "x", "namespace": "top", "annotations": {f"{PREFIX}/select": "(("}}
    assert found.receivers({"kind": "LimitRange", "metadata": metadata}, "", "limitranges") == ["top"]
    assert [remark.about for remark in found.remarks] == ["LimitRange top/x"]


def test_roles_and_bindings_are_always_copied() -> None:
    assert ("rbac.authorization.k8s.io", "rolebindings") in modes([])
