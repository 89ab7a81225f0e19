"""`projectroletemplatebindings.management.cattle.io`: whether someone has a RoleTemplate in a project."""

from __future__ import annotations

from typing import Any

from drover.kinds.binding import BindingKind
from drover.kinds.resources import PROJECT_BINDINGS


class ProjectRoleTemplateBindingKind(BindingKind):
    """The kind, for the reconciler."""

    gvr = PROJECT_BINDINGS
    name = "project-role-template-binding"
    manager = "drover-project-role-template-binding"

    @staticmethod
    def model() -> Any:
        """The model of the kind: it has no spec."""
        from drover.api.management.project_role_template_binding import ProjectRoleTemplateBinding

        return ProjectRoleTemplateBinding
