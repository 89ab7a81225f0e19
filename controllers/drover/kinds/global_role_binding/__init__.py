"""`globalrolebindings.management.cattle.io`: whether someone has a GlobalRole."""

from __future__ import annotations

from typing import Any

from drover.kinds.binding import BindingKind
from drover.kinds.resources import GLOBAL_ROLE_BINDINGS


class GlobalRoleBindingKind(BindingKind):
    """The kind, for the reconciler."""

    gvr = GLOBAL_ROLE_BINDINGS
    name = "global-role-binding"
    manager = "drover-global-role-binding"

    @staticmethod
    def model() -> Any:
        """The model of the kind: it has no spec."""
        from drover.api.management.global_role_binding import GlobalRoleBinding

        return GlobalRoleBinding
