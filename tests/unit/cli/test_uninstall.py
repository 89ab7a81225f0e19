"""What is taken off before Drover is removed, and what is said."""

from __future__ import annotations

import pytest

from drover.cli.uninstall import next_steps
from drover.kinds.resources import PROJECTS, WORKLOADS
from drover.kube.gvr import Key, Object
from drover.uninstall import Survey, Target, target


def obj(*finalizers: str) -> Object:
    return {"metadata": {"name": "a", "namespace": "n", "finalizers": list(finalizers)}}


@pytest.mark.parametrize(
    ("finalizers", "kept"),
    [
        (["drover.dev/project"], ()),
        (["example.com/backup", "drover.dev/project"], ("example.com/backup",)),
        (["controller.cattle.io/namespace-auth", "foregroundDeletion"], ("foregroundDeletion",)),
    ],
)
def test_finalizers_of_others_stay(finalizers: list[str], kept: tuple[str, ...]) -> None:
    assert target(PROJECTS, obj(*finalizers)) == Target(PROJECTS, Key("n", "a"), kept)


@pytest.mark.parametrize("finalizers", [[], ["example.com/backup"], ["drover.developers/x"]])
def test_an_object_without_ours_is_left_alone(finalizers: list[str]) -> None:
    assert target(PROJECTS, obj(*finalizers)) is None


def test_objects_are_counted_by_kind() -> None:
    targets = [Target(gvr, Key("n", name), ()) for gvr, name in ((PROJECTS, "a"), (WORKLOADS, "a"), (PROJECTS, "b"))]
    assert Survey(tuple(targets), ()).counts() == {"projects.management.cattle.io": 2, "workloads.project.cattle.io": 1}


def test_the_next_steps_name_release_kinds_and_namespaces() -> None:
    text = "\n".join(next_steps(Survey((), ("edge", "edge-shop")), "platform"))
    assert "helm uninstall drover --namespace platform" in text
    assert "kubectl delete crd clusters.management.cattle.io" in text
    assert "kubectl delete namespace --ignore-not-found edge edge-shop" in text
    assert "kubectl delete namespace" not in "\n".join(next_steps(Survey((), ()), "platform"))
