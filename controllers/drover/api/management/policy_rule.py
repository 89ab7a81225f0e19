"""PolicyRule: verbs on resources or on URLs, as roles of Kubernetes have them."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final

from pydantic import BeforeValidator, Field

from drover.api.resource import Model
from drover.api.rule import Rule

_Word = Annotated[str, Field(max_length=253)]
_Words = Annotated[tuple[_Word, ...], Field(max_length=512)]
_Names = Annotated[tuple[Annotated[str, Field(max_length=1024)], ...], Field(max_length=8192)]


def given(field: str) -> str:
    """CEL: whether a list is there and has entries."""
    return f"(has(self.{field}) && self.{field}.size() > 0)"


_URLS: Final = given("nonResourceURLs")


class PolicyRule(Model):
    """Verbs on resources, or on URLs of the API server. The same checks as Kubernetes has for its roles."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "self.verbs.size() > 0",
            "names no verb; list some, such as get, or `*` for all",
            lambda rule: len(rule.verbs) > 0,
            field=".verbs",
            reason="FieldValueRequired",
        ),
        Rule(
            f"!{_URLS} || !({given('apiGroups')} || {given('resources')} || {given('resourceNames')})",
            "a rule is about URLs or about resources; make two rules of it",
            lambda rule: not rule.non_resource_urls or not (rule.api_groups or rule.resources or rule.resource_names),
            field=".nonResourceURLs",
        ),
        Rule(
            f"{_URLS} || {given('apiGroups')}",
            'names no API group; list some, "" for that of pods and secrets, or `*` for all',
            lambda rule: bool(rule.non_resource_urls or rule.api_groups),
            field=".apiGroups",
            reason="FieldValueRequired",
        ),
        Rule(
            f"{_URLS} || {given('resources')}",
            "names no resource; list some in the plural, such as pods, or `*` for all",
            lambda rule: bool(rule.non_resource_urls or rule.resources),
            field=".resources",
            reason="FieldValueRequired",
        ),
    )

    verbs: _Words
    """What may be done, such as `get`; `*` stands for everything."""
    api_groups: _Words = ()
    """API groups of the resources: `""` for that of pods and secrets, `*` for all."""
    resources: _Words = ()
    """Resources in the plural, such as `pods` or `pods/log`; `*` stands for all."""
    resource_names: _Names = ()
    """Names of the objects. Default: all."""
    non_resource_urls: Annotated[_Words, Field(alias="nonResourceURLs")] = ()
    """Paths of the API server that are no resources, such as `/healthz`; a `*` at the end stands for what follows."""


class NamespacedPolicyRule(PolicyRule):
    """Verbs on resources of a namespace."""

    rules: ClassVar[tuple[Rule, ...]] = (
        *PolicyRule.rules,
        Rule(
            f"!{_URLS}",
            "URLs belong to no namespace; remove the rule, or put it into `rules`",
            lambda rule: not rule.non_resource_urls,
            field=".nonResourceURLs",
            reason="FieldValueForbidden",
        ),
    )


def _tuple(value: Any) -> Any:
    """A list of JSON inside a map; `Model` makes tuples of those in fields only."""
    return tuple(value) if isinstance(value, list) else value


PolicyRules = Annotated[tuple[PolicyRule, ...], Field(max_length=2048)]
NamespacedPolicyRules = Annotated[tuple[NamespacedPolicyRule, ...], Field(max_length=2048)]

RulesByNamespace = Annotated[
    dict[str, Annotated[tuple[NamespacedPolicyRule, ...], Field(max_length=512), BeforeValidator(_tuple)]],
    Field(max_length=256),
    Rule(
        "self.all(name, name.size() > 0 && name.size() <= 63)",
        "must be names of namespaces, of 1 to 63 characters; correct the one that is not",
        lambda rules: all(0 < len(name) <= 63 for name in rules),
    ),
]
"""Rules that hold in one namespace each, by its name."""
