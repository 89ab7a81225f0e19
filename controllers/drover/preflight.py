"""What Drover needs of the cluster it runs in, looked at before it starts: a missing right is named, never found out
by failing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from drover.kinds.resources import (
    CLOUD_CREDENTIALS,
    CLUSTER_BINDINGS,
    CLUSTERS,
    FEATURES,
    GLOBAL_ROLE_BINDINGS,
    GLOBAL_ROLES,
    KONTAINER_DRIVERS,
    NODE_DRIVERS,
    NODE_POOLS,
    NODE_TEMPLATES,
    PROJECT_BINDINGS,
    PROJECTS,
    PROVISIONING_CLUSTERS,
    ROLE_TEMPLATES,
    SETTINGS,
    TEMPLATES,
    USER_ATTRIBUTES,
    USERS,
    WORKLOADS,
    WORKSPACES,
)
from drover.kube.client import Client, Review
from drover.kube.gvr import (
    ACCESS_REVIEWS,
    AUTOSCALERS,
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    CRONJOBS,
    DAEMONSETS,
    DEPLOYMENTS,
    EVENTS,
    GVR,
    JOBS,
    LEASES,
    LIMIT_RANGES,
    MUTATING_WEBHOOKS,
    NAMESPACES,
    NETWORK_POLICIES,
    NODES,
    POLICIES,
    POLICY_BINDINGS,
    RESOURCE_QUOTAS,
    ROLE_BINDINGS,
    ROLES,
    SECRETS,
    STATEFULSETS,
    VALIDATING_WEBHOOKS,
)


@dataclass(frozen=True, slots=True)
class Right:
    """Verbs on a resource, everywhere or in one namespace."""

    gvr: GVR
    verbs: tuple[str, ...]
    subresource: str = ""
    namespace: str = ""
    names: tuple[str, ...] = ()
    """Names of the only objects that it is for; empty for all."""

    @property
    def resource(self) -> str:
        """As RBAC rules write it."""
        return f"{self.gvr.plural}/{self.subresource}" if self.subresource else self.gvr.plural

    def reviews(self) -> Iterable[Review]:
        """One question a verb."""
        for verb in self.verbs:
            for name in self.names or ("",):
                yield Review(verb, self.gvr.group, self.gvr.plural, self.namespace, name, self.subresource)


_NOWHERE = "drover-nowhere"
"""A namespace that does not exist: the rules that hold in it hold everywhere."""

_AT_ONCE = 4  # more would each open a connection of its own, which costs more than it saves
_READ = ("list", "watch")
_NATIVE = ("get", "list", "watch", "create", "patch", "delete")

RBAC_RIGHTS: tuple[Right, ...] = (
    *(Right(gvr, (*_NATIVE, "update", "bind", "escalate")) for gvr in (ROLES, CLUSTER_ROLES)),
    *(Right(gvr, (*_NATIVE, "update")) for gvr in (ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS)),
)
"""Everywhere in the hub and in a member, for compiled rights. Roles are named freely, so `bind` and `escalate` cannot
be limited to names: whoever has this credential can become an administrator. A policy limits it in the hub."""

MEMBER_RIGHTS: tuple[Right, ...] = (
    Right(NAMESPACES, ("get", "list", "watch", "patch", "delete")),
    Right(NODES, _READ),
    Right(AUTOSCALERS, _READ),
    Right(RESOURCE_QUOTAS, _NATIVE),
    Right(LIMIT_RANGES, _NATIVE),
    Right(NETWORK_POLICIES, _NATIVE),
    Right(DEPLOYMENTS, _NATIVE),
    Right(STATEFULSETS, _NATIVE),
    Right(DAEMONSETS, _NATIVE),
    Right(JOBS, _NATIVE),
    Right(CRONJOBS, _NATIVE),
    *RBAC_RIGHTS,
)
"""Everywhere in a member."""

POLICY_RIGHTS: tuple[Right, ...] = tuple(
    Right(gvr, ("get", "list", "watch", "create", "update", "delete")) for gvr in (POLICIES, POLICY_BINDINGS)
)
"""Everywhere in a member that is to have the policies about namespaces; not in the hub, where they are installed."""

RIGHTS: tuple[Right, ...] = (
    Right(CLUSTERS, (*_READ, "create", "patch", "delete")),
    Right(CLUSTERS, ("patch",), "status"),
    Right(PROJECTS, (*_READ, "create", "patch", "delete")),
    Right(PROJECTS, ("patch",), "status"),
    Right(PROVISIONING_CLUSTERS, (*_READ, "patch")),
    Right(PROVISIONING_CLUSTERS, ("patch",), "status"),
    Right(WORKLOADS, (*_READ, "patch", "delete")),
    Right(WORKLOADS, ("patch",), "status"),
    Right(SETTINGS, (*_READ, "create", "patch")),
    Right(SETTINGS, ("patch",), "status"),
    Right(FEATURES, (*_READ, "create")),
    Right(FEATURES, ("patch",), "status"),
    Right(CLOUD_CREDENTIALS, (*_READ, "patch")),
    Right(CLOUD_CREDENTIALS, ("patch",), "status"),
    Right(NODE_DRIVERS, (*_READ, "patch")),
    Right(NODE_DRIVERS, ("patch",), "status"),
    Right(NODE_TEMPLATES, (*_READ, "patch")),
    Right(NODE_TEMPLATES, ("patch",), "status"),
    Right(NODE_POOLS, (*_READ, "patch")),
    Right(NODE_POOLS, ("patch",), "status"),
    Right(KONTAINER_DRIVERS, (*_READ, "patch")),
    Right(KONTAINER_DRIVERS, ("patch",), "status"),
    Right(TEMPLATES, (*_READ, "create")),
    Right(TEMPLATES, ("patch",), "status"),
    Right(WORKSPACES, (*_READ, "create", "patch")),
    Right(WORKSPACES, ("patch",), "status"),
    Right(USERS, (*_READ, "get", "patch")),
    Right(USERS, ("patch",), "status"),
    Right(GLOBAL_ROLES, (*_READ, "get", "create", "patch", "delete")),
    Right(GLOBAL_ROLES, ("patch",), "status"),
    Right(GLOBAL_ROLE_BINDINGS, (*_READ, "create", "patch", "delete")),
    Right(GLOBAL_ROLE_BINDINGS, ("patch",), "status"),
    Right(ROLE_TEMPLATES, (*_READ, "create", "patch", "delete")),
    Right(ROLE_TEMPLATES, ("patch",), "status"),
    Right(CLUSTER_BINDINGS, (*_READ, "create", "patch", "delete")),
    Right(CLUSTER_BINDINGS, ("patch",), "status"),
    Right(PROJECT_BINDINGS, (*_READ, "create", "patch", "delete")),
    Right(PROJECT_BINDINGS, ("patch",), "status"),
    Right(NAMESPACES, ("create",)),
    Right(EVENTS, ("create",)),
    *MEMBER_RIGHTS,
)
"""Everywhere in the hub."""

PROJECT_SECRET_RIGHTS: tuple[Right, ...] = (Right(SECRETS, (*_READ, "create", "patch", "delete")),)
"""Everywhere in the hub and in a member, for project-scoped secrets. RBAC cannot limit them to a label, so they are
rights on every Secret. Without them the rest of Drover works, and Projects say that their secrets are not copied."""

SECRET_RIGHT = Right(SECRETS, ("get",))
"""In the namespaces where Secrets with kubeconfigs and cloud credentials lie."""


WEBHOOK_RIGHTS: tuple[Right, ...] = (
    Right(ACCESS_REVIEWS, ("create",)),
    Right(CLUSTER_ROLES, ("list",)),
    Right(USER_ATTRIBUTES, ("list",)),
)
"""Everywhere in the hub, for the webhook: what somebody may do, what external roles allow, and the groups of a User."""

WEBHOOK_CONFIGURATION_RIGHTS: tuple[Right, ...] = tuple(
    Right(gvr, ("get", "patch"), names=("drover",)) for gvr in (VALIDATING_WEBHOOKS, MUTATING_WEBHOOKS)
)
"""To say whose certificates of the webhook are good."""


def webhook_secret_right(namespace: str, *, foreign: bool = False) -> Right:
    """On the certificate of the webhook; only to read it where somebody else makes it."""
    return Right(SECRETS, ("get",) if foreign else ("get", "update"), namespace=namespace, names=("drover-webhook",))


def webhook_rights(namespace: str, *, foreign: bool) -> tuple[Right, ...]:
    """All that the webhook needs in the hub."""
    own = () if foreign else WEBHOOK_CONFIGURATION_RIGHTS
    return (*WEBHOOK_RIGHTS, *own, webhook_secret_right(namespace, foreign=foreign))


def lease_right(namespace: str) -> Right:
    """In the namespace of the Lease."""
    return Right(LEASES, ("get", "create", "update"), namespace=namespace)


async def missing(client: Client, rights: Iterable[Right]) -> list[Right]:
    """The rights that are not there, each with the verbs that lack.

    One question brings the rules that hold everywhere; only what they do not allow, and what is needed in one
    namespace, is asked for verb by verb.
    """
    limit = asyncio.Semaphore(_AT_ONCE)
    rules = await client.rules(_NOWHERE)

    async def allowed(review: Review) -> bool:
        if not review.namespace and any(_allows(rule, review) for rule in rules):
            return True
        async with limit:
            return await client.allowed(review)

    async def lacking(right: Right) -> Right | None:
        reviews = list(right.reviews())
        answers = await asyncio.gather(*(allowed(review) for review in reviews))
        refused = {review.verb for review, allowed in zip(reviews, answers, strict=True) if not allowed}
        verbs = tuple(verb for verb in right.verbs if verb in refused)
        return replace(right, verbs=verbs) if verbs else None

    found = await asyncio.gather(*(lacking(right) for right in rights))
    return [right for right in found if right is not None]


def _allows(rule: Mapping[str, Any], review: Review) -> bool:
    """Whether an RBAC rule allows a verb on all objects of a resource."""
    resource = f"{review.resource}/{review.subresource}" if review.subresource else review.resource
    wanted = {"verbs": {review.verb}, "apiGroups": {review.group}, "resources": {resource}}
    if review.subresource:
        wanted["resources"].add(f"*/{review.subresource}")
    return not rule.get("resourceNames") and all(
        {*names, "*"} & set(rule.get(field) or ()) for field, names in wanted.items()
    )


def rule(right: Right) -> str:
    """The RBAC rule that grants a right, on one line."""
    verbs = ", ".join(right.verbs)
    names = f", resourceNames: [{', '.join(right.names)}]" if right.names else ""
    text = f'{{apiGroups: ["{right.gvr.group}"], resources: ["{right.resource}"]{names}, verbs: [{verbs}]}}'
    return f"{text} in namespace {right.namespace}" if right.namespace else text
