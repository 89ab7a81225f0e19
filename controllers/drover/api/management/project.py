"""Project: namespaces of one cluster that belong together, with their members, quota and defaults."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from drover.api.conditions import Status
from drover.api.keys import MANAGEMENT
from drover.api.management.quota import (
    ContainerResourceLimit,
    Limits,
    NamespaceResourceQuota,
    ResourceQuota,
    exceeding,
)
from drover.api.management.quota_rules import (
    above,
    by_key,
    extended_above,
    named_above,
    named_alone,
    same_extended_keys,
    same_keys,
)
from drover.api.resource import AGE, MESSAGE, READY, Column, Model, Resource
from drover.api.rule import Rule, immutable
from drover.api.scalars import DNS_LABEL, DnsLabel, Line

_LIMIT: Final = "self.resourceQuota.limit"
_DEFAULT: Final = "self.namespaceDefaultResourceQuota.limit"
_HAS_LIMIT: Final = "(has(self.resourceQuota) && has(self.resourceQuota.limit))"
_HAS_DEFAULT: Final = "(has(self.namespaceDefaultResourceQuota) && has(self.namespaceDefaultResourceQuota.limit))"
_PAIRS: Final = by_key(_DEFAULT, _LIMIT)
_NEW: Final = "self.spec.resourceQuota.limit"
_GRANTED: Final = by_key("self.status.usedLimit", _NEW)
_HAS_NEW: Final = "has(self.spec.resourceQuota) && has(self.spec.resourceQuota.limit)"
_HAS_GRANTED: Final = "has(self.status) && has(self.status.usedLimit)"
_UNCHANGED: Final = f"({_HAS_NEW.replace('self', 'oldSelf')} && {_NEW} == {_NEW.replace('self', 'oldSelf')})"


def _limit(spec: ProjectSpec) -> Limits | None:
    return spec.resource_quota.limit if spec.resource_quota else None


def _default(spec: ProjectSpec) -> Limits | None:
    return spec.namespace_default_resource_quota.limit if spec.namespace_default_resource_quota else None


def _same_keys(spec: ProjectSpec) -> bool:
    limit, default = _limit(spec), _default(spec)
    return limit is None or default is None or limit.by_key().keys() == default.by_key().keys()


class ProjectSpec(Model):
    """What the project should be."""

    rules = (
        Rule(
            f"{_HAS_LIMIT} == {_HAS_DEFAULT}",
            "resourceQuota.limit and namespaceDefaultResourceQuota.limit go together; set both or none",
            lambda spec: (_limit(spec) is None) == (_default(spec) is None),
            field=".namespaceDefaultResourceQuota",
            reason="FieldValueRequired",
        ),
        Rule(
            f"!{_HAS_LIMIT} || !{_HAS_DEFAULT} || ({same_keys(_DEFAULT, _LIMIT)}"
            f" && {same_extended_keys(_DEFAULT, _LIMIT)})",
            "must set the same resources as spec.resourceQuota.limit; add or remove the ones that differ",
            _same_keys,
            text="'must set the same resources as spec.resourceQuota.limit; add or remove the ones that differ: '"
            f" + {named_alone(_DEFAULT, _LIMIT)}",
            field=".namespaceDefaultResourceQuota.limit",
        ),
        Rule(
            f"!{_HAS_LIMIT} || !{_HAS_DEFAULT} || !({above(_PAIRS)} || {extended_above(_DEFAULT, _LIMIT)})",
            "exceeds the limit of the project; lower it or raise spec.resourceQuota.limit",
            lambda spec: not exceeding(_default(spec), _limit(spec)),
            text="'exceeds the limit of the project; lower it or raise spec.resourceQuota.limit. '"
            f" + {named_above(_PAIRS)}",
            field=".namespaceDefaultResourceQuota.limit",
            reason="FieldValueForbidden",
        ),
    )

    cluster_name: Annotated[
        DnsLabel, immutable("a project stays in its cluster; create a project in the other cluster instead")
    ]
    """The management Cluster, which is also the project's namespace. Immutable."""
    display_name: Annotated[Line, Field(min_length=1)]
    """Name for people; need not be unique."""
    description: Annotated[str, Field(max_length=4096)] = ""
    """What the project is for."""
    resource_quota: ResourceQuota | None = None
    """What all namespaces of the project may use together; needs namespaceDefaultResourceQuota."""
    namespace_default_resource_quota: NamespaceResourceQuota | None = None
    """What a namespace gets that asks for nothing; needs resourceQuota, and the same resources."""
    container_default_resource_limit: ContainerResourceLimit | None = None
    """Requests and limits of containers that set none."""


class NamespaceQuota(Model):
    """What a namespace was granted."""

    namespace: Annotated[str, Field(max_length=63)]
    """The namespace, in the member."""
    limit: Annotated[dict[str, Annotated[str, Field(max_length=64)]], Field(max_length=64)] = {}
    """The most that its ResourceQuota may hold, by the keys of a project's limit. Those of `extended` begin with
    `extended.`."""


class ProjectStatus(Status):
    """What the project is."""

    rules = (
        Rule(
            "!has(oldSelf.backingNamespace) || oldSelf.backingNamespace == ''"
            " || self.?backingNamespace.orValue('') == oldSelf.backingNamespace",
            "the backing namespace of a project never changes; set it back",
            field=".backingNamespace",
            reason="FieldValueForbidden",
        ),
    )

    backing_namespace: Annotated[str, Field(max_length=63)] = ""
    """The namespace that holds the project's role bindings, secrets and workloads. Immutable once set."""
    namespaces: Annotated[int, Field(ge=0)] = 0
    """Number of namespaces in the project."""
    used_limit: Limits | None = None
    """The sum of what namespaces were granted."""
    namespace_quotas: list[NamespaceQuota] = []
    """What each namespace was granted. Recorded before a ResourceQuota grows, and taken back after it shrank."""


class Project(Resource):
    """A group of namespaces of one cluster, with members, a quota and defaults. Lives in the cluster's namespace."""

    group = MANAGEMENT
    version = "v3"
    kind = "Project"
    plural = "projects"
    short_names = ("mproj",)
    columns = (
        Column("Display", ".spec.displayName", "Name for people."),
        Column("Cluster", ".spec.clusterName", "The management Cluster."),
        Column("Namespaces", ".status.namespaces", "Number of namespaces in the project.", "integer"),
        READY,
        AGE,
        Column("Backing-Namespace", ".status.backingNamespace", "Holds bindings and workloads.", wide=True),
        MESSAGE,
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            f"self.metadata.name.matches('{DNS_LABEL}')",
            "must be lower-case letters, digits and - (no dots), as it becomes part of names",
            field=".metadata.name",
        ),
        Rule(
            f"!({_HAS_NEW}) || !({_HAS_GRANTED}) || {_UNCHANGED} || !({above(_GRANTED)}"
            f" || {extended_above('self.status.usedLimit', _NEW)})",
            "the limit is below what namespaces were granted; lower the quotas of namespaces first",
            text="'the limit is below what namespaces were granted; lower the quotas of namespaces first. '"
            f" + {named_above(_GRANTED)}",
            field=".spec.resourceQuota.limit",
            reason="FieldValueForbidden",
        ),
    )

    spec: ProjectSpec
    """What the project should be."""
    status: ProjectStatus | None = None
    """What the project is. Written by Drover."""
