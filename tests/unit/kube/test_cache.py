"""Objects as the kube-apiserver last told them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from drover.kube.cache import Cache
from drover.kube.gvr import DEPLOYMENTS, Key, Object


def obj(name: str, version: int, *, uid: str = "u", **content: Any) -> Object:
    return {"metadata": {"name": name, "namespace": "n", "uid": uid, "resourceVersion": str(version)}, **content}


def cache() -> Cache:
    return Cache(DEPLOYMENTS, indexes={"color": lambda found: [found["color"]] if "color" in found else []})


A = Key("n", "a")


def test_a_newer_version_is_taken_and_an_older_one_is_not() -> None:
    known = cache()
    assert known.observe(obj("a", 2, x=1)) is not None
    assert known.observe(obj("a", 1, x=0)) is None
    assert known.observe(obj("a", 2, x=0)) is None
    change = known.observe(obj("a", 3, x=2))
    assert change is not None
    assert change.old is not None
    assert (change.old["x"], known.get(A) or {})[0] == 1
    assert (known.get(A) or {})["x"] == 2


def test_a_new_version_that_shows_nothing_new_is_no_change_but_is_kept() -> None:
    known = cache()
    known.observe(obj("a", 1, x=1))
    assert known.observe(obj("a", 2, x=1)) is None
    assert known.observe(obj("a", 1, x=9)) is None


def test_bookkeeping_is_dropped() -> None:
    known = cache()
    found = obj("a", 1)
    found["metadata"]["managedFields"] = [{}]
    found["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "kept": "1"}
    known.observe(found)
    assert (known.get(A) or {})["metadata"].keys() == {"name", "namespace", "uid", "resourceVersion", "annotations"}
    assert (known.get(A) or {})["metadata"]["annotations"] == {"kept": "1"}


def test_a_deletion_of_another_life_is_ignored() -> None:
    known = cache()
    known.observe(obj("a", 5, uid="new"))
    assert known.forget(obj("a", 4, uid="old")) is None
    assert known.forget(obj("a", 6, uid="new")) is not None
    assert known.forget(obj("a", 7, uid="new")) is None


def test_the_answer_to_a_write_does_not_bring_back_what_is_gone() -> None:
    known = cache()
    known.observe(obj("a", 1))
    assert known.forget(obj("a", 3)) is not None
    assert known.observe(obj("a", 2)) is None
    assert known.get(A) is None
    assert known.observe(obj("a", 4, uid="next")) is not None


def test_what_was_deleted_is_gone_unless_a_finalizer_holds_it() -> None:
    known = cache()
    known.observe(obj("a", 1))
    live = known.get(A) or {}
    held = obj("a", 2)
    held["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert known.deleted(live, held) is not None
    assert (known.get(A) or {})["metadata"]["deletionTimestamp"]
    assert known.deleted(live, {"kind": "Status", "details": {"name": "a"}}) is not None
    assert known.get(A) is None


def test_the_answer_to_a_deletion_that_is_no_object_that_ends_takes_it_away() -> None:
    another = obj("a", 9, uid="another")
    another["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    for answer in ({}, {"kind": "Status", "metadata": {}}, {"metadata": None}, obj("a", 2), another):
        known = cache()
        known.observe(obj("a", 1))
        assert known.deleted(known.get(A) or {}, answer) is not None
        assert known.get(A) is None


def test_what_lost_its_labels_and_has_them_again_is_back() -> None:
    """A watch by labels tells of an object that loses them as if it were deleted, and its uid stays the same."""
    known = cache()
    known.observe(obj("a", 5))
    assert known.forget(obj("a", 6)) is not None
    assert known.observe(obj("a", 6)) is None
    assert known.observe(obj("a", 7)) is not None
    known.replace([], "8")
    assert known.observe(obj("a", 8)) is None
    known.replace([obj("a", 9)], "9")
    assert known.get(Key("n", "a")) is not None


def test_a_list_does_not_bring_back_what_went_while_it_was_made() -> None:
    known = cache()
    known.replace([obj("a", 1)], "1")
    known.forget(obj("a", 3))
    assert known.replace([obj("a", 1), obj("b", 1, uid="b")], "2")[0].key.name == "b"
    assert known.get(A) is None


def test_what_was_not_served_for_a_while_comes_back() -> None:
    known = cache()
    known.replace([obj("a", 1)], "1")
    assert len(known.retain(set(), 0, restored=True)) == 1
    assert len(known.replace([obj("a", 1)], "2")) == 1
    assert known.observe(obj("a", 3, x=1)) is not None


def test_an_index_follows_changes_and_removals() -> None:
    known = cache()
    known.observe(obj("a", 1, color="red"))
    known.observe(obj("b", 1, color="red"))
    known.observe(obj("a", 2, color="blue"))
    assert [found["metadata"]["name"] for found in known.by("color", "red")] == ["b"]
    assert [found["metadata"]["name"] for found in known.by("color", "blue")] == ["a"]
    known.forget(obj("b", 3))
    assert known.by("color", "red") == []


def test_what_a_list_lacks_is_gone_unless_it_was_written_after_the_list() -> None:
    known = cache()
    known.observe(obj("old", 3))
    known.observe(obj("own-write", 20))
    changes = known.replace([obj("new", 4)], "10")
    assert sorted(change.key.name for change in changes if change.new is None) == ["old"]
    assert sorted(key.name for key in known.known()) == ["new", "own-write"]


def test_a_list_does_not_undo_a_newer_write() -> None:
    known = cache()
    known.observe(obj("a", 12, x="own"))
    assert known.replace([obj("a", 8, x="listed")], "10") == []
    assert (known.get(A) or {})["x"] == "own"


def test_a_list_from_before_the_last_one_is_believed_in_everything() -> None:
    """etcd was restored from a backup: resourceVersions begin again where the backup was made."""
    known = cache()
    known.replace([obj("a", 90, x="late"), obj("gone", 95)], "100")
    changes = known.replace([obj("a", 40, x="early")], "50")
    assert (known.get(A) or {})["x"] == "early"
    assert known.get(Key("n", "gone")) is None
    assert len(changes) == 2


def test_a_list_that_was_restored_and_is_the_same_is_no_change() -> None:
    known = cache()
    known.replace([obj("a", 4, x=1)], "100")
    assert known.replace([obj("a", 4, x=1)], "50") == []


def test_an_own_write_after_a_restore_is_believed_after_the_next_list() -> None:
    known = cache()
    known.replace([obj("a", 90, x="late")], "100")
    known.replace([obj("a", 40, x="early")], "50")
    assert known.observe(obj("a", 60, x="own"))
    assert (known.get(A) or {})["x"] == "own"


def test_a_deletion_that_is_newer_takes_another_life_along() -> None:
    known = cache()
    known.observe(obj("a", 5, uid="old"))
    assert known.forget(obj("a", 9, uid="new")) is not None
    assert known.get(A) is None


def test_what_is_kept_can_be_chosen() -> None:
    known = Cache(DEPLOYMENTS, prune=lambda found: {"metadata": found["metadata"], "x": found["x"] // 10})
    known.observe(obj("a", 1, x=11))
    assert known.observe(obj("a", 2, x=19)) is None
    assert known.observe(obj("a", 3, x=20)) is not None


def test_an_index_holds_the_newest_object_where_nothing_else_changed() -> None:
    known = cache()
    known.observe(obj("a", 1, color="red"))
    known.observe(obj("a", 2, color="red"))
    assert [found["metadata"]["resourceVersion"] for found in known.by("color", "red")] == ["2"]


_NAMES, _COLORS = st.sampled_from("ab"), st.sampled_from(["red", "blue", None])
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["observe", "forget", "replace"]), _NAMES, st.integers(1, 6), st.sampled_from("uv"), _COLORS
    )
)


@given(_STEPS)
def test_an_index_always_says_what_the_objects_say(steps: list[tuple[str, str, int, str, str | None]]) -> None:
    known = cache()
    for step, name, version, uid, color in steps:
        found = obj(name, version, uid=uid, **({"color": color} if color else {}))
        if step == "replace":
            known.replace([found], str(version))
        else:
            getattr(known, step)(found)
        for each in ("red", "blue"):
            wanted = [kept for kept in known if kept.get("color") == each]
            assert sorted(map(str, known.by("color", each))) == sorted(map(str, wanted))
