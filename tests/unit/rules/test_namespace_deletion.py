"""What becomes of the namespaces of a Project that is deleted."""

from __future__ import annotations

from typing import Any

import pytest

from drover.rules.namespace_deletion import deletes_namespaces, spared


def _obj(name: str, **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **metadata}}


_DELETE = {"drover.dev/namespace-deletion-policy": "Delete"}
_ENDING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("value", ["", "Release", "delete", "true"])
def test_only_the_word_delete_deletes(value: str) -> None:
    project = _obj("p", annotations={"drover.dev/namespace-deletion-policy": value})
    assert not deletes_namespaces(project, _obj("edge"), _obj("edge"))
    assert deletes_namespaces(_obj("p", annotations=_DELETE), _obj("edge"), _obj("edge"))


@pytest.mark.parametrize(
    ("cluster", "lies_in"),
    [
        (None, _obj("edge")),
        (_obj("edge"), None),
        (_obj("edge", **_ENDING), _obj("edge")),
        (_obj("edge"), _obj("edge", **_ENDING)),
    ],
)
def test_a_project_that_goes_with_its_cluster_deletes_nothing(cluster: Any, lies_in: Any) -> None:
    assert not deletes_namespaces(_obj("p", annotations=_DELETE), cluster, lies_in)


@pytest.mark.parametrize(
    ("namespace", "why"),
    [
        (_obj("web"), ""),
        (_obj("web", annotations={"drover.dev/deletion-protection": "false"}), ""),
        (_obj("web", annotations={"drover.dev/deletion-protection": "true"}), "annotated with"),
        (_obj("kube-system"), "system namespace"),
        (_obj("default"), "system namespace"),
        (_obj("cert-manager"), "system namespace"),
        (_obj("fleet-default"), "system namespace"),
        (_obj("local-shop", annotations={"management.cattle.io/system-namespace": "true"}), "system namespace"),
        (_obj("local-shop", labels={"drover.dev/owner-uid": "u"}), "another object"),
    ],
)
def test_what_is_spared(namespace: dict[str, Any], why: str) -> None:
    found = spared(namespace)
    assert (why in found) if why else not found


def test_what_a_setting_names_as_system_is_spared() -> None:
    assert "system namespace" in spared(_obj("mine"), ("mine",))
    assert not spared(_obj("web"), ("mine",))
