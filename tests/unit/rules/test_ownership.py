"""Whose an object is."""

from __future__ import annotations

from typing import Any

from drover.rules.ownership import Owner, owner_of, ownership

OWNER = Owner("Project.management.cattle.io", "c", "p", "uid-1", adopts="uid-0")


def child(uid: str | None) -> dict[str, Any]:
    return {"metadata": {"name": "x", "labels": {"drover.dev/owner-uid": uid} if uid else {}}}


def test_the_uid_decides() -> None:
    assert ownership(None, OWNER) == "absent"
    assert ownership(child("uid-1"), OWNER) == "ours"
    assert ownership(child("uid-2"), OWNER) == "foreign"
    assert ownership(child(None), OWNER) == "foreign"


def test_what_an_object_had_before_it_was_restored_can_be_adopted() -> None:
    assert ownership(child("uid-0"), OWNER) == "adoptable"


def test_nothing_is_taken_from_an_owner_that_lives() -> None:
    assert ownership(child("uid-0"), OWNER, living=True) == "foreign"


def test_an_unlabelled_object_is_never_adoptable() -> None:
    assert ownership(child(None), Owner("K", "", "x", "uid-1", adopts="")) == "foreign"


def test_an_object_is_the_owner_that_its_metadata_says() -> None:
    obj = {"metadata": {"name": "p", "namespace": "c", "uid": "u", "annotations": {"drover.dev/adopt-uid": "v"}}}
    assert owner_of(obj, "K") == Owner("K", "c", "p", "u", "v")
    assert str(owner_of(obj, "K")) == "K/c/p"
