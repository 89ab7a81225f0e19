"""What else is looked up: circles, roles in use, locked roles, twins, user names and names of bindings."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from drover.admission.naming import named
from drover.admission.review import Allowed, decode
from drover.kube.gvr import Object
from tests.unit.admission.hub import ALL, Hub, crtb, denied, grb, obj, prtb, rule, template
from tests.unit.admission.reviews import review

ROOT = {("root", ""): ALL}


async def test_a_circle_is_refused_at_any_length_and_told() -> None:
    hub = Hub([template("b", roleTemplateNames=["c"]), template("c", roleTemplateNames=["a"])], native=ROOT)
    denied(await hub.ask("root", template("a", roleTemplateNames=["b"])), 422, "a inherits b inherits c inherits a")
    denied(await hub.ask("root", template("a", roleTemplateNames=["a"])), 422, "a inherits a")
    chain = [template(f"r{number}", roleTemplateNames=[f"r{number + 1}"]) for number in range(50)]
    denied(await Hub(chain, native=ROOT).ask("root", template("r50", roleTemplateNames=["r0"])), 422, "circular")


async def test_a_diamond_and_a_circle_of_others_are_no_circle() -> None:
    known = [
        template("left", roleTemplateNames=["base"]),
        template("right", roleTemplateNames=["base"]),
        template("base"),
        template("x", roleTemplateNames=["y"]),
        template("y", roleTemplateNames=["x"]),
    ]
    hub = Hub(known, native=ROOT)
    assert await hub.ask("root", template("top", roleTemplateNames=["left", "right"])) == Allowed()
    assert await hub.ask("root", template("top", roleTemplateNames=["x"])) == Allowed()


@pytest.mark.parametrize(
    ("user", "text"),
    [
        (template("heir", roleTemplateNames=["used"]), "RoleTemplate heir"),
        (obj("GlobalRole", "g", inheritedClusterRoles=["used"]), "GlobalRole g"),
        (crtb("used", "bob"), "ClusterRoleTemplateBinding c1/used-bob"),
        (prtb("used", "bob"), "ProjectRoleTemplateBinding c1-p1/used-bob"),
    ],
)
async def test_a_role_in_use_is_not_deleted_and_one_that_is_not_is(user: Object, text: str) -> None:
    used = template("used")
    denied(await Hub([used, user], native=ROOT).ask("root", None, used), 409, f"used by {text}")
    assert await Hub([used], native=ROOT).ask("root", None, used) == Allowed()
    user = {**user, "metadata": {**user["metadata"], "deletionTimestamp": "2026-11-28T00:00:00Z"}}
    assert await Hub([used, user], native=ROOT).ask("root", None, used) == Allowed()


async def test_of_many_users_three_are_told() -> None:
    hub = Hub([template("used"), *(crtb("used", f"u{number}") for number in range(9))], native=ROOT)
    denied(await hub.ask("root", None, template("used")), 409, "used-u2 and 6 more")


async def test_a_locked_role_is_given_to_nobody_new_not_even_by_an_administrator() -> None:
    locked = template("closed", locked=True)
    inherits = obj("GlobalRole", "g", inheritedClusterRoles=["closed"])
    hub = Hub([locked, inherits], native=ROOT)
    denied(await hub.ask("root", crtb("closed", "bob")), 422, "locked")
    denied(await hub.ask("root", inherits), 422, "locked")
    denied(await hub.ask("root", grb("g", "bob")), 422, "locked")
    assert await hub.ask("root", inherits | {"rules": ALL}, inherits) == Allowed()
    old = crtb("closed", "") | {"userPrincipalName": "github_user://1"}
    assert await hub.ask("root", old | {"userName": "bob"}, old) == Allowed()


async def test_a_role_is_bound_in_its_own_context_only() -> None:
    hub = Hub([template("c"), template("p", context="project"), template("none", context="")], native=ROOT)
    denied(await hub.ask("root", crtb("p", "bob")), 422, 'context "project"', "context cluster")
    denied(await hub.ask("root", prtb("c", "bob")), 422, 'context "cluster"')
    denied(await hub.ask("root", crtb("none", "bob")), 422, "can only be inherited")
    denied(await hub.ask("root", obj("GlobalRole", "g", inheritedClusterRoles=["p"])), 422, "context")


async def test_an_external_role_has_no_name_that_a_compiled_cluster_role_may_have() -> None:
    hub = Hub(native=ROOT)
    denied(await hub.ask("root", template("dev-aggregator", external=True)), 422, "are made by Drover")
    assert await hub.ask("root", template("dev-aggregator")) == Allowed()


@pytest.mark.parametrize("subject", [{"userName": "bob"}, {"groupName": "team"}, {"groupPrincipalName": "x_group://1"}])
async def test_a_second_binding_of_the_same_is_refused(subject: dict[str, str]) -> None:
    def binding(name: str, role: str = "r", namespace: str = "c1") -> Object:
        fields = {"clusterName": namespace, "roleTemplateName": role, **subject}
        return obj("ClusterRoleTemplateBinding", name, namespace, **fields)

    hub = Hub([template("r"), template("other"), binding("first")], native=ROOT)
    denied(await hub.ask("root", binding("second")), 409, "first in namespace c1")
    assert await hub.ask("root", binding("first")) == Allowed()
    assert await hub.ask("root", binding("second", "other")) == Allowed()
    assert await hub.ask("root", binding("second", namespace="c2")) == Allowed()


async def test_a_project_binding_has_no_twin_either() -> None:
    hub = Hub([template("r", context="project"), prtb("r", "bob")], native=ROOT)
    twin = prtb("r", "bob")
    twin["metadata"]["name"] = "twin"
    denied(await hub.ask("root", twin), 409, "r-bob in namespace c1-p1")


async def test_nobody_takes_the_username_of_another() -> None:
    hub = Hub(native=ROOT)
    denied(await hub.ask("root", obj("User", "u-1", username="alice")), 409, 'User alice has "alice" already')
    assert await hub.ask("root", obj("User", "u-1", username="carol")) == Allowed()
    assert await hub.ask("root", obj("User", "alice", username="alice"), obj("User", "alice")) == Allowed()


async def test_what_is_asked_about_other_kinds_is_not_allowed() -> None:
    hub = Hub([], native=ROOT)
    with pytest.raises(KeyError):
        await hub.ask("root", obj("Secret", "s"))


def generated(**fields: Any) -> tuple[Any, ...]:
    binding = {"metadata": {"generateName": "crtb-"}, "userName": "u-1", "roleTemplateName": "r", "clusterName": "c"}
    body = review(resource="clusterroletemplatebindings", name="", object=binding | fields)
    return named(decode(orjson.dumps(body))).patch


def test_a_generated_name_follows_from_subject_role_and_place() -> None:
    (patch,) = generated()
    assert patch == {"op": "add", "path": "/metadata/name", "value": "crtb-srtk4gmh2c"}
    assert generated() == (patch,)
    for other in ({"userName": "u-2"}, {"roleTemplateName": "s"}, {"clusterName": "d"}):
        assert generated(**other) != (patch,)


def test_a_principal_counts_before_a_name() -> None:
    both = generated(userPrincipalName="github_user://1", userName="u-1")
    assert both == generated(userPrincipalName="github_user://1", userName="u-2")


def test_a_name_that_is_given_stays_and_a_long_prefix_leaves_room() -> None:
    assert generated(metadata={"name": "mine", "generateName": "crtb-"}) == ()
    assert generated(metadata={}) == ()
    (patch,) = generated(metadata={"generateName": "x" * 100})
    assert len(patch["value"]) == 63


async def test_a_role_with_rules_of_its_own_kind_is_compared_by_each_rule() -> None:
    hub = Hub([template("r", rule("get", "", "pods", "one"))], native={("alice", ""): [rule("get", "", "pods", "two")]})
    denied(await hub.ask("alice", crtb("r", "bob")), 403, 'get pods "one"')
