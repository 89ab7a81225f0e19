"""What a decision wants done: a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drover.kube.gvr import GVR, Object
from drover.members.desired import Part
from drover.rules.findings import Finding


@dataclass(frozen=True, slots=True)
class Create:
    """Make an object that must not exist yet."""

    gvr: GVR
    obj: Object


@dataclass(frozen=True, slots=True)
class Apply:
    """Server-side apply an object that exists: it carries its `metadata.uid`, so that it is never made anew."""

    gvr: GVR
    obj: Object


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the object of this uid."""

    gvr: GVR
    name: str
    namespace: str
    uid: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Go on only where the kube-apiserver, too, knows no object of this name: what is deleted because of that cannot be
    had back."""

    gvr: GVR
    name: str


@dataclass(frozen=True, slots=True)
class Merge:
    """Change fields of the reconciled object by a JSON merge patch, where it has not changed meanwhile."""

    fields: Object


@dataclass(frozen=True, slots=True)
class SetFinalizers:
    """Put exactly these finalizers on the reconciled object, where it has not changed meanwhile."""

    finalizers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attach:
    """Connect to a cluster by the kubeconfig in a Secret; `expected_uid` is that of the kube-system namespace seen
    before (empty: none)."""

    cluster: str
    namespace: str
    secret: str
    key: str
    expected_uid: str

    @property
    def reference(self) -> str:
        """What the connection is made from."""
        return f"{self.namespace}/{self.secret}/{self.key}"


@dataclass(frozen=True, slots=True)
class Detach:
    """End the connection to a cluster."""

    cluster: str


@dataclass(frozen=True, slots=True)
class LookAtSecret:
    """See which keys a Secret with a credential has; its values are dropped at once."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Count:
    """Have it counted what a namespace of the hub holds; the next look at the world has the numbers. `labels` go on the
    ResourceQuota that is made for it."""

    namespace: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Confirm:
    """Read anew, past the caches, what the deletion of the object `uid` rests on."""

    uid: str
    gvr: GVR
    name: str


@dataclass(frozen=True, slots=True)
class Mirror:
    """Server-side apply fields for readers, by a field manager of their own. Where somebody else has the fields, or
    they are refused, that is left so."""

    gvr: GVR
    obj: Object
    manager: str


Action = Create | Apply | Delete | Absent | Merge | SetFinalizers | Attach | Detach | LookAtSecret | Count | Confirm


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened and that a person should find in `kubectl describe`."""

    reason: str
    message: str
    type: str = "Warning"


@dataclass(frozen=True, slots=True)
class Plan:
    """The next step for an object.

    While there are `actions`, the world is gathered and decided again after them. `part` goes to the member
    `cluster` once there are none, or when they fail; `finding` is what stands in the way.
    `mirror` is done before the status is written, at most once where it is not taken.
    `records`: the status holds what the next step builds on, so it is written on exactly what was read, and the world
    is gathered and decided again after it. `at_work`: what stands in the way will soon be done, and an event tells of
    it.
    """

    actions: tuple[Action, ...] = ()
    finding: Finding | None = None
    cluster: str = ""
    part: Part | None = None
    records: bool = False
    mirror: Mirror | None = None
    at_work: bool = False
    notices: tuple[Notice, ...] = ()
