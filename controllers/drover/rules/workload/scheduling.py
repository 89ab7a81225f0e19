"""Where pods may run: `spec.scheduling` as node affinity, tolerations, scheduler and priority."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drover.rules.workload.expressions import parse
from drover.rules.workload.shape import InvalidWorkload, given, mapping, sequence, text, texts

_HEAVIEST = 100
"""The first preference's weight; Kubernetes takes 1 to 100, so each further one weighs one less."""


def scheduling(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The pod spec's fields for `spec.scheduling`.

    `requireAll` becomes one term with all expressions, `requireAny` one term an entry (and replaces `requireAll`),
    `preferred` one preference an entry, weighing 100, 99, ... in order.
    """
    view = mapping(spec.get("scheduling"), "spec.scheduling")
    node = mapping(view.get("node"), "spec.scheduling.node")
    pod: dict[str, Any] = {}
    if node_name := _node_name(spec, node):
        pod["nodeName"] = node_name
    if affinity := _node_affinity(node):
        pod["affinity"] = {"nodeAffinity": affinity}
    if tolerations := sequence(view.get("tolerate"), "spec.scheduling.tolerate"):
        pod["tolerations"] = tolerations
    if scheduler := text(view.get("scheduler"), "spec.scheduling.scheduler"):
        pod["schedulerName"] = scheduler
    pod.update(given(view, ("priority", "priorityClassName")))
    return pod


def _node_name(spec: Mapping[str, Any], node: Mapping[str, Any]) -> str:
    path = "spec.scheduling.node.nodeId" if node.get("nodeId") else "spec.nodeId"
    name = text(node.get("nodeId") or spec.get("nodeId"), path)
    if ":" in name:
        raise InvalidWorkload(path, f'"{name}" is an id of the HTTP API; give the name that `kubectl get nodes` shows')
    return name


def _node_affinity(node: Mapping[str, Any]) -> dict[str, Any]:
    every = [requirement for term in _terms(node, "requireAll") for requirement in term["matchExpressions"]]
    terms = _terms(node, "requireAny") or ([{"matchExpressions": every}] if every else [])
    preferred = _terms(node, "preferred")
    if len(preferred) > _HEAVIEST:
        raise InvalidWorkload("spec.scheduling.node.preferred", f"has more than {_HEAVIEST} entries; join some with &&")
    affinity: dict[str, Any] = {}
    if terms:
        affinity["requiredDuringSchedulingIgnoredDuringExecution"] = {"nodeSelectorTerms": terms}
    if preferred:
        affinity["preferredDuringSchedulingIgnoredDuringExecution"] = [
            {"weight": _HEAVIEST - index, "preference": term} for index, term in enumerate(preferred)
        ]
    return affinity


def _terms(node: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
    path = f"spec.scheduling.node.{field}"
    return [
        {"matchExpressions": [requirement.native() for requirement in parse(expression, f"{path}[{index}]")]}
        for index, expression in enumerate(texts(node.get(field), path))
    ]
