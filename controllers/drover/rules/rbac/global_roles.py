"""What GlobalRoles give: in the hub, and in every other cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from drover.api.keys import GLOBAL_BINDING_OWNER, GLOBAL_ROLE_OWNER, MANAGEMENT
from drover.kube.gvr import Object
from drover.rules.rbac import bindings, given, names, roles, subjects
from drover.rules.rbac.facts import Binding, Facts, GlobalRole, Rule, Subject
from drover.rules.rbac.policy import ALL

_ROLE: Final = "authz.management.cattle.io/globalrole"
_BINDING: Final = "authz.management.cattle.io/globalrolebinding"
_WORKSPACE: Final = "authz.management.cattle.io/fleet-workspace-permissions"


def in_hub(role: GlobalRole, facts: Facts) -> tuple[Object, ...]:
    """The ClusterRole, Roles and bindings of a GlobalRole in the hub; nothing where nobody is bound to it."""
    bound = sorted(given.living(facts.global_bindings(role.name)), key=lambda binding: binding.name)
    if not bound:
        return ()
    who = subjects.of((binding.naming for binding in bound), facts)
    return (
        *_everywhere(role, bound, facts),
        *_by_namespace(role, role.namespaced, who),
        *_workspaces(role, who, facts),
    )


def in_member(role: GlobalRole, facts: Facts) -> tuple[Object, ...]:
    """What a GlobalRole gives in another cluster. The RoleTemplates that it gives there are units of their own."""
    who = subjects.of((binding.naming for binding in given.living(facts.global_bindings(role.name))), facts)
    if not who:
        return ()
    name = names.binding("globaladmin", role.name)
    admins = bindings.cluster_wide(name, "cluster-admin", who, _labels(role)) if administers(role) else ()
    return (*_by_namespace(role, role.inherited, who), *admins)


def reaches_members(role: GlobalRole) -> bool:
    """Whether there is anything for `in_member` to compile."""
    return bool(role.inherited) or administers(role)


def says_nothing(role: GlobalRole) -> bool:
    """Whether a GlobalRole allows nothing; what it gives by RoleTemplates, those say."""
    return not (
        role.rules
        or role.namespaced
        or role.inherited
        or role.cluster_roles
        or role.workspace_rules
        or role.workspace_verbs
    )


def administers(role: GlobalRole) -> bool:
    """Whether a GlobalRole allows everything in the hub, so that whoever has it may do everything in every cluster. Its
    name does not matter."""
    everything = any(
        ALL in rule.verbs and ALL in rule.api_groups and ALL in rule.resources and not rule.resource_names
        for rule in role.rules
    )
    return everything and any(ALL in rule.verbs and ALL in rule.urls for rule in role.rules)


def _everywhere(role: GlobalRole, bound: Iterable[Binding], facts: Facts) -> Iterable[Object]:
    """The rights in the whole hub: a ClusterRole, and for each GlobalRoleBinding one with the name that clients look
    for."""
    if not role.rules:
        return
    name = names.role("globalrole", role.name)
    yield roles.role("ClusterRole", {"name": name}, role.rules, {**_labels(role), _ROLE: "true"})
    for binding in bound:
        labels = {**_labels(role), GLOBAL_BINDING_OWNER: names.label(binding.name), _BINDING: "true"}
        who = subjects.of((binding.naming,), facts)
        yield from bindings.cluster_wide(names.binding("globalrolebinding", binding.name), name, who, labels)


def _by_namespace(role: GlobalRole, rules: Mapping[str, tuple[Rule, ...]], who: set[Subject]) -> Iterable[Object]:
    """A Role for each namespace, and who has it there."""
    for namespace, some in rules.items():
        name = names.in_namespace(role.name, namespace)
        yield roles.role("Role", {"name": name, "namespace": namespace}, some, _labels(role))
        binding = names.in_namespace(role.name, namespace, "binding")
        yield from bindings.in_namespace(namespace, binding, ("Role", name), who, _labels(role))


def _workspaces(role: GlobalRole, who: set[Subject], facts: Facts) -> Iterable[Object]:
    """Rights in the namespace of each FleetWorkspace, and on the FleetWorkspaces themselves. Without any of those there
    is no rule: one that names nothing would be about all that will ever be."""
    workspaces = sorted(facts.workspaces())
    labels = {**_labels(role), _WORKSPACE: "true"}
    if workspaces and role.workspace_rules:
        name = names.role("workspace", role.name)
        yield roles.role("ClusterRole", {"name": name}, role.workspace_rules, labels)
        binding = names.binding("workspace", role.name)
        for workspace in workspaces:
            yield from bindings.in_namespace(workspace, binding, ("ClusterRole", name), who, labels)
    if workspaces and role.workspace_verbs:
        name = names.role("workspaces", role.name)
        rule = Rule(role.workspace_verbs, (MANAGEMENT,), ("fleetworkspaces",), tuple(workspaces))
        yield roles.role("ClusterRole", {"name": name}, (rule,), labels)
        yield from bindings.cluster_wide(names.binding("workspaces", role.name), name, who, labels)


def _labels(role: GlobalRole) -> dict[str, str]:
    return {GLOBAL_ROLE_OWNER: names.label(role.name)}
