"""AdmissionReviews as a kube-apiserver sends them."""

from __future__ import annotations

from typing import Any

import orjson

from drover.admission.review import Request, decode
from drover.kube.gvr import Object


def review(operation: str = "CREATE", resource: str = "roletemplates", **fields: Any) -> Object:
    """A review of an object of ours; `fields` decide over those of the request."""
    obj = {"apiVersion": "management.cattle.io/v3", "kind": "RoleTemplate", "metadata": {"name": "r", "uid": "1"}}
    request = {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {"group": "management.cattle.io", "version": "v3", "kind": "RoleTemplate"},
        "resource": {"group": "management.cattle.io", "version": "v3", "resource": resource},
        "name": "r",
        "operation": operation,
        "userInfo": {"username": "mallory", "groups": ["system:authenticated"], "extra": {"a": ["b"]}},
        "object": None if operation == "DELETE" else obj,
        "oldObject": None if operation == "CREATE" else obj,
        "dryRun": False,
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request | fields}


def request(operation: str = "CREATE", resource: str = "roletemplates", **fields: Any) -> Request:
    """The request in such a review."""
    return decode(orjson.dumps(review(operation, resource, **fields)))
