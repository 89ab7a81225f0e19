"""What Drover needs of the cluster it runs in, looked at before it starts: a missing right is named, never found out
by failing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drover.kinds.resources import (
    CLOUD_CREDENTIALS,
    CLUSTERS,
    FEATURES,
    KONTAINER_DRIVERS,
    NODE_DRIVERS,
    NODE_POOLS,
    NODE_TEMPLATES,
    PROJECTS,
    PROVISIONING_CLUSTERS,
    SETTINGS,
    TEMPLATES,
    WORKLOADS,
    WORKSPACES,
)
from drover.kube.client import Client, Review
from drover.kube.gvr import (
    AUTOSCALERS,
    CRONJOBS,
    DAEMONSETS,
    DEPLOYMENTS,
    EVENTS,
    GVR,
    JOBS,
    LEASES,
    LIMIT_RANGES,
    NAMESPACES,
    NETWORK_POLICIES,
    NODES,
    POLICIES,
    POLICY_BINDINGS,
    RESOURCE_QUOTAS,
    SECRETS,
    STATEFULSETS,
)


@dataclass(frozen=True, slots=True)
class Right:
    """Verbs on a resource, everywhere or in one namespace."""

    gvr: GVR
    verbs: tuple[str, ...]
    subresource: str = ""
    namespace: str = ""

    @property
    def resource(self) -> str:
        """As RBAC rules write it."""
        return f"{self.gvr.plural}/{self.subresource}" if self.subresource else self.gvr.plural

    def reviews(self) -> Iterable[Review]:
        """One question a verb."""
        for verb in self.verbs:
            yield Review(verb, self.gvr.group, self.gvr.plural, self.namespace, subresource=self.subresource)


_NOWHERE = "drover-nowhere"
"""A namespace that does not exist: the rules that hold in it hold everywhere."""

_AT_ONCE = 4  # more would each open a connection of its own, which costs more than it saves
_READ = ("list", "watch")
_NATIVE = ("get", "list", "watch", "create", "patch", "delete")

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
        answers = await asyncio.gather(*(allowed(review) for review in right.reviews()))
        verbs = tuple(verb for verb, allowed in zip(right.verbs, answers, strict=True) if not allowed)
        return Right(right.gvr, verbs, right.subresource, right.namespace) if verbs else None

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
    text = f'{{apiGroups: ["{right.gvr.group}"], resources: ["{right.resource}"], verbs: [{verbs}]}}'
    return f"{text} in namespace {right.namespace}" if right.namespace else text
