"""Projects that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change

GOOD: dict[str, Any] = {"clusterName": "c-table", "displayName": "Shop"}


def quota(
    limit: dict[str, Any] | None, default: dict[str, Any] | None, used: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A spec with a quota; None leaves a part out."""
    spec = dict(GOOD)
    if limit is not None or used is not None:
        spec["resourceQuota"] = {
            **({"limit": limit} if limit is not None else {}),
            **({"usedLimit": used} if used is not None else {}),
        }
    return spec | ({"namespaceDefaultResourceQuota": {"limit": default}} if default is not None else {})


def _both(key: str, value: Any) -> dict[str, Any]:
    return quota({key: value}, {key: "0"})


_LIMIT = "spec.resourceQuota.limit"
_DEFAULT = "spec.namespaceDefaultResourceQuota.limit"
_TOGETHER = "set both or none"
_SAME = "must set the same resources as spec.resourceQuota.limit; add or remove the ones that differ"
_EXCEEDS = "exceeds the limit of the project; lower it or raise spec.resourceQuota.limit"
_BELOW = "lower the quotas of namespaces first"
_REQUEST = "raise the limit or lower the request"
_AMOUNT = 'try "10", "500m" or "2Gi"'
_COUNT = 'try "10"'

BAD = (
    Bad("no display name", {"clusterName": "c-table"}, "spec.displayName"),
    Bad("no cluster", {"displayName": "Shop"}, "spec.clusterName"),
    Bad("a cluster name that is no name", GOOD | {"clusterName": "A_b"}, "spec.clusterName", "must be lower-case"),
    Bad("a name with a dot", GOOD, "metadata.name", "(no dots)", name="a.b", model=False),
    Bad("a name of 64 characters", GOOD, "metadata.name", name="x" * 64, model=False),
    Bad("a limit without a default", quota({"pods": "1"}, None), "spec.namespaceDefaultResourceQuota", _TOGETHER),
    Bad("a default without a limit", quota(None, {"pods": "1"}), "spec.namespaceDefaultResourceQuota", _TOGETHER),
    Bad("an empty limit without a default", quota({}, None), "spec.namespaceDefaultResourceQuota", _TOGETHER),
    Bad("other keys in the default", quota({"pods": "1"}, {"secrets": "1"}), _DEFAULT, _SAME),
    Bad("a key that the default lacks", quota({"pods": "1", "secrets": "1"}, {"pods": "1"}), _DEFAULT, _SAME),
    Bad("an empty default", quota({"pods": "1"}, {}), _DEFAULT, _SAME),
    Bad(
        "other extended keys in the default",
        quota({"extended": {"requests.nvidia.com/gpu": "2"}}, {"extended": {"count/jobs.batch": "1"}}),
        _DEFAULT,
        _SAME,
    ),
    Bad("a default above the limit", quota({"pods": "10"}, {"pods": "11"}), _DEFAULT, _EXCEEDS),
    Bad(
        "a default above the limit by its unit",
        quota({"limitsMemory": "1Gi"}, {"limitsMemory": "1025Mi"}),
        _DEFAULT,
        _EXCEEDS,
    ),
    Bad(
        "an extended default above the limit",
        quota({"extended": {"a/b": "1"}}, {"extended": {"a/b": "2"}}),
        _DEFAULT,
        _EXCEEDS,
    ),
    Bad("a limit below what is used", quota({"pods": "10"}, {"pods": "1"}, {"pods": "11"}), _LIMIT, _BELOW),
    Bad(
        "an extended limit below what is used",
        quota({"extended": {"a/b": "1"}}, {"extended": {"a/b": "1"}}, {"extended": {"a/b": "2"}}),
        _LIMIT,
        _BELOW,
    ),
    Bad("a quantity that is none", _both("limitsCpu", "10x"), f"{_LIMIT}.limitsCpu", _AMOUNT),
    Bad("a quantity with a unit in small letters", _both("limitsMemory", "1ki"), f"{_LIMIT}.limitsMemory", _AMOUNT),
    Bad("an empty quantity", _both("requestsCpu", ""), f"{_LIMIT}.requestsCpu", _AMOUNT),
    Bad("a quantity with a space", _both("requestsCpu", "1 "), f"{_LIMIT}.requestsCpu", _AMOUNT),
    Bad("a negative quantity", _both("requestsStorage", "-1Gi"), f"{_LIMIT}.requestsStorage", _AMOUNT),
    Bad("infinity", _both("limitsCpu", "inf"), f"{_LIMIT}.limitsCpu", _AMOUNT),
    Bad("a quantity of 65 characters", _both("limitsCpu", "1" * 65), f"{_LIMIT}.limitsCpu"),
    Bad("a number of pods as a number", _both("pods", 10), f"{_LIMIT}.pods"),
    Bad("half a pod", _both("pods", "500m"), f"{_LIMIT}.pods", _COUNT),
    Bad("minus one pod", _both("pods", "-1"), f"{_LIMIT}.pods", _COUNT),
    Bad(
        "an extended quantity that is none",
        _both("extended", {"a/b": "many"}) | {"namespaceDefaultResourceQuota": {"limit": {"extended": {"a/b": "1"}}}},
        f"{_LIMIT}.extended[a/b]",
        _AMOUNT,
    ),
    Bad(
        "a CPU request above its limit",
        GOOD | {"containerDefaultResourceLimit": {"requestsCpu": "2", "limitsCpu": "1500m"}},
        "spec.containerDefaultResourceLimit",
        _REQUEST,
    ),
    Bad(
        "a memory request above its limit",
        GOOD | {"containerDefaultResourceLimit": {"requestsMemory": "1Gi", "limitsMemory": "1000M"}},
        "spec.containerDefaultResourceLimit",
        _REQUEST,
    ),
    Bad(
        "a container default that is no quantity",
        GOOD | {"containerDefaultResourceLimit": {"limitsCpu": "one"}},
        "spec.containerDefaultResourceLimit.limitsCpu",
        _AMOUNT,
    ),
)

CHANGES = (
    Change(
        "another cluster",
        GOOD,
        GOOD | {"clusterName": "elsewhere"},
        "spec.clusterName",
        "create a project in the other cluster instead",
    ),
    Change(
        "a limit below what is used",
        quota({"pods": "10"}, {"pods": "1"}, {"pods": "5"}),
        quota({"pods": "4"}, {"pods": "1"}, {"pods": "5"}),
        "spec.resourceQuota.limit",
        "pods 5 > 4",
    ),
)
