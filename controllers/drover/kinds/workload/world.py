"""What the decision about a Workload depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drover.kinds.workload.place import Place
from drover.kube.gvr import Object
from drover.members.desired import MemberState, PartState
from drover.rules.findings import Finding
from drover.rules.ownership import Owner
from drover.rules.workload import NativeKind


@dataclass(frozen=True, slots=True)
class Rendering:
    """The native object of a Workload, without what marks it as ours."""

    kind: NativeKind
    manifest: Object


@dataclass(frozen=True, slots=True)
class World:
    """`place` is where it runs, or why it cannot; `rendering` what runs there, or why that is not to be had. `home`
    is the cluster that what was made for it is in, as far as the namespace tells. `recorded_uid` is that of its
    kube-system namespace in the Cluster's status. `state` is what the member says; `way_in`, whether somebody has
    given a way into it."""

    workload: Object
    owner: Owner
    place: Place | Finding
    rendering: Rendering | Finding
    home: str
    recorded_uid: str
    member: MemberState | None
    state: PartState | None
    now: datetime
    patience: float
    way_in: bool = True

    @property
    def never_seen(self) -> bool:
        """Whether nothing can have been made in the cluster: it never answered."""
        return self.member.never_seen(self.recorded_uid) if self.member is not None else not self.recorded_uid
