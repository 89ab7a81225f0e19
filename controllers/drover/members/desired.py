"""The seam between the hub and a member's loop: what a cluster should hold, and what it was seen to hold.

Both are values that survive JSON, so that the loop can run in the hub (the values are passed in process) or in an
agent in the member.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from drover.kube.apply import digest
from drover.kube.gvr import Object
from drover.rules.ownership import Owner
from drover.rules.pod_security import PodSecurity

QUOTA: Final = "quota"
"""Topic in `Seen.problems`: the ResourceQuota and LimitRange of a namespace."""

ISOLATION: Final = "isolation"
"""Topic in `Seen.problems`: the NetworkPolicy of a namespace."""

POD_SECURITY: Final = "pod-security"
"""Topic in `Seen.problems`: the pod security labels of a namespace."""

SECRETS: Final = "secrets"
"""Topic in `Seen.problems`: the copies of the project's secrets, as `rules.project_secrets.told` writes it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object in a member.

    `project_id` is the `<cluster>:<project>` with which its namespace must be annotated, checked again right before
    it is written; empty where the hub has decided that already. `done`: it has done its work (a Job that was
    complete), and is not made again when it is gone.
    """

    manifest: Object
    project_id: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """What a namespace has of its project: amounts by the keys of a Project, empty for none.

    `quota` becomes a ResourceQuota, `container` a LimitRange. `refused` says why the namespace does not have what it
    asks for.
    """

    namespace: str
    quota: Mapping[str, str] = field(default_factory=dict)
    container: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True, slots=True)
class SecretSource:
    """A Secret of the hub that is copied into the namespaces of a project, by reference: what it holds never passes
    here.

    `version` changes with it. `ignores` are the namespaces that do not get it, by `rules.project_secrets.ignored`;
    None where that is not understood, so that its copies stay as they are.
    """

    namespace: str
    name: str
    uid: str
    version: str
    ignores: tuple[str, ...] | None = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What one object of the hub wants in a member.

    `project` is the `<cluster>:<project>` whose namespaces carry the project's label. `ends` asks to remove
    everything made for the owner and to release the namespaces of the project. `held` asks to leave all of that as
    it is: the owner is paused, or what it asks for is not understood. `shares` are of namespaces of the project;
    `shared`: each of them gets one, and its label with it. `offers` are names of namespaces that the project gets where
    they were never in one. `admits` are the names of the projects whose pods may reach those of the project, itself
    among them: network policies keep others out (None: there are none; empty: they stay as they are). `secrets` are
    copied into the namespaces of the project; None while they are not known, so that every copy stays as it is.
    `pod_security` is what they are held to, None for nothing. `deletes`: at the end, the namespaces of the project are
    deleted, not released, save for those named in `spares`. `policies` are ValidatingAdmissionPolicies and their
    bindings.

    A part with a `unit` is about rights alone, beside the other part of the same owner: `rights` are its RBAC objects,
    `grants` RoleBindings for each namespace of the project `granted_in`, and `aggregated` ClusterRoles of others by
    name, with labels that they get.
    """

    owner: Owner
    manager: str
    objects: tuple[Wanted, ...] = ()
    project: str = ""
    ends: bool = False
    held: bool = False
    shares: tuple[Share, ...] = ()
    shared: bool = False
    offers: tuple[str, ...] = ()
    admits: tuple[str, ...] | None = None
    secrets: tuple[SecretSource, ...] | None = None
    deletes: bool = False
    spares: tuple[str, ...] = ()
    policies: tuple[Object, ...] = ()
    pod_security: PodSecurity | None = None
    unit: str = ""
    rights: tuple[Object, ...] = ()
    granted_in: str = ""
    grants: tuple[Object, ...] = ()
    aggregated: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What the part is known by in its cluster."""
        return f"{self.owner.uid}/{self.unit}" if self.unit else self.owner.uid

    def digest(self) -> str:
        """Changes with the part."""
        return digest(self)


@dataclass(frozen=True, slots=True)
class Desired:
    """What a cluster should hold, by the key of the part. Not `complete`: more parts may come, so nothing unknown is
    cleared away; `rights_complete` says that of the parts about rights."""

    cluster: str
    parts: Mapping[str, Part]
    complete: bool = True
    rights_complete: bool = False

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """From JSON."""
        parts = {key: _part(part) for key, part in value["parts"].items()}
        return cls(value["cluster"], parts, value["complete"], value["rights_complete"])


def _part(value: Mapping[str, Any]) -> Part:
    return Part(
        owner=Owner(**value["owner"]),
        manager=value["manager"],
        objects=tuple(Wanted(**wanted) for wanted in value["objects"]),
        project=value["project"],
        ends=value["ends"],
        held=value["held"],
        shares=tuple(Share(**share) for share in value["shares"]),
        shared=value["shared"],
        offers=tuple(value["offers"]),
        admits=tuple(value["admits"]) if value["admits"] is not None else None,
        secrets=tuple(_source(source) for source in value["secrets"]) if value["secrets"] is not None else None,
        deletes=value["deletes"],
        spares=tuple(value["spares"]),
        policies=tuple(value["policies"]),
        pod_security=_pod_security(value["pod_security"]),
        unit=value["unit"],
        rights=tuple(value["rights"]),
        granted_in=value["granted_in"],
        grants=tuple(value["grants"]),
        aggregated=value["aggregated"],
    )


def _source(value: Mapping[str, Any]) -> SecretSource:
    ignores = value["ignores"]
    return SecretSource(**{**value, "ignores": tuple(ignores) if ignores is not None else None})


def _pod_security(value: Mapping[str, Any] | None) -> PodSecurity | None:
    return PodSecurity(value["labels"], tuple(value["exempt"])) if value is not None else None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something is not as wanted. `terminal`: only a person can change that."""

    reason: str
    message: str
    terminal: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """A namespace of a project, or (not `member`) one that has left it and still holds a quota from it.

    `request` and `container` are what it asks for, as annotated. `held` is what its ResourceQuota holds, by the keys
    of a Project, where that was made for this project or for none (None: there is none). `labelled`: there is a
    ResourceQuota or LimitRange from any project. `exempt`: it asks not to be isolated. `problems`: by topic, why the
    namespace does not have what the project gives it.
    """

    namespace: str
    request: str = ""
    container: str = ""
    held: Mapping[str, str] | None = None
    member: bool = True
    labelled: bool = False
    exempt: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartState:
    """What was done about a part and what is there now.

    `answers` is the digest of the part that this is about. `objects` are the live objects (pruned) in the part's
    order, None where one is absent; `problems` stand beside them. `namespaces` are those of the project, `seen` what
    is known of them and of those that left. `gone`: nothing of the owner is left. `ending` are namespaces of the
    project that are being deleted; `spared` says of those that were released although all were to be deleted why.
    `problem` is what stands in the way of the part as a whole.
    """

    answers: str
    objects: tuple[Object | None, ...] = ()
    problems: tuple[Problem | None, ...] = ()
    namespaces: tuple[str, ...] = ()
    gone: bool = False
    seen: tuple[Seen, ...] = ()
    ending: tuple[str, ...] = ()
    spared: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class MemberState:
    """How a cluster is. `connected` is None before the first attempt; `uid` is that of its kube-system namespace;
    `user` the name that Drover has there (empty: not known); `nodes` as `rules.nodes.totals`."""

    connected: bool | None = None
    reason: str = "NeverConnected"
    message: str = "not tried yet"
    terminal: bool = False
    uid: str = ""
    user: str = ""
    server: str = ""
    ca: str = ""
    version: Mapping[str, str] = field(default_factory=dict)
    nodes: Mapping[str, Any] = field(default_factory=dict)
    synced: bool = False

    def never_seen(self, recorded_uid: str) -> bool:
        """Whether nothing can have been made in the cluster: it never answered, now or (by its status) before."""
        return not self.connected and not self.uid and not recorded_uid


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen in a cluster."""

    cluster: str
    member: MemberState
    parts: Mapping[str, PartState]

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)
