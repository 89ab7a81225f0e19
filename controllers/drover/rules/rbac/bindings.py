"""Bindings as objects: one for a role and a scope, with all its subjects."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from drover.kube.gvr import RBAC, Object
from drover.rules.rbac import names, subjects
from drover.rules.rbac.facts import Subject

MOST_SUBJECTS: Final = 500
"""In one binding; more are spread over several, so that one change never rewrites a huge object."""

_FILL: Final = 350
"""About how many subjects a binding has at most where there are several."""

_PER_NAMESPACE: Final = "rb-"
"""The name of a RoleBinding whose name follows from its namespace, before that is known."""

Owners = Mapping[Subject, Mapping[str, str]]
"""Labels for the bindings of single subjects."""

_NONE: Final[Owners] = {}


def cluster_wide(
    name: str,
    role: str,
    to: Collection[Subject],
    labels: Mapping[str, str],
    *,
    per_subject: bool = False,
    owners: Owners = _NONE,
) -> tuple[Object, ...]:
    """ClusterRoleBindings of a ClusterRole to subjects; `owners` are further labels on those of single subjects."""
    ref = _ref("ClusterRole", role)
    if per_subject:
        return _unique(
            _binding(
                "ClusterRoleBinding",
                {"name": f"crb-{_letters('', ref, one)}"},
                {**labels, **owners.get(one, {})},
                ref,
                (one,),
            )
            for one in sorted(to)
        )
    return tuple(
        _binding("ClusterRoleBinding", {"name": names.shard(name, number)}, labels, ref, some)
        for number, some in shards(to)
    )


def in_namespace(
    namespace: str,
    name: str,
    role: tuple[str, str],
    to: Collection[Subject],
    labels: Mapping[str, str],
    *,
    per_subject: bool = False,
    owners: Owners = _NONE,
) -> tuple[Object, ...]:
    """RoleBindings of a role (kind and name) to subjects in a namespace; in any, where `namespace` is empty."""
    ref = _ref(*role)
    place = {"namespace": namespace} if namespace else {}
    if per_subject:
        metadata = {"name": _PER_NAMESPACE, **place}
        found = (
            _binding("RoleBinding", metadata, {**labels, **owners.get(one, {})}, ref, (one,)) for one in sorted(to)
        )
        return all_placed(found, namespace) if namespace else tuple(found)
    return tuple(
        _binding("RoleBinding", {"name": names.shard(name, number), **place}, labels, ref, some)
        for number, some in shards(to)
    )


def placed(manifest: Object, namespace: str) -> Object:
    """A RoleBinding for any namespace of a project, as it is in one of them."""
    metadata = manifest["metadata"]
    name = metadata["name"]
    if name == _PER_NAMESPACE:
        subject = manifest["subjects"][0]
        one = Subject(subject["kind"], subject["name"], subject.get("namespace", ""))
        name = f"{_PER_NAMESPACE}{_letters(namespace, manifest['roleRef'], one)}"
    return {**manifest, "metadata": {**metadata, "name": name, "namespace": namespace}}


def all_placed(manifests: Iterable[Object], namespace: str) -> tuple[Object, ...]:
    """RoleBindings for any namespace, as they are in one."""
    return _unique(placed(each, namespace) for each in manifests)


def shards(to: Collection[Subject]) -> Iterable[tuple[int, tuple[Subject, ...]]]:
    """Subjects in as many parts as bindings are needed, by number from 1. What part a subject is in depends on itself
    and on about how many there are, so that one more changes one part, save where the number of parts doubles."""
    if len(to) <= MOST_SUBJECTS:
        return ((1, tuple(sorted(to))),) if to else ()
    count = 2
    while len(to) > count * _FILL:
        count *= 2
    parts: dict[int, list[Subject]] = {}
    for one in sorted(to):
        parts.setdefault(_number(one) % count + 1, []).append(one)
    return tuple((number, tuple(parts[number])) for number in sorted(parts))


@lru_cache(maxsize=65536)
def _number(one: Subject) -> int:
    """A number that follows from a subject."""
    text = f"{one.kind}/{one.namespace}/{one.name}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _letters(namespace: str, ref: Mapping[str, str], subject: Subject) -> str:
    name = f"{subject.namespace}:{subject.name}" if subject.namespace else subject.name
    return names.of_subject(namespace, ref["kind"], ref["name"], subject.kind, name)


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"apiGroup": RBAC, "kind": kind, "name": name}


def _unique(found: Iterable[Object]) -> tuple[Object, ...]:
    """The first of those with the same name: their ten letters leave a chance of that, and a wrong subject is worse
    than none."""
    by_name: dict[str, Object] = {}
    for each in found:
        by_name.setdefault(each["metadata"]["name"], each)
    return tuple(by_name.values())


def _binding(
    kind: str, metadata: dict[str, Any], labels: Mapping[str, str], ref: dict[str, str], to: Iterable[Subject]
) -> Object:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": {**metadata, **({"labels": dict(labels)} if labels else {})},
        "roleRef": ref,
        "subjects": [subjects.manifest(one) for one in to],
    }
