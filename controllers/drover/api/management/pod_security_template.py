"""PodSecurityAdmissionConfigurationTemplate: levels of pod security for the namespaces of clusters."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from drover.api.conditions import Status
from drover.api.keys import MANAGEMENT
from drover.api.resource import AGE, MESSAGE, READY, Column, Model, Resource
from drover.api.rule import Rule
from drover.api.scalars import DnsLabel, DnsSubdomain, Int32

_VERSION: Final = r"^(latest|v1\.(0|[1-9][0-9]*)|)$"

Level = Literal["", "privileged", "baseline", "restricted"]
Version = Annotated[
    str,
    Field(max_length=16),
    Rule(
        f"self.matches(r'{_VERSION}')",
        "is not a version of Kubernetes; set `latest`, or a minor version such as `v1.33`",
        lambda text: re.match(_VERSION, text) is not None,
    ),
]


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    """As kube-apiserver checks a list of the type `set`."""
    for index, value in enumerate(values):
        if value in values[:index]:
            raise PydanticCustomError("rule", "Duplicate value: {value}", {"value": value, "field": f"[{index}]"})
    return values


def _set(longest: int) -> Any:
    return Field(max_length=longest, json_schema_extra={"x-kubernetes-list-type": "set"})


class PodSecurityDefaults(Model):
    """What holds in a namespace that says nothing itself."""

    enforce: Level = ""
    """Pods that break this level are refused: `privileged` (the default), `baseline` or `restricted`."""
    enforce_version: Annotated[Version, Field(alias="enforce-version")] = ""
    """Version of that level: `latest` (the default), or one such as `v1.33`."""
    audit: Level = ""
    """Pods that break this level are noted in the audit log. Default: `privileged`."""
    audit_version: Annotated[Version, Field(alias="audit-version")] = ""
    """Version of that level. Default: `latest`."""
    warn: Level = ""
    """Whoever makes pods that break this level is warned. Default: `privileged`."""
    warn_version: Annotated[Version, Field(alias="warn-version")] = ""
    """Version of that level. Default: `latest`."""


class PodSecurityExemptions(Model):
    """What is not checked."""

    usernames: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=1024)], ...], _set(1024), AfterValidator(_unique)
    ] = ()
    """Users whose pods are not checked. Namespace labels cannot express it, so it has no effect on an imported
    cluster."""
    runtime_classes: Annotated[tuple[DnsSubdomain, ...], _set(1024), AfterValidator(_unique)] = ()
    """RuntimeClasses whose pods are not checked. Has no effect on an imported cluster either."""
    namespaces: Annotated[tuple[DnsLabel, ...], _set(1024), AfterValidator(_unique)] = ()
    """Namespaces whose pods are not checked."""


class PodSecurityConfiguration(Model):
    """Levels, and what is exempt from them."""

    defaults: PodSecurityDefaults | None = None
    """Levels. Default: `privileged` for all."""
    exemptions: PodSecurityExemptions | None = None
    """What is not checked. Default: nothing."""


class TemplateStatus(Status):
    """Who uses the template."""

    clusters: Annotated[tuple[Annotated[str, Field(max_length=317)], ...], Field(max_length=64)] = ()
    """Clusters that name the template, at most 64: management Clusters by name, provisioning Clusters as
    `namespace/name`. The template cannot be deleted while there are any."""
    cluster_count: Int32 = 0
    """Number of all Clusters that name the template."""


class PodSecurityAdmissionConfigurationTemplate(Resource):
    """Levels of pod security that a Cluster takes by name, for the namespaces of its projects."""

    group = MANAGEMENT
    version = "v3"
    kind = "PodSecurityAdmissionConfigurationTemplate"
    plural = "podsecurityadmissionconfigurationtemplates"
    scope = "Cluster"
    short_names = ("psact",)
    longest_name = 253
    columns: ClassVar[tuple[Column, ...]] = (
        Column("Enforce", ".configuration.defaults.enforce", "Level that is enforced."),
        Column("Clusters", ".status.clusterCount", "Number of Clusters that name it.", "integer"),
        READY,
        AGE,
        Column("Audit", ".configuration.defaults.audit", "Level that is noted in the audit log.", wide=True),
        Column("Warn", ".configuration.defaults.warn", "Level that is warned of.", wide=True),
        MESSAGE,
    )

    description: Annotated[str, Field(max_length=4096)] = ""
    """What the template is for."""
    configuration: PodSecurityConfiguration | None = None
    """Levels, and what is exempt from them."""
    status: TemplateStatus | None = None
    """What is known of it. Written by Drover."""
