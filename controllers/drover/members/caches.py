"""What a member's loop knows of its cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drover.api.keys import DEFAULT_QUOTA, OWNER_UID, PROJECT_ID, PROJECT_SCOPED, UNIT
from drover.kube.cache import Cache, Change
from drover.kube.client import Client
from drover.kube.gvr import (
    AUTOSCALERS,
    CLUSTER_ROLES,
    LIMIT_RANGES,
    NAMESPACES,
    NETWORK_POLICIES,
    NODES,
    POLICIES,
    POLICY_BINDINGS,
    RESOURCE_QUOTAS,
    SECRETS,
    Key,
    Object,
)
from drover.kube.watch import Reflector
from drover.members.native import (
    WORKLOADS,
    pruned_autoscaler,
    pruned_namespace,
    pruned_policy,
    pruned_quota,
    pruned_secret,
    pruned_workload,
)
from drover.members.rbac import KINDS, by_unit, pruned, pruned_foreign
from drover.rules import nodes
from drover.rules.ownership import owner_uid


def project_id(namespace: Object) -> str:
    """The `<cluster>:<project>` that a namespace is annotated with."""
    return str((namespace["metadata"].get("annotations") or {}).get(PROJECT_ID, ""))


def project_label(namespace: Object) -> str | None:
    """The project's label on a namespace; None where there is none."""
    return (namespace["metadata"].get("labels") or {}).get(PROJECT_ID)


class MemberCaches:
    """Namespaces, nodes, autoscalers, the quotas, limits and secrets that come from projects, and the workloads and
    network policies (and, where `guarded`, admission policies) that carry our owner label. RBAC objects that carry the
    label of a unit are `rights`; `foreign_roles` are the other ClusterRoles.

    `on_object`, `on_namespace`, `on_nodes`, `on_autoscaler`, `on_given` (quotas, limits, policies, secrets) and
    `on_right` (of rights and foreign roles) are told of changes, `on_access` that secrets or RBAC may be read or not
    any more, `on_error` that the cluster does not answer.
    """

    def __init__(
        self,
        client: Client,
        *,
        on_object: Callable[[Change], None],
        on_namespace: Callable[[Change], None],
        on_nodes: Callable[[Change], None],
        on_autoscaler: Callable[[Change], None],
        on_given: Callable[[Change], None],
        on_access: Callable[[], None],
        on_error: Callable[[], None],
        on_right: Callable[[Change], None] = lambda _change: None,
        guarded: bool = False,
    ) -> None:
        self.namespaces = Cache(NAMESPACES, prune=pruned_namespace, indexes={"project": _projects, "owner": _owners})
        self.nodes = Cache(NODES, prune=nodes.pruned)
        self.autoscalers = Cache(AUTOSCALERS, prune=pruned_autoscaler, indexes={"target": lambda obj: [obj["target"]]})
        self.workloads = {
            kind: Cache(gvr, prune=pruned_workload, indexes={"owner": _owners}) for kind, gvr in WORKLOADS.items()
        }
        self.quotas = {
            gvr.kind: Cache(gvr, prune=pruned_quota, indexes={"owner": _owners, "namespace": _namespaces})
            for gvr in (RESOURCE_QUOTAS, LIMIT_RANGES)
        }
        self.policies = Cache(NETWORK_POLICIES)
        self.secrets = Cache(SECRETS, prune=pruned_secret, indexes={"namespace": _namespaces})
        self._secrets = Reflector(
            client,
            self.secrets,
            on_change=on_given,
            label_selector=f"{OWNER_UID},{PROJECT_SCOPED}",
            optional=True,
            on_access=on_access,
        )
        self.guards = {gvr.kind: Cache(gvr, indexes={"owner": _owners}) for gvr in (POLICIES, POLICY_BINDINGS)}
        self.rights = {kind: Cache(gvr, prune=pruned, indexes={"unit": by_unit}) for kind, gvr in KINDS.items()}
        self.foreign_roles = Cache(CLUSTER_ROLES, prune=pruned_foreign)
        self._rights = [
            Reflector(client, cache, on_change=on_right, label_selector=selector, optional=True, on_access=on_access)
            for cache, selector in (
                *((cache, UNIT) for cache in self.rights.values()),
                (self.foreign_roles, f"!{UNIT}"),
            )
        ]
        self.reflectors = [
            Reflector(client, self.namespaces, on_change=on_namespace, on_error=on_error),
            Reflector(client, self.nodes, on_change=on_nodes, optional=True),
            Reflector(client, self.autoscalers, on_change=on_autoscaler, optional=True),
            *(
                Reflector(client, cache, on_change=on_object, label_selector=OWNER_UID)
                for cache in self.workloads.values()
            ),
            *(
                Reflector(client, cache, on_change=on_given, label_selector=f"{DEFAULT_QUOTA}=true", optional=True)
                for cache in self.quotas.values()
            ),
            Reflector(
                client,
                self.policies,
                on_change=on_given,
                label_selector=OWNER_UID,
                page=50,
                shrink=pruned_policy,
                optional=True,
            ),
            self._secrets,
            *(
                Reflector(client, cache, on_change=on_object, label_selector=OWNER_UID, optional=True)
                for cache in (self.guards.values() if guarded else ())
            ),
            *self._rights,
        ]

    async def follow(self) -> None:
        """Follows every kind until cancelled."""
        async with asyncio.TaskGroup() as group:
            for reflector in self.reflectors:
                group.create_task(reflector.run())

    async def wait_synced(self) -> None:
        """Waits until every kind was listed once."""
        for reflector in self.reflectors:
            await reflector.synced.wait()

    @property
    def synced(self) -> bool:
        """Whether every kind was listed once."""
        return all(reflector.synced.is_set() for reflector in self.reflectors)

    @property
    def errors(self) -> list[str]:
        """What is wrong with the watches now."""
        return [reflector.error for reflector in self.reflectors if reflector.error]

    @property
    def secrets_denied(self) -> bool:
        """Whether Secrets may not be read here."""
        return self._secrets.denied

    @property
    def rights_denied(self) -> list[str]:
        """The RBAC kinds that may not be read here."""
        return sorted({reflector.cache.gvr.plural for reflector in self._rights if reflector.denied})

    def owned(self, uid: str) -> list[Object]:
        """Every workload that was made for an owner."""
        return [obj for cache in self.workloads.values() for obj in cache.by("owner", uid)]

    def workload(self, manifest: Object) -> Object | None:
        """The live object of a manifest, where it carries our label."""
        metadata = manifest["metadata"]
        return self.workloads[manifest["kind"]].get(Key(metadata["namespace"], metadata["name"]))

    def autoscaled(self, manifest: Object) -> bool:
        """Whether an autoscaler sets the replicas of a manifest's object."""
        metadata = manifest["metadata"]
        return bool(self.autoscalers.by("target", f"{metadata['namespace']}/{manifest['kind']}/{metadata['name']}"))


def _namespaces(obj: Object) -> list[str]:
    return [obj["metadata"]["namespace"]]


def _projects(namespace: Object) -> list[str]:
    found = project_id(namespace)
    return [found] if found else []


def _owners(obj: Object) -> list[str]:
    uid = owner_uid(obj)
    return [uid] if uid else []
