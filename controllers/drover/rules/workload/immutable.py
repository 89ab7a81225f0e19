"""The changes that Kubernetes refuses: the native object has to be deleted and made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

_QUANTITIES: Final = frozenset({"requests", "limits", "sizeLimit", "divisor", "overhead"})
"""Fields whose values the apiserver writes in its own form: "1024Mi" comes back as "1Gi"."""

_SUFFIXES: Final[Mapping[str, Decimal]] = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "P": Decimal(10**15),
    "E": Decimal(10**18),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}

_SUSPENDED_POD: Final = ("nodeSelector", "affinity", "tolerations", "schedulingGates")
"""Fields of the pod spec that may change while a Job is suspended and has never started."""


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
        ("spec.managedBy", _same_value(live, wanted, "managedBy", live.get("managedBy"))),
        ("spec.podFailurePolicy", holds(live.get("podFailurePolicy"), wanted.get("podFailurePolicy"))),
        ("spec.selector", "selector" not in wanted or _same_selector(live, wanted)),
        ("spec.successPolicy", holds(live.get("successPolicy"), wanted.get("successPolicy"))),
        ("spec.template", _same_template(live, wanted, adjustable=adjustable)),
    )


def holds(live: Any, wanted: Any) -> bool:
    """Whether `live` has everything that `wanted` asks for; what only `live` has (defaults) does not matter."""
    if isinstance(wanted, Mapping):
        if not isinstance(live, Mapping):
            return not wanted or (live is None and all(holds(None, item) for item in wanted.values()))
        return all(
            _same_quantities(live.get(key), item) if key in _QUANTITIES else holds(live.get(key), item)
            for key, item in wanted.items()
        )
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        items = live or ()
        return len(items) == len(wanted) and all(holds(*pair) for pair in zip(items, wanted, strict=True))
    if live is None:
        return not wanted  # The apiserver leaves out false, 0 and "" where these are the defaults.
    return bool(live == wanted)


def _same_selector(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    mine, theirs = wanted.get("selector") or {}, live.get("selector") or {}
    return all((mine.get(part) or None) == (theirs.get(part) or None) for part in ("matchLabels", "matchExpressions"))


def _same_value(live: Mapping[str, Any], wanted: Mapping[str, Any], field: str, default: Any) -> bool:
    mine, theirs = wanted.get(field), live.get(field)
    return bool((default if mine is None else mine) == (default if theirs is None else theirs))


def _same_completions(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """An Indexed Job may change both numbers together; without either number, Kubernetes sets both to 1."""
    default = 1 if wanted.get("parallelism") is None else None
    if _same_value(live, wanted, "completions", default):
        return True
    elastic = all(job.get("completions") == job.get("parallelism") for job in (live, wanted))
    return elastic and live.get("completionMode") == wanted.get("completionMode") == "Indexed"


def _same_template(live: Mapping[str, Any], wanted: Mapping[str, Any], *, adjustable: bool) -> bool:
    template = wanted.get("template") or {}
    if adjustable:
        pod = {field: value for field, value in (template.get("spec") or {}).items() if field not in _SUSPENDED_POD}
        template = {"spec": pod}
    return holds(live.get("template"), template)


def _same_claims(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    mine, theirs = wanted.get("volumeClaimTemplates") or (), live.get("volumeClaimTemplates") or ()
    return holds(theirs, mine) and all(
        (left.get("spec") or {}).get("storageClassName") == (right.get("spec") or {}).get("storageClassName")
        for left, right in zip(theirs, mine, strict=True)
    )


def _same_quantities(live: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        values = live if isinstance(live, Mapping) else {}
        return set(values) >= set(wanted) and all(_same_quantities(values[key], item) for key, item in wanted.items())
    return bool(live == wanted) or (live is not None and _amount(live) == _amount(wanted))


def _amount(quantity: Any) -> Decimal | str:
    """The value of a Kubernetes quantity; text that is none stands for itself."""
    written = str(quantity)
    digits = written.rstrip("numkMGTPEi")
    try:
        return Decimal(digits) * _SUFFIXES.get(written[len(digits) :], Decimal(1))
    except InvalidOperation:
        return written
