"""How Drover's agent and its companions run in a member cluster; both Cluster kinds have these fields."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import Field

from drover.api.placement import Affinity, ResourceRequirements, Toleration
from drover.api.resource import Model
from drover.api.rule import Rule

_AMOUNT: Final = r"^((([1-9]|[1-9][0-9]|100)%)|([1-9][0-9]*|0)|)$"

Concurrency = Annotated[str, Field(max_length=10, pattern=_AMOUNT)]
"""A number or a percentage, as a string: `2`, `25%`."""

_ZERO: Final = re.compile("0?")


class PriorityClass(Model):
    """The PriorityClass that is made for the agent."""

    value: Annotated[int, Field(ge=-1000000000, le=1000000000)] = 0
    """Priority, -1000000000 to 1000000000; higher ones are scheduled first."""
    preemption_policy: Literal["", "Never", "PreemptLowerPriority"] = ""
    """Whether pods of lower priority make room."""


class PodDisruptionBudget(Model):
    """The PodDisruptionBudget that is made for the agent."""

    rules = (
        Rule(
            "(self.?minAvailable.orValue('') in ['', '0']) != (self.?maxUnavailable.orValue('') in ['', '0'])",
            'exactly one of minAvailable and maxUnavailable must be more than zero, such as minAvailable: "1"',
            lambda budget: bool(_ZERO.fullmatch(budget.min_available)) != bool(_ZERO.fullmatch(budget.max_unavailable)),
        ),
    )

    min_available: Concurrency = ""
    """Pods that must stay, as a number or percentage: `1`, `50%`."""
    max_unavailable: Concurrency = ""
    """Pods that may be away, as a number or percentage: `1`, `50%`."""


class SchedulingCustomization(Model):
    """Priority and disruption budget of the agent."""

    priority_class: PriorityClass | None = None
    """PriorityClass to make and use."""
    pod_disruption_budget: PodDisruptionBudget | None = None
    """PodDisruptionBudget to make."""


class AgentCustomization(Model):
    """Where and how an agent's pods run."""

    append_tolerations: Annotated[tuple[Toleration, ...], Field(max_length=256)] = ()
    """Tolerations beside the built-in ones."""
    override_affinity: Affinity | None = None
    """Affinity instead of the built-in one (prefers control-plane nodes, avoids Windows)."""
    override_resource_requirements: ResourceRequirements | None = None
    """Requests and limits of the agent's container."""


class DeploymentCustomization(AgentCustomization):
    """Where and how an agent's pods run, and how important they are."""

    scheduling_customization: SchedulingCustomization | None = None
    """Priority and disruption budget."""


class WebhookCustomization(AgentCustomization):
    """Where and how the webhook's pods run in the member."""

    replica_count: Annotated[int | None, Field(ge=1, json_schema_extra={"format": "int32"})] = None
    """Number of pods, 1 or more."""
    pod_disruption_budget: PodDisruptionBudget | None = None
    """PodDisruptionBudget to make."""


class AgentEnvVar(Model):
    """An environment variable of the agent."""

    rules = (
        Rule(
            "!has(self.value) || !(self.?name.orValue('') in ['NO_PROXY', 'no_proxy']) || !self.value.contains(' ')",
            "NO_PROXY cannot contain spaces; separate its entries with commas only",
            lambda variable: not (variable.name in {"NO_PROXY", "no_proxy"} and " " in variable.value),
            field=".value",
        ),
        Rule(
            "self.?name.orValue('') != 'CATTLE_AGENT_VAR_DIR'",
            "CATTLE_AGENT_VAR_DIR is not supported; set spec.rkeConfig.dataDirectories.systemAgent instead",
            lambda variable: variable.name != "CATTLE_AGENT_VAR_DIR",
            field=".name",
        ),
    )

    name: Annotated[str, Field(max_length=1024)] = ""
    """Name, such as `HTTPS_PROXY`."""
    value: Annotated[str, Field(max_length=32768)] = ""
    """Value. Everybody who can read the Cluster sees it: no secrets here."""


class LocalClusterAuthEndpoint(Model):
    """The authorized cluster endpoint: kubeconfigs that reach the member without Drover in between."""

    rules = (
        Rule(
            "!self.?enabled.orValue(false) || self.?caCerts.orValue('') == '' || self.?fqdn.orValue('') != ''",
            "caCerts needs fqdn; set fqdn to the name that the certificates are for, or remove caCerts",
            lambda endpoint: not (endpoint.enabled and endpoint.ca_certs and not endpoint.fqdn),
            field=".fqdn",
            reason="FieldValueRequired",
        ),
    )

    enabled: bool = False
    """Whether the endpoint is offered."""
    fqdn: Annotated[str, Field(max_length=253)] = ""
    """DNS name of a load balancer before the control-plane nodes."""
    ca_certs: Annotated[str, Field(max_length=65536)] = ""
    """CA certificates of that name, PEM."""
