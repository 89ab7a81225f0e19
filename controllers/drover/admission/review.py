"""AdmissionReviews: what a kube-apiserver asks, read with suspicion, and what it is answered."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson

from drover.kube.gvr import Object

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a review. An object has up to 1.5 MiB, and an update carries it twice."""

_DEEPEST = 64
"""Levels of a review. None of our kinds has ten."""

_API_VERSION = "admission.k8s.io/v1"
_KIND = "AdmissionReview"

Operation = Literal["CREATE", "UPDATE", "DELETE"]


class Malformed(Exception):
    """Something that no kube-apiserver sends; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks, as the kube-apiserver knows them."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be done to an object. `obj` is None for a deletion, `old` for a new object; `resource` is the plural
    name in `group`. `name` is empty where the name is yet to be generated."""

    uid: str
    operation: Operation
    group: str
    resource: str
    namespace: str
    name: str
    requester: Requester
    obj: Object | None
    old: Object | None

    @property
    def written(self) -> Object:
        """The object as it is to be; raises KeyError for a deletion."""
        if self.obj is None:
            raise KeyError("object")
        return self.obj


@dataclass(frozen=True, slots=True)
class Denied:
    """Why a request is refused. Codes: 403 the requester lacks a right, 409 something that exists is in the way, 422
    the object is wrong."""

    code: Literal[403, 409, 422]
    message: str

    @property
    def reason(self) -> str:
        """The `metav1.Status` reason of the code."""
        return {403: "Forbidden", 409: "Conflict", 422: "Invalid"}[self.code]


@dataclass(frozen=True, slots=True)
class Allowed:
    """The request may go on, with a JSON patch of the object where there is one. `warning` is shown to who asks."""

    patch: tuple[Mapping[str, Any], ...] = ()
    warning: str = ""


def decode(body: bytes) -> Request:
    """The request in a review; raises Malformed."""
    try:
        review = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Malformed("the body is not JSON, or is nested too deeply") from None
    if not isinstance(review, dict) or (review.get("apiVersion"), review.get("kind")) != (_API_VERSION, _KIND):
        raise Malformed(f"the body is no {_KIND} of {_API_VERSION}")
    if _too_deep(review):
        raise Malformed(f"the body has more than {_DEEPEST} levels")
    request = _of(dict, review, "request")
    resource = _of(dict, request, "resource")
    operation = _text(request, "operation")
    if operation not in ("CREATE", "UPDATE", "DELETE"):
        raise Malformed("request.operation is none of CREATE, UPDATE and DELETE")
    found = Request(
        uid=_text(request, "uid"),
        operation=operation,  # type: ignore[arg-type]  # looked at one line above
        group=_text(resource, "group"),
        resource=_text(resource, "resource"),
        namespace=_text(request, "namespace", optional=True),
        name=_text(request, "name", optional=True),
        requester=_requester(_of(dict, request, "userInfo")),
        obj=_object(request, "object"),
        old=_object(request, "oldObject"),
    )
    if not found.uid:
        raise Malformed("request.uid is empty")
    if (found.obj is None) != (operation == "DELETE") or (found.old is None) != (operation == "CREATE"):
        raise Malformed(f"request.object and request.oldObject are not those of a {operation}")
    return found


def encode(request: Request, answer: Allowed | Denied) -> bytes:
    """The review that answers a request."""
    response: Object = {"uid": request.uid, "allowed": isinstance(answer, Allowed)}
    if isinstance(answer, Denied):
        response["status"] = {
            "status": "Failure",
            "code": answer.code,
            "reason": answer.reason,
            "message": answer.message,
        }
    elif answer.patch:
        response["patchType"] = "JSONPatch"
        response["patch"] = base64.b64encode(orjson.dumps(answer.patch)).decode()
    if isinstance(answer, Allowed) and answer.warning:
        response["warnings"] = [answer.warning]
    return orjson.dumps({"apiVersion": _API_VERSION, "kind": _KIND, "response": response})


def _requester(info: Object) -> Requester:
    groups = info.get("groups") or []
    extra = info.get("extra") or {}
    if not _texts(groups):
        raise Malformed("request.userInfo.groups is not a list of strings")
    if not isinstance(extra, dict) or not all(_texts(values) for values in extra.values()):
        raise Malformed("request.userInfo.extra is not lists of strings by name")
    return Requester(
        name=_text(info, "username"), groups=tuple(groups), uid=_text(info, "uid", optional=True), extra=extra
    )


def _object(request: Object, field: str) -> Object | None:
    obj = request.get(field)
    if obj is None:
        return None
    if not isinstance(obj, dict) or not isinstance(obj.get("metadata"), dict):
        raise Malformed(f"request.{field} is no object with metadata")
    return obj


def _of(kind: type[dict[str, Any]], value: Object, field: str) -> Object:
    found = value.get(field)
    if not isinstance(found, kind):
        raise Malformed(f"{field} is missing or no object")
    return found


def _text(value: Object, field: str, *, optional: bool = False) -> str:
    found = value.get(field)
    if found is None and optional:
        return ""
    if not isinstance(found, str):
        raise Malformed(f"{field} is missing or no string")
    return found


def _texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _too_deep(value: object) -> bool:
    level: list[object] = [value]
    for _ in range(_DEEPEST):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent if isinstance(parent, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
