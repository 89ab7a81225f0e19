"""What a rule allows, as RBAC reads it, and which part of a rule is about something."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from drover.rules.rbac.facts import Rule

ALL: Final = "*"


def rule(verbs: str, group: str, resources: str, *names: str) -> Rule:
    """A rule about resources of one group, from words."""
    return Rule(tuple(verbs.split()), (group,), tuple(resources.split()), names)


def qualified(group: str, resource: str) -> str:
    """A resource as kubectl writes it: `deployments.apps/scale`."""
    plural, slash, subresource = resource.partition("/")
    return f"{plural}{f'.{group}' if group else ''}{slash}{subresource}"


def covers(each: Rule, verb: str, group: str, resource: str, name: str = "") -> bool:
    """Whether a rule allows a verb on a resource (`pods/log`: of a subresource)."""
    return (
        _has(each.verbs, verb)
        and _has(each.api_groups, group)
        and names_resource(each, resource)
        and (not each.resource_names or (name != "" and name in each.resource_names))
    )


def covers_url(each: Rule, verb: str, url: str) -> bool:
    """Whether a rule allows a verb on a path that is no resource."""
    return _has(each.verbs, verb) and any(
        url == path or (path.endswith(ALL) and url.startswith(path.rstrip(ALL))) for path in each.urls
    )


def names_resource(each: Rule, resource: str) -> bool:
    """Whether a rule is about a resource; `*` is about all, `*/scale` about this subresource of all."""
    if _has(each.resources, resource):
        return True
    _, slash, subresource = resource.partition("/")
    return bool(slash) and f"*/{subresource}" in each.resources


def literally(each: Rule, verb: str, group: str, resource: str) -> bool:
    """Whether a rule says a verb and a resource in so many words, and for every object."""
    return (
        verb in each.verbs and resource in each.resources and _has(each.api_groups, group) and not each.resource_names
    )


def about(found: Iterable[Rule], group: str, resources: Collection[str]) -> tuple[Rule, ...]:
    """The part of rules that is about some resources of a group. What names its objects is left out."""
    picked = (
        Rule(each.verbs, (group,), tuple(sorted(name for name in resources if _has(each.resources, name))))
        for each in found
        if _has(each.api_groups, group) and not each.resource_names
    )
    return tuple(each for each in picked if each.resources)


def manifest(each: Rule) -> dict[str, Any]:
    """A rule as a PolicyRule."""
    if each.urls:
        return {"verbs": list(each.verbs), "nonResourceURLs": list(each.urls)}
    body: dict[str, Any] = {
        "verbs": list(each.verbs),
        "apiGroups": list(each.api_groups),
        "resources": list(each.resources),
    }
    return body | {"resourceNames": list(each.resource_names)} if each.resource_names else body


def _has(values: Collection[str], value: str) -> bool:
    return value in values or ALL in values
