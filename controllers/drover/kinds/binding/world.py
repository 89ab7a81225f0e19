"""What the decision about a binding depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drover.kinds.resources import CLUSTER_BINDINGS, GLOBAL_ROLE_BINDINGS
from drover.kinds.rights.state import UnitState
from drover.kube.gvr import GVR, Object
from drover.rules.findings import Terminal, Waiting
from drover.rules.objects import namespace_of, status
from drover.rules.rbac.facts import Binding, Cluster, GlobalRole, Project, RoleTemplate, Subject, User
from drover.rules.rbac.units import Unit

Role = GlobalRole | RoleTemplate


@dataclass(frozen=True, slots=True)
class World:
    """`value` is what the compiler reads in the `binding`, `subjects` who that is, `user` the User among them.
    `reserved`: the role is an external one that is not used, for its name; `empty`: it allows nothing. `suggested` are
    roles that would do where the one that is named does not, `returns` says that it came with Drover, so that it is
    made again when it is gone. `units` have to be written for the binding to be in force: none where it gives nothing.
    `recorded` is the User that the status names, None where there is none of that name (any more).
    """

    gvr: GVR
    binding: Object
    value: Binding
    subjects: tuple[Subject, ...] | Terminal | Waiting
    user: User | None
    recorded: User | None
    role: Role | None
    reserved: bool
    empty: bool
    suggested: tuple[str, ...]
    returns: bool
    cluster: Cluster | None
    project: Project | None
    units: tuple[tuple[Unit, UnitState], ...]
    invalid: str
    now: datetime

    @property
    def is_global(self) -> bool:
        """Whether it is a GlobalRoleBinding."""
        return self.gvr is GLOBAL_ROLE_BINDINGS

    @property
    def context(self) -> str:
        """The context of the RoleTemplates that it may name; empty for a GlobalRoleBinding."""
        if self.is_global:
            return ""
        return "cluster" if self.gvr is CLUSTER_BINDINGS else "project"

    @property
    def role_kind(self) -> str:
        """The kind of the role that it names."""
        return "GlobalRole" if self.is_global else "RoleTemplate"

    @property
    def lies_in(self) -> str:
        """Its namespace; empty for a GlobalRoleBinding."""
        return namespace_of(self.binding)

    @property
    def recorded_user(self) -> str:
        """The User that was found for it, by its status."""
        return str(status(self.binding).get("userName") or "")
