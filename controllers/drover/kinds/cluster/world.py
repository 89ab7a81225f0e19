"""What the decision about a Cluster depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drover.api.keys import LOCAL_CLUSTER
from drover.kinds.cluster.pod_security import InForce
from drover.kinds.creator import Creator
from drover.kube.gvr import Object
from drover.members.desired import MemberState, PartState
from drover.rules.objects import name_of, spec
from drover.rules.ownership import Owner
from drover.rules.workspaces import workspace_of


@dataclass(frozen=True, slots=True)
class World:
    """`namespace` is the hub's namespace of the Cluster's name, `projects` are those in it; `reference` is what the
    connection was made from (empty: there is none), `member` what is known by it and `state` what was done about the
    policies there. `may_leave`: namespaces leave projects without rights. `invalid` is what is wrong with the spec,
    `pod_security` what is in force of the template that the Cluster names (None: it names none).
    `creator` is who is to be given rights on it (None: nobody, any more). `rights_left`: of a Cluster that is being
    deleted, whether anything that gives rights is or may be left in the member (None: it may not be read there)."""

    cluster: Object
    owner: Owner
    namespace: Object | None
    projects: tuple[Object, ...]
    member: MemberState | None
    state: PartState | None
    may_leave: bool
    reference: str
    errors: tuple[str, ...]
    invalid: str
    now: datetime
    patience: float
    pod_security: InForce | None = None
    creator: Creator | None = None
    rights_left: bool | None = False

    @property
    def name(self) -> str:
        """The Cluster's name."""
        return name_of(self.cluster)

    @property
    def local(self) -> bool:
        """Whether it is the cluster that Drover runs in."""
        return self.name == LOCAL_CLUSTER

    @property
    def workspace(self) -> str:
        """The namespace of its Secrets."""
        return workspace_of(self.cluster)

    @property
    def kubeconfig(self) -> dict[str, Any] | None:
        """The reference to the kubeconfig Secret."""
        return spec(self.cluster, "importedConfig", "kubeconfigSecretRef") or None
