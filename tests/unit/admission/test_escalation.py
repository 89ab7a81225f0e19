"""Nobody gives more than they have, by no role and no binding, and each bypass is one verb on one role."""

from __future__ import annotations

from typing import Any

import pytest

from drover.admission.review import Allowed, Denied
from drover.admission.server import VALIDATE_WITH_VERB
from drover.kube.gvr import Object
from tests.unit.admission.hub import ALL, Hub, crtb, denied, grb, obj, prtb, rule, template

PODS = rule("get list", "", "pods")
SECRETS = rule("get", "", "secrets")
DEPLOYMENTS = rule("patch", "apps", "deployments")
NODES = rule("get", "", "nodes")
READER = template("reader", PODS)
VIEWER = template("viewer", PODS, context="project")
ADMIN = template("admin-all", *ALL)


def global_role(name: str = "g", **fields: Any) -> Object:
    return obj("GlobalRole", name, **fields)


SECTIONS: list[Object] = [
    {"rules": [SECRETS]},
    {"namespacedRules": {"team": [SECRETS]}},
    {"inheritedNamespacedRules": {"team": [SECRETS]}},
    {"inheritedClusterRoles": ["admin-all"]},
    {"inheritedFleetWorkspacePermissions": {"resourceRules": [SECRETS], "workspaceVerbs": ["get"]}},
    {"inheritedFleetWorkspacePermissions": {"workspaceVerbs": ["get"]}},
]
WRITTEN = [
    *(global_role(**section) for section in SECTIONS),
    template("t", SECRETS),
    template("t", SECRETS, context="project"),
    template("t", SECRETS, context=""),
    template("t", roleTemplateNames=["admin-all"]),
    template("t", roleTemplateNames=["nowhere"]),
    template("t", external=True),
    template("t", external=True, externalRules=[PODS]),
    grb("boss", "mallory"),
    grb("nowhere", "mallory"),
    crtb("admin-all", "mallory"),
    crtb("nowhere", "mallory"),
    crtb("heir", "mallory"),
    crtb("outside", "mallory"),
    prtb("project-all", "mallory"),
    prtb("nowhere", "mallory"),
]
KNOWN = [
    READER,
    VIEWER,
    ADMIN,
    template("project-all", *ALL, context="project"),
    template("heir", roleTemplateNames=["admin-all"]),
    template("outside", external=True, externalRules=[SECRETS]),
    global_role("boss", rules=ALL),
]


@pytest.mark.parametrize("written", WRITTEN, ids=lambda obj: f"{obj['kind']}-{obj['metadata']['name']}")
async def test_who_has_less_may_not_write_it(written: Object) -> None:
    hub = Hub(KNOWN, native={("mallory", ""): [PODS]})
    denied(await hub.ask("mallory", written), 403, "verb ")


@pytest.mark.parametrize("written", WRITTEN, ids=lambda obj: f"{obj['kind']}-{obj['metadata']['name']}")
async def test_who_has_the_verb_on_the_role_may_write_it(written: Object) -> None:
    verb, resource = {
        "GlobalRole": ("escalate", "globalroles"),
        "RoleTemplate": ("escalate", "roletemplates"),
        "GlobalRoleBinding": ("bind", "globalroles"),
    }.get(written["kind"], ("bind", "roletemplates"))
    named = written.get("globalRoleName") or written.get("roleTemplateName") or written["metadata"]["name"]
    hub = Hub(KNOWN, native={("alice", ""): [rule(verb, "management.cattle.io", resource, named)]})
    assert await hub.ask("alice", written) == Allowed()
    other = Hub(KNOWN, native={("alice", ""): [rule(verb, "management.cattle.io", resource, "another")]})
    denied(await other.ask("alice", written), 403)


@pytest.mark.parametrize("written", WRITTEN, ids=lambda obj: f"{obj['kind']}-{obj['metadata']['name']}")
async def test_of_whom_the_kube_apiserver_says_that_they_have_the_verb_nothing_is_asked(written: Object) -> None:
    hub = Hub(KNOWN)
    assert await hub.ask("alice", written, path=VALIDATE_WITH_VERB) == Allowed()
    assert hub.questions == 0


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (template("t", roleTemplateNames=["t"]), 422),
        (template("x-aggregator", external=True), 422),
        (global_role(inheritedClusterRoles=["closed"]), 422),
        (grb("gives-closed", "mallory"), 422),
        (crtb("closed", "mallory"), 422),
        (prtb("reader", "mallory"), 422),
    ],
)
async def test_what_nobody_may_write_the_verb_does_not_allow(written: Object, code: int) -> None:
    closed = template("closed", PODS, locked=True)
    hub = Hub([READER, closed, global_role("gives-closed", inheritedClusterRoles=["closed"])])
    denied(await hub.ask("alice", written, path=VALIDATE_WITH_VERB), code)


@pytest.mark.parametrize("written", [one for one in WRITTEN if "nowhere" not in str(one) and not one.get("external")])
async def test_who_has_everything_in_the_hub_may_write_it(written: Object) -> None:
    hub = Hub(KNOWN, native={("root", ""): ALL})
    assert await hub.ask("root", written) == Allowed()


@pytest.mark.parametrize("section", SECTIONS[:2])
async def test_a_global_role_may_give_what_its_author_has_in_that_place(section: Object) -> None:
    hub = Hub(KNOWN, native={("alice", ""): [PODS], ("alice", "team"): [SECRETS]})
    answer = await hub.ask("alice", global_role(**section))
    if "namespacedRules" in section:
        assert answer == Allowed()
    else:
        denied(answer, 403, "rules: gives rights in the hub", "get secrets")


async def test_only_what_lacks_is_told_with_the_verb_that_would_do() -> None:
    hub = Hub([template("mixed", PODS, SECRETS), READER, crtb("reader", "alice")])
    answer = await hub.ask("alice", crtb("mixed", "bob"))
    denied(answer, 403, "in cluster c1", 'verb bind on roletemplates.management.cattle.io "mixed"')
    assert "pods" not in str(answer)


async def test_rights_that_somebody_has_by_a_role_in_a_cluster_may_be_given_there_and_nowhere_else() -> None:
    hub = Hub([READER, template("also-reads", PODS), crtb("reader", "alice"), VIEWER])
    assert await hub.ask("alice", crtb("also-reads", "bob")) == Allowed()
    assert await hub.ask("alice", prtb("viewer", "bob")) == Allowed()
    denied(await hub.ask("alice", crtb("also-reads", "bob", "c2")), 403, "in cluster c2")
    denied(await hub.ask("alice", prtb("viewer", "bob", "c2:p1")), 403, "in project c2:p1")
    denied(await hub.ask("alice", crtb("also-reads", "bob", "local")), 403)


async def test_rights_in_a_project_may_be_given_there_and_not_in_its_cluster_or_another_project() -> None:
    hub = Hub([VIEWER, READER, template("sees", PODS, context="project"), prtb("viewer", "alice")])
    assert await hub.ask("alice", prtb("sees", "bob")) == Allowed()
    denied(await hub.ask("alice", prtb("sees", "bob", "c1:p2")), 403)
    denied(await hub.ask("alice", prtb("sees", "bob", "c2:p1")), 403)
    denied(await hub.ask("alice", crtb("reader", "bob")), 403)


async def test_rights_of_a_group_count_for_its_members() -> None:
    hub = Hub([READER, template("also-reads", PODS), crtb("reader", "", groupName="team")])
    assert await hub.ask("alice", crtb("also-reads", "bob"), groups=("team",)) == Allowed()
    denied(await hub.ask("alice", crtb("also-reads", "bob")), 403)


async def test_who_is_disabled_has_nothing_to_give() -> None:
    hub = Hub([READER, template("also-reads", PODS), crtb("reader", "carol"), obj("User", "carol", enabled=False)])
    denied(await hub.ask("carol", crtb("also-reads", "bob")), 403)


async def test_a_binding_that_lies_in_the_namespace_of_another_project_gives_its_subject_nothing_to_pass_on() -> None:
    hub = Hub([VIEWER, template("sees", PODS, context="project"), prtb("viewer", "mallory", "c1:p2", "c1-p1")])
    denied(await hub.ask("mallory", prtb("sees", "mallory", "c1:p2")), 403)


async def test_a_binding_may_not_be_made_in_the_namespace_of_another_project() -> None:
    hub = Hub([VIEWER], native={("root", ""): ALL})
    denied(await hub.ask("root", prtb("viewer", "bob", "c1:p2", "c1-p1")), 422, "lie in namespace c1-p2")


async def test_all_rights_in_a_project_give_none_on_nodes_or_the_project_itself() -> None:
    everything = template("project-all", *ALL, context="project")
    nodes = template("nodes", rule("get", "", "nodes"), context="project")
    owner = template("owner", rule("own", "management.cattle.io", "projects"), context="project")
    creator = template("creator", rule("create", "", "namespaces"), context="project")
    hub = Hub([everything, nodes, owner, creator, prtb("project-all", "alice")])
    denied(await hub.ask("alice", prtb("nodes", "bob")), 403, "in cluster c1", "get nodes")
    denied(await hub.ask("alice", prtb("owner", "bob")), 403, "on project c1:p1", "own projects")
    denied(await hub.ask("alice", prtb("creator", "bob")), 403, "create namespaces")


async def test_all_rights_in_a_cluster_make_nobody_its_owner() -> None:
    owner = template("owner", *ALL, rule("own", "management.cattle.io", "clusters"))
    hub = Hub([ADMIN, owner, crtb("admin-all", "alice"), crtb("owner", "bob")])
    denied(await hub.ask("alice", crtb("owner", "carol")), 403, "own clusters.management.cattle.io")
    assert await hub.ask("bob", crtb("owner", "carol")) == Allowed()


async def test_the_owner_of_a_cluster_may_make_owners_of_its_projects() -> None:
    owner = template("owner", *ALL, rule("own", "management.cattle.io", "clusters"))
    project_owner = template(
        "project-owner",
        rule("own", "management.cattle.io", "projects"),
        rule("create", "", "namespaces"),
        rule("updatepsa", "management.cattle.io", "projects"),
        rule("*", "", "secrets"),
        context="project",
    )
    hub = Hub([owner, project_owner, crtb("owner", "bob")])
    assert await hub.ask("bob", prtb("project-owner", "carol")) == Allowed()
    denied(await hub.ask("bob", prtb("project-owner", "carol", "c2:p1")), 403)


async def test_a_rule_that_a_role_without_context_brought_is_no_right_in_the_hub() -> None:
    bindings = rule("create", "management.cattle.io", "clusterroletemplatebindings")
    holder = template("holder", roleTemplateNames=["base"])
    hub = Hub([template("base", bindings, context=""), holder, template("manager", bindings), crtb("holder", "alice")])
    denied(await hub.ask("alice", crtb("manager", "bob")), 403, "in the hub's namespace of cluster c1")


async def test_rights_in_every_cluster_by_a_global_role_may_be_given_in_each_but_the_hub() -> None:
    role = global_role("fleet-reader", inheritedClusterRoles=["reader"], inheritedNamespacedRules={"team": [SECRETS]})
    hub = Hub([READER, role, grb("fleet-reader", "alice"), template("also-reads", PODS)])
    assert await hub.ask("alice", crtb("also-reads", "bob")) == Allowed()
    denied(await hub.ask("alice", crtb("also-reads", "bob", "local")), 403)
    assert await hub.ask("alice", global_role(inheritedClusterRoles=["also-reads"])) == Allowed()
    assert await hub.ask("alice", global_role(inheritedNamespacedRules={"team": [PODS, SECRETS]})) == Allowed()
    denied(await hub.ask("alice", global_role(inheritedNamespacedRules={"other": [SECRETS]})), 403, "namespace other")


# --- Changes --------------------------------------------------------------------------------------------------------
async def test_who_takes_rights_away_needs_none() -> None:
    hub = Hub(KNOWN)
    assert await hub.ask("alice", template("t", PODS), template("t", PODS, SECRETS)) == Allowed()
    assert await hub.ask("alice", global_role(rules=[PODS]), global_role(rules=[PODS, SECRETS])) == Allowed()


async def test_a_change_is_compared_by_what_is_new_in_it() -> None:
    hub = Hub(KNOWN, native={("alice", ""): [SECRETS]})
    assert await hub.ask("alice", template("t", PODS, SECRETS), template("t", PODS)) == Allowed()
    denied(await hub.ask("alice", template("t", *ALL), template("t", PODS)), 403)
    denied(await hub.ask("mallory", template("t", PODS, roleTemplateNames=["admin-all"]), template("t", PODS)), 403)


@pytest.mark.parametrize("flag", ["clusterCreatorDefault", "projectCreatorDefault"])
async def test_a_role_is_not_made_one_that_creators_get_by_who_does_not_have_it(flag: str) -> None:
    old = template("t", SECRETS)
    denied(await Hub(KNOWN).ask("mallory", old | {flag: True}, old), 403, "get secrets")


async def test_a_global_role_is_not_made_one_that_new_users_get_by_who_does_not_have_it() -> None:
    old = global_role(rules=[SECRETS])
    denied(await Hub(KNOWN).ask("mallory", old | {"newUserDefault": True}, old), 403, "get secrets")


async def test_another_context_is_a_new_role() -> None:
    old = template("t", rule("get", "", "nodes"))
    denied(await Hub(KNOWN).ask("mallory", old | {"context": "project"}, old), 403, "get nodes")


async def test_a_rule_that_opens_the_cluster_is_new_although_a_star_covered_it_in_the_project() -> None:
    old = template("t", *ALL, context="project")
    new = template("t", *ALL, rule("get", "", "nodes"), context="project")
    denied(await Hub(KNOWN).ask("mallory", new, old), 403, "get nodes")


async def test_a_role_that_is_being_deleted_gets_no_more_rights_than_its_editor_has() -> None:
    old = template("t", PODS)
    old["metadata"]["deletionTimestamp"] = "2026-11-28T00:00:00Z"
    denied(await Hub(KNOWN).ask("mallory", old | {"rules": ALL}, old), 403)


async def test_a_subject_that_is_filled_in_later_is_a_new_binding() -> None:
    old = crtb("admin-all", "mallory") | {"userName": "", "userPrincipalName": "github_user://1"}
    denied(await Hub(KNOWN).ask("mallory", old | {"userName": "mallory"}, old), 403)


async def test_an_external_role_is_compared_by_the_cluster_role_of_the_hub() -> None:
    outside = template("cr", external=True)
    cluster_role = {"kind": "ClusterRole", "metadata": {"name": "cr", "uid": "1"}, "rules": [SECRETS]}
    hub = Hub([outside], unseen=[cluster_role], native={("alice", ""): [SECRETS]})
    assert await hub.ask("alice", crtb("cr", "bob")) == Allowed()
    denied(await hub.ask("mallory", crtb("cr", "bob")), 403, "get secrets")
    denied(await Hub([outside]).ask("alice", crtb("cr", "bob")), 403, "ClusterRole cr does not exist")


CLUSTER_ROLES = [
    {"kind": "ClusterRole", "metadata": {"name": "admin", "uid": "1"}, "rules": [PODS, SECRETS, DEPLOYMENTS, NODES]},
    {"kind": "ClusterRole", "metadata": {"name": "view", "uid": "2"}, "rules": [PODS]},
]
OWNERS = [
    template("admin", external=True, context="project"),
    template("view", external=True, context="project"),
    template("owner", context="project", roleTemplateNames=["admin"]),
    template("reader", context="project", roleTemplateNames=["view"]),
    template("restarter", DEPLOYMENTS, context="project", roleTemplateNames=["view"]),
    template("nodes", NODES, context="project"),
    prtb("owner", "alice"),
]


@pytest.mark.parametrize("role", ["view", "reader", "restarter", "admin", "owner"])
async def test_who_has_an_external_role_gives_what_its_cluster_role_has(role: str) -> None:
    hub = Hub(OWNERS, unseen=CLUSTER_ROLES)
    assert await hub.ask("alice", prtb(role, "bob")) == Allowed()
    denied(await hub.ask("alice", prtb(role, "bob", "c1:p2")), 403, "list pods")
    denied(await hub.ask("mallory", prtb(role, "bob")), 403, "list pods")


async def test_an_external_role_gives_nothing_but_where_it_is_bound_whatever_its_cluster_role_says() -> None:
    denied(
        await Hub(OWNERS, unseen=CLUSTER_ROLES).ask("alice", prtb("nodes", "bob")), 403, "in cluster c1", "get nodes"
    )


async def test_an_external_role_that_somebody_has_is_not_taken_to_allow_what_the_hub_s_cluster_role_does() -> None:
    """In another cluster, a ClusterRole of that name may allow less."""
    outside = template("outside", external=True, context="project")
    strong = {"kind": "ClusterRole", "metadata": {"name": "outside", "uid": "3"}, "rules": [PODS]}
    hub = Hub([outside, VIEWER, prtb("outside", "alice")], unseen=[strong])
    denied(await hub.ask("alice", prtb("viewer", "bob")), 403, "get, list pods")


async def test_a_role_that_was_made_a_moment_ago_is_looked_up() -> None:
    hub = Hub([], unseen=[READER, template("child", roleTemplateNames=["reader"])], native={("alice", ""): [PODS]})
    assert await hub.ask("alice", crtb("child", "bob")) == Allowed()


async def test_rules_that_multiply_to_billions_are_refused() -> None:
    words = [str(number) for number in range(2000)]
    huge = {"verbs": words, "apiGroups": words, "resources": words}
    denied(await Hub(KNOWN).ask("mallory", template("t", huge)), 403, "too many to compare")


# --- What a refusal says ----------------------------------------------------------------------------------------------
TOLD = [
    template("project-owner", *ALL, context="project"),
    template("project-member", PODS, context="project"),
    template("own-role", PODS, context="project"),
    template("closed-role", PODS, context="project", locked=True),
    template("odd-role", context="project", external=True),
    READER,
]
HELD = [prtb(role, "alice") for role in ("project-member", "own-role", "closed-role", "odd-role")]


async def test_a_refused_binding_names_roles_that_the_author_may_give_and_those_are_allowed() -> None:
    hub = Hub([*TOLD, *HELD])
    answer = await hub.ask("alice", prtb("project-owner", "bob"))
    denied(answer, 403, "RoleTemplate project-owner gives rights in project c1:p1", "have yourself, such as")
    assert isinstance(answer, Denied)
    named = answer.message.partition("such as ")[2].partition(", or ask")[0].split(", ")
    assert named == ["own-role", "project-member"]
    for role in named:
        assert await hub.ask("alice", prtb(role, "bob")) == Allowed()


async def test_a_role_of_another_project_is_not_named_as_one_to_give_here() -> None:
    hub = Hub([*TOLD, prtb("project-member", "alice", "c1:p2")])
    answer = await hub.ask("alice", prtb("project-owner", "bob"))
    denied(answer, 403, ". Bind a role that gives no more than you have, or ask")


async def test_a_refused_binding_in_a_cluster_or_everywhere_names_roles_too() -> None:
    hub = Hub([*KNOWN, crtb("reader", "alice"), global_role("small"), grb("small", "alice")])
    denied(await hub.ask("alice", crtb("admin-all", "bob")), 403, "have yourself, such as reader, or ask")
    denied(await hub.ask("alice", grb("boss", "bob")), 403, "GlobalRole boss gives", "such as small, or ask")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (prtb("project-ownr", "bob"), "name another, such as project-owner, project-member, or create it first"),
        (prtb("own-rol", "bob"), "name another, such as own-role, odd-role, or create it first"),
        (prtb("xyz", "bob"), "name another, such as project-member, project-owner, or create it first"),
        (crtb("xyz", "bob"), "nobody can say what it gives; name another, or create it first"),
        (grb("smal", "bob"), "name another, such as small, or create it first"),
    ],
)
async def test_a_role_that_does_not_exist_may_be_a_slip_of_the_pen(written: Object, says: str) -> None:
    hub = Hub([*TOLD, *HELD, global_role("small")])
    denied(await hub.ask("alice", written), 403, "does not exist", says)


async def test_where_a_role_builds_on_what_is_not_there_it_is_not_named_itself() -> None:
    built = template("project-owner", context="project", roleTemplateNames=["gone"])
    hub = Hub([built, TOLD[1], prtb("project-owner", "carol")])
    denied(await hub.ask("alice", prtb("project-owner", "bob")), 403, "RoleTemplate gone", "such as project-member, or")


async def test_a_role_for_another_place_is_refused_with_how_it_is_bound_and_what_would_do() -> None:
    hub = Hub([*TOLD, *HELD])
    says = "is bound in a whole cluster, by a ClusterRoleTemplateBinding"
    denied(await hub.ask("alice", prtb("reader", "bob")), 422, says, "context project, such as project-member")
