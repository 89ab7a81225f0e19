"""What a copy of a project's secret holds, and what is changed about one."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drover.api.keys import COPIED, MANAGED_BY, ORIGINAL, OWNER, OWNER_UID, PROJECT_SCOPED, PROJECT_SCOPED_CLUSTER
from drover.members.native import pruned_secret
from drover.rules import secret_copy
from drover.rules.ownership import Owner
from drover.rules.secret_copy import Content, change, must_be_made_anew

VALUE = "aHVudGVyMg=="
OWNER_OF = Owner("Project.management.cattle.io", "edge", "shop", "uid-1")
MARKED = {PROJECT_SCOPED: "shop", PROJECT_SCOPED_CLUSTER: "edge"}
MARKS = st.dictionaries(st.sampled_from(["a", "b", "c", "drover.dev/x", MANAGED_BY]), st.sampled_from("12"))
DATA = st.dictionaries(st.sampled_from("xyz"), st.sampled_from([VALUE, "eA=="]))
SECRETS = st.builds(
    lambda labels, annotations, data, immutable: source(labels, annotations, data=data, immutable=immutable),
    MARKS,
    MARKS,
    DATA,
    st.booleans(),
)


def source(
    labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None, **content: Any
) -> dict[str, Any]:
    metadata = {"name": "s", "namespace": "edge-shop", "uid": "u", "resourceVersion": "7"}
    marks = {"labels": {**MARKED, **(labels or {})}, "annotations": annotations or {}}
    return {"metadata": {**metadata, **marks}, "type": "Opaque", "data": {"password": VALUE}, **content}


def marks_of(content: Content) -> dict[str, Any]:
    return secret_copy.metadata(content, OWNER_OF, "edge", "web", "s")


def made(content: Content) -> dict[str, Any]:
    """A copy as the kube-apiserver has it after its creation."""
    found = json.loads(json.dumps(secret_copy.manifest(content, marks_of(content))))
    found["metadata"] |= {"uid": "c", "resourceVersion": "9"}
    return dict(found)


def merged(live: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result = dict(live) if isinstance(live, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def live(obj: dict[str, Any]) -> dict[str, Any]:
    return pruned_secret(json.loads(json.dumps(obj)))


def test_a_copy_has_type_data_labels_and_annotations_and_the_marks_of_upstream_and_ours() -> None:
    content = Content(source({"team": "web"}, {"note": "x"}, type="kubernetes.io/tls", immutable=True))
    obj = secret_copy.manifest(content, marks_of(content))
    assert (obj["type"], obj["data"], obj["immutable"]) == ("kubernetes.io/tls", {"password": VALUE}, True)
    assert obj["metadata"]["labels"] == {**MARKED, "team": "web", MANAGED_BY: "drover", OWNER_UID: "uid-1"}
    assert obj["metadata"]["annotations"] == {
        "note": "x",
        "secret.user.cattle.io/secret": "true",
        "management.cattle.io/project-scoped-secret-copy": "true",
        OWNER: "Project.management.cattle.io/edge/shop",
        ORIGINAL: "edge/web/s",
        COPIED: '{"annotations":["note"],"labels":["team"]}',
    }


def test_neither_kubectls_copy_of_the_values_nor_marks_of_ours_are_copied() -> None:
    notes = {
        "kubectl.kubernetes.io/last-applied-configuration": VALUE,
        "drover.dev/owner": "x",
        "drover.dev/paused": "y",
    }
    content = Content(source({OWNER_UID: "x", MANAGED_BY: "Helm"}, notes))
    assert content.labels == MARKED
    assert content.annotations == {}
    assert COPIED not in marks_of(content)["annotations"]


def test_what_a_secret_holds_is_never_written_out() -> None:
    content = Content(source())
    with pytest.raises(TypeError):
        orjson.dumps(content)
    with pytest.raises(TypeError):
        json.dumps(content)
    assert not is_dataclass(content)
    assert VALUE not in f"{content} {content!r} {[content]}"
    assert not hasattr(content, "__dict__")
    with pytest.raises(TypeError):
        asdict(content)  # type: ignore[call-overload]  # that is the point


def test_what_is_kept_of_a_copy_has_no_value() -> None:
    obj = source(annotations={"kubectl.kubernetes.io/last-applied-configuration": VALUE})
    kept = live(obj)
    assert VALUE not in str(kept)
    assert kept["keys"] == ["password"]


@given(SECRETS)
def test_a_copy_that_was_just_made_is_not_changed(secret: dict[str, Any]) -> None:
    content = Content(secret)
    assert change(live(made(content)), content, marks_of(content)) == {}
    assert not must_be_made_anew(live(made(content)), content)


@given(SECRETS, SECRETS)
def test_a_change_makes_a_copy_as_if_it_were_new_and_leaves_what_others_set(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    old, new = Content(before), Content(after)
    there = made(old)
    there["metadata"]["labels"]["others"] = there["metadata"]["annotations"]["others"] = "kept"
    if must_be_made_anew(live(there), new):
        assert old.immutable
        return
    now = merged(there, change(live(there), new, marks_of(new)))
    wanted = made(new)
    wanted["metadata"]["labels"]["others"] = wanted["metadata"]["annotations"]["others"] = "kept"
    assert now == wanted
    assert change(live(now), new, marks_of(new)) == {}


def test_drift_is_put_right_also_a_key_that_somebody_added() -> None:
    content = Content(source())
    there = made(content)
    there["data"] = {"password": "eA==", "more": "eA=="}
    del there["metadata"]["annotations"][ORIGINAL]
    now = merged(there, change(live(there), content, marks_of(content)))
    assert now == made(content)


@pytest.mark.parametrize("record", ["", "{", "[]", "7", '{"labels": 7}', '{"labels": null}'])
def test_a_record_that_somebody_edited_does_no_harm(record: str) -> None:
    content = Content(source({"team": "web"}))
    there = made(content)
    there["metadata"]["annotations"][COPIED] = record
    assert merged(there, change(live(there), content, marks_of(content))) == made(content)


def test_a_type_never_changes_and_an_immutable_copy_only_in_its_metadata() -> None:
    plain, tls = Content(source()), Content(source(type="kubernetes.io/tls"))
    assert must_be_made_anew(live(made(plain)), tls)
    fixed, other = Content(source(immutable=True)), Content(source(immutable=True, data={"password": "eA=="}))
    assert must_be_made_anew(live(made(fixed)), other)
    assert must_be_made_anew(live(made(fixed)), plain)
    assert not must_be_made_anew(live(made(fixed)), Content(source({"team": "web"}, immutable=True)))
    assert not must_be_made_anew(live(made(plain)), fixed)
    assert change(live(made(plain)), fixed, marks_of(fixed)) == {"immutable": True}


def test_contents_are_equal_where_copies_would_be() -> None:
    assert Content(source()) == Content(source())
    assert hash(Content(source())) == hash(Content(source()))
    for other in (
        source(type="x"),
        source(immutable=True),
        source(data={}),
        source({"a": "b"}),
        source({}, {"a": "b"}),
    ):
        assert Content(source()) != Content(other)
