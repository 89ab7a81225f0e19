"""`clusterroletemplatebindings.management.cattle.io`: whether someone has a RoleTemplate in a cluster."""

from __future__ import annotations

from typing import Any

from drover.kinds.binding import BindingKind
from drover.kinds.resources import CLUSTER_BINDINGS


class ClusterRoleTemplateBindingKind(BindingKind):
    """The kind, for the reconciler."""

    gvr = CLUSTER_BINDINGS
    name = "cluster-role-template-binding"
    manager = "drover-cluster-role-template-binding"

    @staticmethod
    def model() -> Any:
        """The model of the kind: it has no spec."""
        from drover.api.management.cluster_role_template_binding import ClusterRoleTemplateBinding

        return ClusterRoleTemplateBinding
