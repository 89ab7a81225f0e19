"""What the decision about a Project depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from drover.api.keys import SYSTEM_PROJECT
from drover.kinds.creator import Creator
from drover.kube.gvr import Object
from drover.members.desired import MemberState, PartState
from drover.rules import pod_security, quota
from drover.rules.objects import label, name_of, namespace_of, spec, status
from drover.rules.ownership import Owner
from drover.rules.pod_security import PodSecurity
from drover.rules.quota import Claim, Limits, Ruling


@dataclass(frozen=True)
class World:
    """`cluster` is the Cluster whose namespace the Project is in, `lies_in` that namespace, `confirmed`: as it was
    read for the Project's deletion. `recorded` is the hub's namespace that the status names, `owned` those made for
    the Project, `plain` the one that has its first-choice name. `workloads` are the names of those in the backing
    namespace, `secrets` its Secrets with the project's label (None while they are not known); `state` is what the
    member says, `last` the same, perhaps of before the last change. `system_namespaces` are the names of those that
    a System project gets, `systems` the System projects of the cluster. `template` is the
    PodSecurityAdmissionConfigurationTemplate that the Cluster names. `mirrors`: the sum of what is granted is
    written into the spec too. `creator` is who is to be given rights on the Project (None: nobody, any more).
    """

    project: Object
    owner: Owner
    cluster: Object | None
    lies_in: Object | None
    recorded: Object | None
    owned: tuple[Object, ...]
    plain: Object | None
    workloads: tuple[Object, ...]
    member: MemberState | None
    state: PartState | None
    last: PartState | None
    system_namespaces: tuple[str, ...]
    invalid: str
    now: datetime
    patience: float
    systems: tuple[Object, ...] = ()
    secrets: tuple[Object, ...] | None = ()
    template: Object | None = None
    mirrors: bool = False
    creator: Creator | None = None
    confirmed: bool = False

    @property
    def name(self) -> str:
        """The Project's name."""
        return name_of(self.project)

    @property
    def cluster_name(self) -> str:
        """The Cluster that it is a part of: the one whose namespace it lies in."""
        return namespace_of(self.project)

    @property
    def id(self) -> str:
        """`<cluster>:<project>`, as namespaces are annotated with it."""
        return f"{self.cluster_name}:{self.name}"

    @property
    def names_its_cluster(self) -> bool:
        """Whether the spec agrees with where the Project lies."""
        return bool(spec(self.project).get("clusterName") == self.cluster_name)

    @property
    def never_seen(self) -> bool:
        """Whether nothing can have been marked in the cluster: it never answered."""
        recorded = str(status(self.cluster).get("kubeSystemUID") or "") if self.cluster is not None else ""
        return self.member.never_seen(recorded) if self.member is not None else not recorded

    @property
    def pod_security(self) -> PodSecurity | None:
        """What its namespaces are held to; None for nothing. Those of the System project are the platform's."""
        system = label(self.project, SYSTEM_PROJECT) == "true"
        if system or self.cluster is None or not pod_security.named(self.cluster):
            return None
        return pod_security.pod_security(self.template, self.system_namespaces)

    @property
    def limit(self) -> Limits | None:
        """The quota of the project; None without one."""
        return quota.flat(spec(self.project, "resourceQuota", "limit")) or None

    @property
    def default_limit(self) -> Limits | None:
        """What a namespace has that asks for nothing; None without a quota."""
        return quota.flat(spec(self.project, "namespaceDefaultResourceQuota", "limit")) or None

    def problems(self, topic: str) -> dict[str, str]:
        """Why namespaces do not have what the project gives them, by namespace."""
        seen = self.last.seen if self.last is not None else ()
        return {one.namespace: one.problems[topic] for one in seen if topic in one.problems}

    @cached_property
    def granted(self) -> dict[str, Limits]:
        """What namespaces were granted, as it is recorded in the status."""
        entries = status(self.project).get("namespaceQuotas") or []
        return {str(entry["namespace"]): dict(entry.get("limit") or {}) for entry in entries}

    @cached_property
    def ruling(self) -> Ruling | None:
        """Who is granted what; None while nothing is known of the namespaces, or the spec is not understood."""
        if self.last is None or self.invalid:
            return None
        left = dict(self.granted)
        claims = [
            Claim(seen.namespace, quota.request(seen.request)[0], left.pop(seen.namespace, {}), seen.held, seen.member)
            for seen in self.last.seen
        ]
        claims += [Claim(name, granted=granted, member=False) for name, granted in sorted(left.items())]
        return quota.ruling(self.limit, self.default_limit, claims, confirmed=self.state is not None)
