"""Quotas of a project, and the defaults of its namespaces and containers."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from drover.api.management.quota_rules import above, by_key, extended_above, named_above
from drover.api.quantities import amount
from drover.api.resource import Model
from drover.api.rule import Rule
from drover.api.scalars import Count, Quantity


class Limits(Model):
    """Amounts by resource."""

    pods: Count | None = None
    """Number of pods."""
    services: Count | None = None
    """Number of Services."""
    replication_controllers: Count | None = None
    """Number of ReplicationControllers."""
    secrets: Count | None = None
    """Number of Secrets."""
    config_maps: Count | None = None
    """Number of ConfigMaps."""
    persistent_volume_claims: Count | None = None
    """Number of PersistentVolumeClaims."""
    services_node_ports: Count | None = None
    """Number of Services of type NodePort."""
    services_load_balancers: Count | None = None
    """Number of Services of type LoadBalancer."""
    requests_cpu: Quantity | None = None
    """CPU requests in cores, such as `2` or `500m`."""
    requests_memory: Quantity | None = None
    """Memory requests in bytes, such as `4Gi`."""
    requests_storage: Quantity | None = None
    """Storage requests in bytes, such as `100Gi`."""
    limits_cpu: Quantity | None = None
    """CPU limits in cores, such as `4` or `500m`."""
    limits_memory: Quantity | None = None
    """Memory limits in bytes, such as `8Gi`."""
    extended: Annotated[dict[str, Quantity], Field(max_length=32)] = {}
    """Any further key of a ResourceQuota, such as `requests.nvidia.com/gpu: "2"`. Keys above win over the same here."""

    def by_key(self) -> dict[str, str]:
        """What is set, by the names in YAML; keys of `extended` begin with `extended.`."""
        fixed = self.model_dump(by_alias=True, exclude={"extended"}, exclude_none=True)
        return fixed | {f"extended.{key}": value for key, value in self.extended.items()}


def exceeding(first: Limits | None, second: Limits | None) -> list[str]:
    """The keys that both have, and the first has more of."""
    if first is None or second is None:
        return []
    most = second.by_key()
    return [key for key, value in first.by_key().items() if key in most and _more(value, most[key])]


def _more(first: str, second: str) -> bool:
    one, other = amount(first), amount(second)
    return one is not None and other is not None and one > other


_USED: Final = by_key("self.usedLimit", "self.limit")


class ResourceQuota(Model):
    """What all namespaces of a project may use together."""

    rules = (
        Rule(
            f"!has(self.limit) || !has(self.usedLimit) || !({above(_USED)}"
            f" || {extended_above('self.usedLimit', 'self.limit')})",
            "the limit is below what namespaces already use; lower the quotas of namespaces first",
            lambda quota: not exceeding(quota.used_limit, quota.limit),
            text="'the limit is below what namespaces already use; lower the quotas of namespaces first. '"
            f" + {named_above(_USED)}",
            field=".limit",
            reason="FieldValueForbidden",
        ),
    )

    limit: Limits | None = None
    """What namespaces may use together."""
    used_limit: Limits | None = None
    """The sum of the quotas of all namespaces. Written by Drover for clients that look for it here."""


class NamespaceResourceQuota(Model):
    """What a namespace gets that asks for nothing."""

    limit: Limits | None = None
    """The quota of such a namespace."""


_REQUESTS: Final = [("self.requestsCpu", "self.limitsCpu"), ("self.requestsMemory", "self.limitsMemory")]


class ContainerResourceLimit(Model):
    """What a container gets that asks for nothing."""

    rules = (
        Rule(
            f"!({above(_REQUESTS)})",
            "a request is greater than its limit; raise the limit or lower the request",
            lambda limits: (
                not (
                    _more(limits.requests_cpu or "", limits.limits_cpu or "")
                    or _more(limits.requests_memory or "", limits.limits_memory or "")
                )
            ),
            text="'a request is greater than its limit; raise the limit or lower the request. '"
            f" + {named_above(_REQUESTS)}",
        ),
    )

    requests_cpu: Quantity | None = None
    """CPU request in cores, such as `100m`."""
    requests_memory: Quantity | None = None
    """Memory request in bytes, such as `128Mi`."""
    limits_cpu: Quantity | None = None
    """CPU limit in cores, such as `500m`."""
    limits_memory: Quantity | None = None
    """Memory limit in bytes, such as `256Mi`."""
