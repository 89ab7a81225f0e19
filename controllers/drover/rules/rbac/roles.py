"""The ClusterRoles of RoleTemplates: their own rules, and what adds up those of all that they inherit.

What adds up selects the own rules of the whole closure, not what adds up those of the parents: a change arrives in one
step, and in a cycle two of them would keep each other's rules for ever after they were taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from drover.api.keys import AGGREGATES, CLUSTER_ROLE_OWNER
from drover.kube.gvr import RBAC, Object
from drover.rules.rbac import graph, names, policy
from drover.rules.rbac.facts import RoleTemplate, Rule

AGGREGATION: Final = "management.cattle.io/roletemplate-aggregation"
"""Label `"true"` of what is compiled from RoleTemplates in a cluster."""

MANAGEMENT_AGGREGATION: Final = "management.cattle.io/roletemplate-aggregation-mgmt"
"""Label `"true"` of what is compiled from RoleTemplates about the hub's own objects."""

EDITS_NAMESPACE: Final = policy.rule("get update patch delete", "", "namespaces")
"""On its own namespace, by a project role that may create namespaces."""

READS_NAMESPACE: Final = policy.rule("get", "", "namespaces")
"""... by every other project role."""

NOTHING: Final = policy.rule("none", "drover.dev", "nothing")
"""The rule of a role that gives nothing with all that it inherits. Where there are no rules to add up,
kube-controller-manager applies an object without `rules`, and those that were there before stay in force unless it had
written them itself."""


def role(
    kind: str, metadata: Mapping[str, Any], rules: Iterable[Rule], labels: Mapping[str, str] | None = None
) -> Object:
    """A ClusterRole or Role with rules."""
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": {**metadata, **({"labels": dict(labels)} if labels else {})},
        "rules": [policy.manifest(each) for each in rules],
    }


def of_role_template(resolved: graph.Resolved, *, in_cluster: bool, in_projects: bool) -> tuple[Object, ...]:
    """The ClusterRoles of a RoleTemplate where it, or what inherits it, is bound; whether it is bound itself decides
    about what adds up its rules."""
    template = resolved.role
    if template is None:
        return ()
    found: list[Object] = []
    rules = _known(resolved, graph.own_rules)
    nothing = () if rules or template.external else (NOTHING,)
    known = (*rules, *nothing)
    if not template.external:
        found += _own("roletemplate", template, template.rules or nothing, AGGREGATION)
        found += _own("promoted", template, graph.promoted(template), AGGREGATION)
        if in_cluster or (in_projects and not wraps(resolved)):
            found.append(_sum("aggregator", template, _selected(resolved), AGGREGATION, known))
    if in_projects and resolved.promoted:
        parts = {names.role("promoted", each.name) for each in resolved.closure if graph.promoted(each)}
        labels = map(names.label, parts)
        found.append(_sum("promoted-aggregator", template, labels, AGGREGATION, _known(resolved, graph.promoted)))
    if in_projects and wraps(resolved):
        rule = EDITS_NAMESPACE if resolved.creates_namespaces else READS_NAMESPACE
        found += _own("namespaces", template, (rule,), AGGREGATION)
        extra = names.label(names.role("namespaces", template.name))
        found.append(_sum("project", template, {extra, *_selected(resolved)}, AGGREGATION, (*known, rule)))
    return tuple(found)


def for_management(resolved: graph.Resolved, *, bound: bool) -> tuple[Object, ...]:
    """The ClusterRoles of a RoleTemplate about the hub's own objects of clusters and projects."""
    template = resolved.role
    if template is None:
        return ()
    found: list[Object] = []
    for mark, part in (("cluster-mgmt", graph.cluster_managed), ("project-mgmt", graph.project_managed)):
        found += _own(mark, template, part(template), MANAGEMENT_AGGREGATION)
        parts = {names.label(names.role(mark, each.name)) for each in resolved.closure if part(each)}
        if bound and parts:
            found.append(_sum(f"{mark}-aggregator", template, parts, MANAGEMENT_AGGREGATION, _known(resolved, part)))
    return tuple(found)


def wraps(resolved: graph.Resolved) -> bool:
    """Whether the role says something about its namespace itself when it is given in a project. A RoleBinding covers
    the Namespace that it lies in; these rules are in a ClusterRole of their own, because a cluster role may inherit
    everything else, and they must not hold in the whole cluster."""
    return resolved.creates_namespaces or not resolved.gets_namespaces


def given_in_cluster(template: RoleTemplate) -> str:
    """The ClusterRole that gives a RoleTemplate in a whole cluster."""
    return template.name if template.external else names.role("aggregator", template.name)


def given_in_project(resolved: graph.Resolved, template: RoleTemplate) -> str:
    """The ClusterRole that gives a RoleTemplate in a namespace of a project."""
    return names.role("project", template.name) if wraps(resolved) else given_in_cluster(template)


def mark(external: RoleTemplate) -> dict[str, str]:
    """The labels by which the ClusterRole of an external RoleTemplate is selected."""
    return {AGGREGATES: _label(external)}


def _selected(resolved: graph.Resolved) -> set[str]:
    return {_label(each) for each in resolved.closure if each.name not in resolved.reserved}


def _label(template: RoleTemplate) -> str:
    return names.label(template.name if template.external else names.role("roletemplate", template.name))


def _own(form: str, template: RoleTemplate, rules: tuple[Rule, ...], feature: str) -> tuple[Object, ...]:
    """The ClusterRole of a RoleTemplate's own rules; there is always one for all of them, for a part only where it is
    not empty."""
    if not rules and form != "roletemplate":
        return ()
    name = names.role(form, template.name)
    return (role("ClusterRole", {"name": name}, rules, _labels(name, template, feature)),)


def _sum(form: str, template: RoleTemplate, selected: Iterable[str], feature: str, known: tuple[Rule, ...]) -> Object:
    """A ClusterRole whose rules Kubernetes adds up. `known` are those that it will come to, save for external ones:
    with them it counts at once, before Kubernetes has seen it; from then on they are Kubernetes' alone."""
    name = names.role(form, template.name)
    selectors = [{"matchLabels": {AGGREGATES: value}} for value in sorted(selected)]
    return role("ClusterRole", {"name": name}, known, _labels(name, template, feature)) | {
        "aggregationRule": {"clusterRoleSelectors": selectors}
    }


def _known(resolved: graph.Resolved, part: Callable[[RoleTemplate], tuple[Rule, ...]]) -> tuple[Rule, ...]:
    return tuple(dict.fromkeys(rule for each in resolved.closure for rule in part(each)))


def _labels(name: str, template: RoleTemplate, feature: str) -> dict[str, str]:
    return {AGGREGATES: names.label(name), CLUSTER_ROLE_OWNER: names.label(template.name), feature: "true"}
