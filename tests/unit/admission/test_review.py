"""Decoding of AdmissionReviews, good ones and others."""

from __future__ import annotations

import base64
import copy
import random
from typing import Any

import orjson
import pytest

from drover.admission.review import Allowed, Denied, Malformed, Request, decode, encode
from tests.unit.admission.reviews import request, review

SEED = 20_261_128


def test_a_request_is_read() -> None:
    found = request("UPDATE", namespace="c1")
    assert (found.operation, found.group, found.resource) == ("UPDATE", "management.cattle.io", "roletemplates")
    assert (found.requester.name, found.requester.groups) == ("mallory", ("system:authenticated",))
    assert found.requester.extra == {"a": ["b"]}
    assert found.namespace == "c1"
    assert found.old == found.written


def test_a_denial_has_a_code_a_reason_and_a_message() -> None:
    answer = orjson.loads(encode(request(), Denied(409, "taken")))["response"]
    assert answer["uid"] == request().uid
    assert answer["allowed"] is False
    assert answer["status"] == {"status": "Failure", "code": 409, "reason": "Conflict", "message": "taken"}


def test_a_warning_is_given_with_what_is_allowed() -> None:
    answer = orjson.loads(encode(request(), Allowed(warning="the last one")))["response"]
    assert (answer["allowed"], answer["warnings"]) == (True, ["the last one"])
    assert "warnings" not in orjson.loads(encode(request(), Allowed()))["response"]


def test_a_patch_is_given_as_json_patch() -> None:
    patch = ({"op": "add", "path": "/metadata/name", "value": "x"},)
    answer = orjson.loads(encode(request(), Allowed(patch)))["response"]
    assert answer["patchType"] == "JSONPatch"
    assert orjson.loads(base64.b64decode(answer["patch"])) == list(patch)
    assert "patch" not in orjson.loads(encode(request(), Allowed()))["response"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"null", "no AdmissionReview"),
        (b"[" * 10_000 + b"]" * 10_000, "nested too deeply"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "no AdmissionReview"),
        (orjson.dumps(review() | {"apiVersion": "admission.k8s.io/v1beta1"}), "no AdmissionReview"),
        (orjson.dumps(review() | {"kind": "TokenReview"}), "no AdmissionReview"),
        (orjson.dumps(review(uid="")), "uid is empty"),
        (orjson.dumps(review(uid=None)), "uid is missing"),
        (orjson.dumps(review(operation="CONNECT")), "operation"),
        (orjson.dumps(review(object=None)), "those of a CREATE"),
        (orjson.dumps(review(object=[])), "no object with metadata"),
        (orjson.dumps(review(object={"metadata": []})), "no object with metadata"),
        (orjson.dumps(review(userInfo=None)), "userInfo"),
        (orjson.dumps(review(userInfo={"username": 1})), "username"),
        (orjson.dumps(review(userInfo={"username": "a", "groups": "b"})), "groups"),
        (orjson.dumps(review(userInfo={"username": "a", "extra": {"b": [1]}})), "extra"),
        (orjson.dumps(review(resource="x")).replace(b'"resource":{', b'"other":{'), "resource"),
    ],
)
def test_what_no_kube_apiserver_sends_is_malformed(body: bytes, text: str) -> None:
    with pytest.raises(Malformed, match=text):
        decode(body)


def test_a_review_with_too_many_levels_is_malformed() -> None:
    deep: Any = 1
    for _ in range(100):
        deep = {"a": deep}
    with pytest.raises(Malformed, match="levels"):
        decode(orjson.dumps(review(object={"metadata": {}, "rules": deep})))


def test_10000_reviews_with_something_wrong_are_read_or_malformed_and_never_anything_else() -> None:
    dice = random.Random(SEED)  # noqa: S311 - the same ones in each run
    outcomes = {"read": 0, "malformed": 0}
    for number in range(10_000):
        body = mutated(dice, number)
        try:
            found = decode(body)
        except Malformed:
            outcomes["malformed"] += 1
        else:
            assert isinstance(found, Request)
            outcomes["read"] += 1
    assert outcomes["malformed"] > 5000
    assert outcomes["read"] > 100


_ODD: tuple[Any, ...] = (None, True, 0, -1, 1e308, "", "\x00", "x" * 5000, "\u202e", [], {}, [[]], [{}], {"": {}})


def mutated(dice: random.Random, number: int) -> bytes:
    """A review with one or more places changed to something odd, or bytes that are cut, flipped or doubled."""
    value = review(dice.choice(("CREATE", "UPDATE", "DELETE")))
    for _ in range(dice.randint(1, 3)):
        _spoil(dice, value)
    body = bytearray(orjson.dumps(value))
    if number % 4 == 0:
        del body[dice.randrange(len(body)) :]
    elif number % 4 == 1:
        for _ in range(dice.randint(1, 8)):
            body[dice.randrange(len(body))] = dice.randrange(256)
    return bytes(body)


def _spoil(dice: random.Random, value: Any) -> None:
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = dice.choice(keys)
        child = value[key]
        if isinstance(child, dict | list) and child and dice.random() < 0.7:
            value = child
            continue
        if dice.random() < 0.3 and isinstance(value, dict):
            del value[key]
        else:
            value[key] = copy.deepcopy(dice.choice(_ODD))
        return
