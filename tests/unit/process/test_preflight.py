"""Rights are looked for before they are needed, and those that lack are named as a person would write them."""

from __future__ import annotations

from typing import Any, cast

import pytest

from drover.kube.client import Client, Review
from drover.kube.gvr import (
    CLUSTER_ROLES,
    DEPLOYMENTS,
    LEASES,
    NAMESPACES,
    NODES,
    POLICIES,
    POLICY_BINDINGS,
    ROLES,
    SECRETS,
    Object,
)
from drover.preflight import (
    MEMBER_RIGHTS,
    POLICY_RIGHTS,
    PROJECT_SECRET_RIGHTS,
    RIGHTS,
    SECRET_RIGHT,
    Right,
    lease_right,
    missing,
    rule,
)


class Apiserver:
    """Allows everything but some verbs on some resources."""

    def __init__(self, *denied: tuple[str, str], rules: tuple[Object, ...] = ()) -> None:
        self.asked: list[Review] = []
        self._denied = denied
        self._rules = rules

    async def rules(self, _namespace: str) -> list[Object]:
        return list(self._rules)

    async def allowed(self, review: Review) -> bool:
        self.asked.append(review)
        name = f"{review.resource}/{review.subresource}" if review.subresource else review.resource
        return (review.verb, name) not in self._denied


async def lacking(rights: tuple[Right, ...], *denied: tuple[str, str]) -> list[str]:
    return [rule(right) for right in await missing(cast("Client", cast("Any", Apiserver(*denied))), rights)]


async def test_with_every_right_nothing_lacks() -> None:
    assert await lacking((*RIGHTS, lease_right("drover-system"), SECRET_RIGHT)) == []


async def test_only_the_verbs_that_lack_are_named_as_a_rule() -> None:
    found = await lacking(RIGHTS, ("patch", "projects/status"), ("create", "projects"), ("delete", "projects"))
    assert found == [
        '{apiGroups: ["management.cattle.io"], resources: ["projects"], verbs: [create, delete]}',
        '{apiGroups: ["management.cattle.io"], resources: ["projects/status"], verbs: [patch]}',
    ]


async def test_a_right_in_one_namespace_is_asked_for_and_named_there() -> None:
    apiserver = Apiserver(("update", "leases"))
    (found,) = await missing(cast("Client", cast("Any", apiserver)), [lease_right("drover-system")])
    assert {review.namespace for review in apiserver.asked} == {"drover-system"}
    assert found == Right(LEASES, ("update",), namespace="drover-system")
    assert rule(found).endswith("verbs: [update]} in namespace drover-system")


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        ({"verbs": ["list", "watch"], "apiGroups": [""], "resources": ["nodes"]}, []),
        ({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, []),
        ({"verbs": ["list"], "apiGroups": [""], "resources": ["nodes"]}, ["watch"]),
        ({"verbs": ["list", "watch"], "apiGroups": ["apps"], "resources": ["nodes"]}, ["list", "watch"]),
        ({"verbs": ["list", "watch"], "apiGroups": [""], "resources": ["nodes/status"]}, ["list", "watch"]),
        (
            {"verbs": ["list", "watch"], "apiGroups": [""], "resources": ["nodes"], "resourceNames": ["one"]},
            ["list", "watch"],
        ),
    ],
)
async def test_only_what_the_rules_that_hold_everywhere_do_not_allow_is_asked_for(
    rule: Object, asked: list[str]
) -> None:
    apiserver = Apiserver(rules=(rule,))
    assert await missing(cast("Client", cast("Any", apiserver)), [Right(NODES, ("list", "watch"))]) == []
    assert [review.verb for review in apiserver.asked] == asked


async def test_a_rule_for_a_subresource_is_none_for_the_resource() -> None:
    rules = ({"verbs": ["patch"], "apiGroups": ["apps"], "resources": ["*/status"]},)
    apiserver = Apiserver(rules=rules)
    rights = [Right(DEPLOYMENTS, ("patch",), "status"), Right(DEPLOYMENTS, ("patch",))]
    await missing(cast("Client", cast("Any", apiserver)), rights)
    assert [review.subresource for review in apiserver.asked] == [""]


async def test_what_is_needed_in_one_namespace_is_asked_for_there() -> None:
    apiserver = Apiserver(rules=({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},))
    await missing(cast("Client", cast("Any", apiserver)), [lease_right("drover-system")])
    assert [review.verb for review in apiserver.asked] == ["get", "create", "update"]


def test_no_right_is_a_wildcard_and_only_those_on_roles_make_others_stronger() -> None:
    for right in (*RIGHTS, *MEMBER_RIGHTS, *PROJECT_SECRET_RIGHTS, *POLICY_RIGHTS, SECRET_RIGHT, lease_right("n")):
        assert "*" not in (*right.verbs, right.resource, right.gvr.group)
        assert not {"impersonate", "deletecollection"} & set(right.verbs)
        assert not {"bind", "escalate"} & set(right.verbs) or right.gvr in (ROLES, CLUSTER_ROLES)


def test_without_project_secrets_secrets_are_only_read_one_by_one() -> None:
    assert SECRET_RIGHT.verbs == ("get",)
    assert all(right.gvr is SECRETS for right in PROJECT_SECRET_RIGHTS)
    assert all(right.gvr is not SECRETS for right in (*RIGHTS, *MEMBER_RIGHTS))


def test_namespaces_of_members_are_never_made() -> None:
    (namespaces,) = [right for right in MEMBER_RIGHTS if right.gvr is NAMESPACES]
    assert not {"create", "update"} & set(namespaces.verbs)


def test_policies_are_not_written_in_the_hub() -> None:
    policies = {right.gvr for right in POLICY_RIGHTS}
    assert policies == {POLICIES, POLICY_BINDINGS}
    assert not policies & {right.gvr for right in RIGHTS}
