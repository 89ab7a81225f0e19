"""Who may do something, with every reason: for people to read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from drover.kube.gvr import Object
from drover.rules.objects import name_of
from drover.rules.rbac import graph, subjects
from drover.rules.rbac.facts import Binding, Facts, Rule, Subject
from drover.rules.rbac.model import Chain, ProjectOf, Request, RulesOf, chains
from drover.rules.rbac.policy import ALL, manifest, qualified
from drover.rules.rbac.snapshot import Snapshot

_CLUSTER_BINDING, _PROJECT_BINDING = "ClusterRoleTemplateBinding", "ProjectRoleTemplateBinding"
_THROUGH = {
    "promoted": "in the whole cluster",
    "namespace": "on the namespace itself",
    "member": "members see it",
    "owner": "owners have it",
    "management": "in its namespace in the hub",
    "project": "on the project, in its cluster",
    "workspace": "in workspaces",
    "administrator": "administrators may do everything in every cluster",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A binding that allows it. `who` is whom it names, a User by its name where there is one; `also` are further names
    that the same user has in RBAC."""

    who: Subject
    also: tuple[str, ...]
    chain: Chain


def reasons(
    facts: Facts, cluster: str, request: Request, project_of: ProjectOf, rules_of: RulesOf = graph.stated
) -> tuple[Reason, ...]:
    """All reasons for which anybody may do something in a cluster, by whom they are about."""
    found = []
    for chain in chains(facts, cluster, request, project_of, rules_of):
        resolved = subjects.resolve(chain.binding.naming, facts)
        if isinstance(resolved, tuple):
            who = min(resolved, key=lambda one: (facts.user(one.name) is None, "://" not in one.name, one))
            found.append(Reason(who, tuple(one.name for one in resolved if one != who), chain))
    return tuple(sorted(found, key=_order))


def about(found: tuple[Reason, ...], user: str, groups: tuple[str, ...]) -> tuple[Reason, ...]:
    """The reasons for which one user may do it who is in some groups; a principal is a user too."""
    return tuple(
        reason
        for reason in found
        if subjects.matches(reason.who, user, groups) or (reason.who.kind == "User" and user in reason.also)
    )


def would_do(
    objects: Iterable[Object], cluster: str, request: Request, project: str, rules_of: RulesOf = graph.stated
) -> tuple[str, ...]:
    """The RoleTemplates among the objects of a hub that would allow something if somebody were given them: those for
    projects in a `project` (`<cluster>:<project>`); else those for clusters in the whole cluster."""
    known = [obj for obj in objects if obj.get("kind") in ("RoleTemplate", "Cluster", "Project")]
    facts = Snapshot(known)
    there = facts.project(*project.split(":", 1)) if ":" in project else None
    for role in (obj for obj in known if obj["kind"] == "RoleTemplate" and not obj.get("locked")):
        name = name_of(role)
        given = {"roleTemplateName": name, "groupName": name}
        if there is not None and role.get("context") == "project":
            facts.change(_PROJECT_BINDING, None, _binding(name, there.backing, **given, projectName=project))
        elif role.get("context") == "cluster":
            facts.change(_CLUSTER_BINDING, None, _binding(name, cluster, **given, clusterName=cluster))
    found = [one.chain.binding for one in reasons(facts, cluster, request, lambda _: project, rules_of)]
    in_project = {binding.role for binding in found if binding.project}
    return tuple(sorted(in_project or {binding.role for binding in found}))


def _binding(name: str, namespace: str, **fields: str) -> Object:
    return {"metadata": {"name": name, "namespace": namespace, "uid": name}, **fields}


def binding_text(binding: Binding) -> str:
    """A binding as people name it: `ProjectRoleTemplateBinding edge-shop/ann`."""
    return f"{_kind(binding)} {_place(binding)}"


def subject_text(reason: Reason) -> str:
    """Whom a reason is about: `User ann (github_user://12)`."""
    where = f"{reason.who.namespace}/" if reason.who.namespace else ""
    also = f" ({', '.join(reason.also)})" if reason.also else ""
    return f"{reason.who.kind} {where}{reason.who.name}{also}"


def roles_text(chain: Chain) -> str:
    """The roles from the one that is bound to the one that says it: `project-owner → admin`."""
    return " → ".join(chain.roles)


def rule_text(chain: Chain, request: Request) -> str:
    """What of the rule allows it, how much more it says, and how it comes to count:
    `get +1 pods +3 (in the whole cluster)`."""
    through = f" ({_THROUGH.get(chain.through, chain.through)})" if chain.through else ""
    return f"{_rule(chain.rule, request)}{through}"


def to_json(reason: Reason) -> dict[str, Any]:
    """A reason as JSON."""
    chain = reason.chain
    binding = chain.binding
    return {
        "subject": subjects.manifest(reason.who) | ({"also": list(reason.also)} if reason.also else {}),
        "binding": {
            "kind": _kind(binding),
            **({"namespace": binding.namespace} if binding.namespace else {}),
            "name": binding.name,
        },
        "roles": list(chain.roles),
        "rule": manifest(chain.rule),
        **({"through": chain.through} if chain.through else {}),
    }


def _rule(rule: Rule, request: Request) -> str:
    verbs = _those(rule.verbs, lambda verb: verb in (request.verb, ALL))
    if rule.urls:
        return f"{verbs} {_those(rule.urls, lambda url: request.by(replace(rule, urls=(url,))))}"
    found = [(group, resource) for group in rule.api_groups for resource in rule.resources]
    asked = {
        qualified(group, resource): request.by(replace(rule, api_groups=(group,), resources=(resource,)))
        for group, resource in found
    }
    names = f" {_those(rule.resource_names, lambda name: name == request.name)}" if rule.resource_names else ""
    return f"{verbs} {_those(tuple(asked), asked.__getitem__)}{names}"


def _those(values: Collection[str], asked: Callable[[str], bool]) -> str:
    """Those of them that were asked for, and how many others there are."""
    chosen = [value for value in values if asked(value)]
    more = f" +{len(values) - len(chosen)}" if len(values) > len(chosen) else ""
    return ",".join(chosen) + more


def _kind(binding: Binding) -> str:
    if binding.project:
        return _PROJECT_BINDING
    return _CLUSTER_BINDING if binding.cluster else "GlobalRoleBinding"


def _place(binding: Binding) -> str:
    return f"{binding.namespace}/{binding.name}" if binding.namespace else binding.name


def _order(reason: Reason) -> tuple[Subject, str, tuple[str, ...]]:
    return reason.who, binding_text(reason.chain.binding), reason.chain.roles
