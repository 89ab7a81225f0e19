"""What was worked out from roles, users and bindings, kept until what it follows from changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from drover.kube.gvr import Object
from drover.rules.findings import Terminal, Waiting
from drover.rules.rbac.facts import Binding, Naming, Subject

if TYPE_CHECKING:
    from drover.rules.rbac.graph import Resolved

Reach = Literal["cluster", "projects"]


class Kept:
    """Answers by what was asked. Whoever owns the facts forgets here what a change makes untrue."""

    def __init__(self) -> None:
        self.roles: dict[str, Resolved] = {}
        """RoleTemplates with all that they inherit, by name."""
        self.subjects: dict[Naming, tuple[Subject, ...] | Terminal | Waiting] = {}
        """Who a binding's subject is."""
        self.holders: dict[tuple[Reach, str, str], frozenset[Subject]] = {}
        """Who has a RoleTemplate in a cluster, as a whole or in any of its projects: by reach, role and cluster."""

        self.managers: dict[tuple[str, bool], tuple[Object, ...]] = {}
        """RoleBindings that the roles of a cluster give in the backing namespace of any of its projects, without a
        namespace; by cluster, and whether each subject has one of its own."""

    def forget_roles(self) -> None:
        """A RoleTemplate changed: others may inherit from it, and bindings may give it now or not any more."""
        self.roles.clear()
        self.forget_global()

    def forget_global(self) -> None:
        """A GlobalRole changed, or who has it: it may give any RoleTemplate in any cluster."""
        self.holders.clear()
        self.managers.clear()

    def forget_bindings(self, bindings: Iterable[Binding]) -> None:
        """Bindings of clusters or projects are in force now, or not any more."""
        for binding in bindings:
            self.holders.pop(("cluster", binding.role, binding.cluster), None)
            self.holders.pop(("projects", binding.role, binding.cluster), None)
            if not binding.project:
                self.managers.pop((binding.cluster, False), None)
                self.managers.pop((binding.cluster, True), None)

    def forget_subjects(self, bindings: Iterable[Binding]) -> None:
        """The User changed that bindings of any kind name."""
        for binding in bindings:
            self.subjects.pop(binding.naming, None)
            if binding.cluster:
                self.forget_bindings((binding,))
            else:
                self.forget_global()
