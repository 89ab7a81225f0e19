"""The changes that Kubernetes refuses: the native object has to be deleted and made again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drover.kube.apply import covers

_SUSPENDED_POD: Final = ("nodeSelector", "affinity", "tolerations", "schedulingGates")
"""Fields of the pod spec that may change, like containers' resources, while a Job is suspended and never started."""


def immutable_change(native_live: Mapping[str, Any], native_wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths of the native object, as in `spec.selector`, that differ and that Kubernetes will not change.

    Both objects have the same kind and name; `native_wanted` is rendered, `native_live` is as the apiserver returns it,
    with its defaults. A field removed from within a template is not found here: the apiserver refuses it.
    """
    live, wanted = native_live.get("spec") or {}, native_wanted.get("spec") or {}
    match native_wanted["kind"]:
        case "Deployment" | "DaemonSet":
            checks: tuple[tuple[str, bool], ...] = (("spec.selector", _same_selector(live, wanted)),)
        case "StatefulSet":
            checks = (
                ("spec.podManagementPolicy", _same_value(live, wanted, "podManagementPolicy", "OrderedReady")),
                ("spec.selector", _same_selector(live, wanted)),
                ("spec.serviceName", _same_value(live, wanted, "serviceName", "")),
                ("spec.volumeClaimTemplates", _same_claims(live, wanted)),
            )
        case "Job":
            checks = _job_checks(native_live, live, wanted)
        case _:
            checks = ()
    return tuple(path for path, same in checks if not same)


def _job_checks(
    native: Mapping[str, Any], live: Mapping[str, Any], wanted: Mapping[str, Any]
) -> tuple[tuple[str, bool], ...]:
    started = bool((native.get("status") or {}).get("startTime"))
    adjustable = bool(live.get("suspend")) and not started
    return (
        ("spec.backoffLimitPerIndex", _same_value(live, wanted, "backoffLimitPerIndex", None)),
        ("spec.completionMode", _same_value(live, wanted, "completionMode", "NonIndexed")),
        ("spec.completions", _same_completions(live, wanted)),
        ("spec.managedBy", _same_value(live, wanted, "managedBy", None)),
        ("spec.podFailurePolicy", covers(live.get("podFailurePolicy"), wanted.get("podFailurePolicy"))),
        ("spec.selector", "selector" not in wanted or _same_selector(live, wanted)),
        ("spec.successPolicy", covers(live.get("successPolicy"), wanted.get("successPolicy"))),
        ("spec.template", _same_template(live, wanted, adjustable=adjustable)),
    )


def _same_selector(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    mine, theirs = wanted.get("selector") or {}, live.get("selector") or {}
    return all((mine.get(part) or None) == (theirs.get(part) or None) for part in ("matchLabels", "matchExpressions"))


def _same_value(live: Mapping[str, Any], wanted: Mapping[str, Any], field: str, default: Any) -> bool:
    mine, theirs = (default if spec.get(field) in (None, "") else spec[field] for spec in (wanted, live))
    return bool(mine == theirs)


def _same_completions(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Kubernetes fills in 1 where neither number is given; an Indexed Job may change both numbers together."""
    mine, theirs = wanted.get("completions"), live.get("completions")
    if mine is None and (wanted.get("parallelism") is None or theirs == 1):
        mine = 1
    elastic = all(job.get("completions") == job.get("parallelism") for job in (live, wanted))
    return bool(mine == theirs) or (elastic and live.get("completionMode") == wanted.get("completionMode") == "Indexed")


def _same_template(live: Mapping[str, Any], wanted: Mapping[str, Any], *, adjustable: bool) -> bool:
    template = wanted.get("template") or {}
    if adjustable:
        template = {"spec": _without_adjustable(template.get("spec") or {})}
    return covers(live.get("template"), template)


def _without_adjustable(pod: Mapping[str, Any]) -> dict[str, Any]:
    fixed = {field: value for field, value in pod.items() if field not in _SUSPENDED_POD}
    for group in ("initContainers", "containers"):
        if group in fixed:
            fixed[group] = [
                {field: value for field, value in container.items() if field != "resources"}
                for container in fixed[group]
            ]
    return fixed


def _same_claims(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    mine, theirs = wanted.get("volumeClaimTemplates") or [], live.get("volumeClaimTemplates") or []
    if len(mine) != len(theirs):
        return False
    return covers(theirs, mine) and all(
        (left.get("spec") or {}).get("storageClassName") == (right.get("spec") or {}).get("storageClassName")
        for left, right in zip(theirs, mine, strict=True)
    )
