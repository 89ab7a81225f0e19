"""What each kind of role and binding is compiled to."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.rules.rbac import world
from tests.unit.rules.rbac.evaluator import Server

from drover.kube.gvr import Object
from drover.rules.rbac.compiling import compile_unit, desired
from drover.rules.rbac.model import Request
from drover.rules.rbac.snapshot import Snapshot
from drover.rules.rbac.units import Compiled, Unit

PODS = world.policy_rule("get", "", "pods")
OWN_PROJECTS = world.policy_rule("own", world.MANAGEMENT, "projects")
OWN_CLUSTERS = world.policy_rule("own", world.MANAGEMENT, "clusters")
CREATES = world.policy_rule("create", "", "namespaces")
EVERYTHING = (world.policy_rule("*", "*", "*"), world.url_rule("*", "*"))
BASE = (
    world.cluster("local"),
    world.cluster("c1"),
    world.cluster("c2"),
    world.project("c1", "p1"),
    world.user("u-a", "gh://1"),
)


def named(objects: list[Object], **more: Any) -> dict[tuple[str, str, str], Compiled]:
    return {
        (unit.kind, unit.cluster, unit.name): each
        for unit, each in desired(Snapshot([*BASE, *objects], **more)).items()
    }


def names(compiled: Compiled) -> list[str]:
    return [f"{obj['kind']} {obj['metadata']['name']}" for obj in (*compiled.objects, *compiled.in_namespaces)]


def find(compiled: Compiled, kind: str, name: str) -> Object:
    objects = (*compiled.objects, *compiled.in_namespaces)
    return next(obj for obj in objects if (obj["kind"], obj["metadata"]["name"]) == (kind, name))


def people(obj: Object) -> list[str]:
    return [subject["name"] for subject in obj["subjects"]]


def selected(obj: Object) -> list[str]:
    return [
        each["matchLabels"]["management.cattle.io/aggregates"]
        for each in obj["aggregationRule"]["clusterRoleSelectors"]
    ]


def test_nothing_is_compiled_where_nothing_is_bound() -> None:
    roles = [world.role_template("dev", "project", PODS), world.global_role("user", PODS)]
    assert named(roles) == {}


def test_a_cluster_role_is_bound_in_the_cluster_and_makes_a_member_in_the_hub() -> None:
    found = named([world.role_template("ops", "cluster", PODS), world.in_cluster("b", "c1", "ops", userName="u-a")])
    role = found["role", "c1", "ops"]
    assert names(role) == ["ClusterRole ops", "ClusterRole ops-aggregator", "ClusterRoleBinding rt-ops"]
    assert people(find(role, "ClusterRoleBinding", "rt-ops")) == ["gh://1", "u-a"]
    assert find(role, "ClusterRoleBinding", "rt-ops")["roleRef"]["name"] == "ops-aggregator"
    assert find(role, "ClusterRole", "ops")["metadata"]["labels"] == {
        "management.cattle.io/aggregates": "ops",
        "authz.cluster.cattle.io/clusterrole-owner": "ops",
        "management.cattle.io/roletemplate-aggregation": "true",
    }
    members = found["cluster-members", "local", "c1"]
    assert names(members) == ["ClusterRole c1-clustermember", "ClusterRoleBinding c1-clustermember"]
    assert set(found) == {("role", "c1", "ops"), ("cluster-members", "local", "c1")}


def test_all_who_have_a_role_in_a_place_are_in_one_binding() -> None:
    bindings = [world.in_cluster(f"b{n}", "c1", "ops", groupName=f"g{n}") for n in range(3)]
    found = named([world.role_template("ops", "cluster", PODS), *bindings])
    assert people(find(found["role", "c1", "ops"], "ClusterRoleBinding", "rt-ops")) == ["g0", "g1", "g2"]


def test_a_project_role_is_bound_in_each_namespace_with_its_namespace() -> None:
    found = named([world.role_template("dev", "project", PODS), world.in_project("b", "c1:p1", "dev", groupName="g")])
    project = found["project", "c1", "p1"]
    assert project.project == "c1:p1"
    assert names(project) == ["RoleBinding rt-dev"]
    assert project.in_namespaces[0]["roleRef"]["name"] == "dev:project"
    role = found["role", "c1", "dev"]
    assert names(role) == ["ClusterRole dev", "ClusterRole dev:namespaces", "ClusterRole dev:project"]
    assert find(role, "ClusterRole", "dev:namespaces")["rules"] == [world.policy_rule("get", "", "namespaces")]
    assert selected(find(role, "ClusterRole", "dev:project")) == ["dev", "dev_namespaces"]
    assert names(found["project-members", "local", "c1:p1"]) == [
        "Role p1-projectmember",
        "RoleBinding p1-projectmember",
    ]
    assert names(found["cluster-members", "local", "c1"])[0] == "ClusterRole c1-clustermember"


def test_a_role_that_creates_namespaces_edits_those_of_its_project() -> None:
    dev = world.role_template("dev", "project", CREATES)
    found = named([dev, world.in_project("b", "c1:p1", "dev", groupName="g")])
    project = found["project", "c1", "p1"]
    assert names(project) == [
        "ClusterRole p1-namespaces-edit",
        "ClusterRoleBinding p1-namespaces-edit",
        "RoleBinding rt-dev",
    ]
    assert find(project, "ClusterRole", "p1-namespaces-edit")["rules"] == [
        world.policy_rule("manage-namespaces", world.MANAGEMENT, "projects", "p1")
    ]
    role = found["role", "c1", "dev"]
    assert find(role, "ClusterRole", "dev-promoted")["rules"] == [CREATES]
    assert people(find(role, "ClusterRoleBinding", "rt-dev-promoted")) == ["g"]


def test_own_makes_owners_and_a_star_does_not() -> None:
    roles = [
        world.role_template("lead", "project", OWN_PROJECTS, OWN_CLUSTERS),
        world.role_template("star", "project", world.policy_rule("*", "*", "*")),
        world.role_template("boss", "cluster", OWN_CLUSTERS),
    ]
    bindings = [
        world.in_project("a", "c1:p1", "lead", groupName="leads"),
        world.in_project("b", "c1:p1", "star", groupName="stars"),
        world.in_cluster("c", "c1", "boss", groupName="bosses"),
    ]
    found = named([*roles, *bindings])
    project, cluster = found["project-members", "local", "c1:p1"], found["cluster-members", "local", "c1"]
    assert people(find(project, "RoleBinding", "p1-projectowner")) == ["leads"]
    assert people(find(project, "RoleBinding", "p1-projectmember")) == ["stars"]
    assert people(find(cluster, "ClusterRoleBinding", "c1-clusterowner")) == ["bosses"]
    assert people(find(cluster, "ClusterRoleBinding", "c1-clustermember")) == ["leads", "stars"]


def test_a_project_role_about_everything_promotes_nothing() -> None:
    star = world.role_template("star", "project", world.policy_rule("*", "*", "*"))
    found = named([star, world.in_project("b", "c1:p1", "star", groupName="g")])
    assert names(found["role", "c1", "star"]) == ["ClusterRole star", "ClusterRole star-aggregator"]
    assert names(found["project", "c1", "p1"]) == ["RoleBinding rt-star"]


@pytest.mark.parametrize(
    ("rule", "promoted"),
    [
        (world.policy_rule("get", "", "nodes pods"), [world.policy_rule("get", "", "nodes")]),
        (world.policy_rule("*", "*", "nodes"), [world.policy_rule("*", "", "nodes")]),
        (world.policy_rule("get", "", "nodes", "n1"), [world.policy_rule("get", "", "nodes", "n1")]),
        (
            world.policy_rule("*", world.MANAGEMENT, "clusters"),
            [world.policy_rule("get", world.MANAGEMENT, "clusters", "local")],
        ),
        (world.policy_rule("get", world.MANAGEMENT, "clusters", "c1"), []),
        (world.policy_rule("delete", world.MANAGEMENT, "clusters"), []),
        (world.policy_rule("*", "", "namespaces"), [CREATES]),
        (world.policy_rule("get", "apps", "nodes"), []),
        (world.policy_rule("get", "", "*"), []),
    ],
)
def test_promoted_rules(rule: dict[str, Any], promoted: list[dict[str, Any]]) -> None:
    dev = world.role_template("dev", "project", rule)
    found = named([dev, world.in_project("b", "c1:p1", "dev", groupName="g")])["role", "c1", "dev"]
    made = [obj["rules"] for obj in found.objects if obj["metadata"]["name"] == "dev-promoted"]
    assert made == ([promoted] if promoted else [])


def test_an_heir_adds_up_its_whole_closure_at_once_diamonds_cycles_and_missing_parents_included() -> None:
    roles = [
        world.role_template("top", "cluster", PODS, inherits="left right"),
        world.role_template("left", "", inherits="base gone"),
        world.role_template("right", "", inherits="base top"),
        world.role_template("base", "project", world.policy_rule("get", "", "secrets")),
    ]
    found = named([*roles, world.in_cluster("b", "c1", "top", groupName="g")])
    assert selected(find(found["role", "c1", "top"], "ClusterRole", "top-aggregator")) == [
        "base",
        "left",
        "right",
        "top",
    ]
    assert names(found["role", "c1", "base"]) == ["ClusterRole base"]
    assert ("role", "c1", "gone") not in found
    assert ("role", "c2", "base") not in found


def test_a_cluster_role_that_inherits_a_project_role_gets_none_of_its_namespace_rights() -> None:
    roles = [world.role_template("dev", "project", CREATES), world.role_template("ops", "cluster", inherits="dev")]
    snapshot = Snapshot([*BASE, *roles, world.in_cluster("b", "c1", "ops", groupName="g")])
    server = Server("c1", {"n1": "c1:p1"})
    server.fill(desired(snapshot))
    assert server.allows("x", ["g"], Request("create", "", "namespaces"))
    assert not server.allows("x", ["g"], Request("delete", "", "namespaces", "", "n1", "n1"))
    assert not server.allows("x", ["g"], Request("manage-namespaces", world.MANAGEMENT, "projects", "", "p1"))


def test_a_binding_of_an_external_role_is_to_its_cluster_role_itself() -> None:
    objects = [world.external("view", "project"), world.in_project("b", "c1:p1", "view", groupName="g")]
    found = named(objects)
    assert found["project", "c1", "p1"].in_namespaces[0]["roleRef"]["name"] == "view"
    assert ("role", "c1", "view") not in found


def test_an_external_parent_is_marked_where_an_heir_is_bound() -> None:
    roles = [world.external("admin", "project"), world.role_template("dev", "project", inherits="admin")]
    found = named([*roles, world.in_project("b", "c1:p1", "dev", groupName="g")])
    assert found["role", "c1", "dev"].external == {"admin": {"management.cattle.io/aggregates": "admin"}}
    assert selected(find(found["role", "c1", "dev"], "ClusterRole", "dev-aggregator")) == ["admin", "dev"]


@pytest.mark.parametrize("name", ["dev-aggregator", "cattle-globalrole-admin", "c1-clusterowner", "p1-namespaces-edit"])
def test_an_external_role_never_gives_a_cluster_role_that_is_compiled_here(name: str) -> None:
    steals = [world.external(name, "cluster", PODS), world.in_cluster("b", "c1", name, groupName="g")]
    heirs = [world.role_template("x", "cluster", inherits=name), world.in_cluster("c", "c1", "x", groupName="g")]
    found = named([*steals, *heirs])
    assert ("role", "c1", name) not in found
    assert selected(find(found["role", "c1", "x"], "ClusterRole", "x-aggregator")) == ["x"]


@pytest.mark.parametrize("name", ["dev-aggregator", "admin", "cattle-globalrole-admin"])
def test_a_role_with_the_name_of_another_s_object_gives_its_own_rules_only(name: str) -> None:
    roles = [
        world.role_template("dev", "project", world.policy_rule("*", "", "secrets")),
        world.role_template(name, "project", PODS),
        world.global_role("admin", *EVERYTHING),
    ]
    bindings = [
        world.in_project("a", "c1:p1", "dev", groupName="strong"),
        world.in_project("b", "c1:p1", name, groupName="weak"),
        world.everyone("c", "admin", groupPrincipalName="admins"),
    ]
    server = Server("c1", {"n1": "c1:p1"})
    server.fill(desired(Snapshot([*BASE, *roles, *bindings])))
    assert server.allows("x", ["weak"], Request("get", "", "pods", namespace="n1"))
    assert not server.allows("x", ["weak"], Request("get", "", "secrets", namespace="n1"))


@pytest.mark.parametrize(
    "binding",
    [
        world.in_project("b", "c1:p1", "ops", groupName="g"),
        world.in_cluster("b", "c1", "dev", groupName="g"),
        world.in_cluster("b", "c1", "gone", groupName="g"),
        world.in_project("b", "c1:p1", "dev", groupName="g", namespace="c2-p9"),
        world.in_project("b", "c1:p1", "dev", userName="u-gone"),
        world.in_project("b", "c1:gone", "dev", groupName="g"),
        world.in_cluster("b", "c9", "ops", groupName="g"),
    ],
)
def test_a_binding_of_a_wrong_context_role_place_or_subject_gives_nobody_anything(binding: Object) -> None:
    roles = [world.role_template("dev", "project", PODS), world.role_template("ops", "cluster", PODS)]
    for compiled in named([*roles, binding]).values():
        assert not [obj for obj in (*compiled.objects, *compiled.in_namespaces) if "subjects" in obj]


def test_cluster_roles_manage_what_is_in_the_hub_s_namespaces_of_the_cluster_and_its_projects() -> None:
    boss = world.role_template("boss", "cluster", world.policy_rule("*", "*", "*"))
    found = named([boss, world.in_cluster("b", "c1", "boss", groupName="g")])
    assert "RoleBinding rt-boss-cluster-mgmt" in names(found["cluster-members", "local", "c1"])
    managers = found["project-managers", "local", "c1:p1"]
    assert names(managers) == ["RoleBinding rt-boss-project-mgmt"]
    assert managers.objects[0]["metadata"]["namespace"] == "c1-p1"
    assert names(found["management", "local", "boss"]) == [
        f"ClusterRole boss-{part}"
        for part in ("cluster-mgmt", "cluster-mgmt-aggregator", "project-mgmt", "project-mgmt-aggregator")
    ]


def test_a_global_role_has_a_role_and_a_binding_for_each_global_role_binding_in_the_hub() -> None:
    role = world.global_role("user", PODS, namespacedRules={"fleet-default": [PODS]})
    found = named(
        [role, world.everyone("a", "user", userName="u-a"), world.everyone("b", "user", groupPrincipalName="g")]
    )
    assert names(found["global", "local", "user"]) == [
        "ClusterRole cattle-globalrole-user",
        "ClusterRoleBinding cattle-globalrolebinding-a",
        "ClusterRoleBinding cattle-globalrolebinding-b",
        "Role user-fleet-default",
        "RoleBinding user-fleet-default",
    ]
    assert set(found) == {("global", "local", "user")}


def test_a_global_role_reaches_every_cluster_but_the_hub() -> None:
    roles = [
        world.role_template("ops", "cluster", PODS),
        world.global_role("all", inheritedClusterRoles=["ops"], inheritedNamespacedRules={"n": [PODS]}),
    ]
    found = named([*roles, world.everyone("a", "all", groupPrincipalName="g")])
    assert {key[1] for key in found if key[0] == "role"} == {"c1", "c2"}
    assert names(found["global", "c1", "all"]) == ["Role all-n", "RoleBinding all-n"]
    assert names(found["cluster-members", "local", "c2"])[0] == "ClusterRole c2-clustermember"


@pytest.mark.parametrize(
    ("name", "rules", "administers"),
    [
        ("root", EVERYTHING, True),
        ("admin", EVERYTHING, True),
        ("admin", [PODS], False),
        ("root", EVERYTHING[:1], False),
    ],
)
def test_who_may_do_everything_in_the_hub_administers_each_cluster_whatever_the_role_is_called(
    name: str, rules: list[dict[str, Any]], administers: bool
) -> None:
    found = named([world.global_role(name, *rules), world.everyone("a", name, groupPrincipalName="g")])
    assert (("global", "c1", name) in found) == administers
    if administers:
        binding = find(found["global", "c1", name], "ClusterRoleBinding", f"globaladmin-{name}")
        assert binding["roleRef"]["name"] == "cluster-admin"


def test_without_workspaces_there_is_no_rule_about_all_workspaces() -> None:
    role = world.global_role(
        "fleet", inheritedFleetWorkspacePermissions={"workspaceVerbs": ["*"], "resourceRules": [PODS]}
    )
    binding = world.everyone("a", "fleet", groupPrincipalName="g")
    assert named([role, binding, world.workspace("fleet-local")]) == {}
    found = named([role, binding, world.workspace("fleet-local"), world.workspace("ws")])["global", "local", "fleet"]
    assert names(found) == [
        "ClusterRole fleet-fwcr",
        "RoleBinding fleet-fwcr",
        "ClusterRole fleet-fwv",
        "ClusterRoleBinding fleet-fwv",
    ]
    assert find(found, "ClusterRole", "fleet-fwv")["rules"][0]["resourceNames"] == ["ws"]


def test_a_cluster_that_is_being_deleted_holds_nothing_and_its_owners_still_see_it() -> None:
    going = world.cluster("c1")
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    objects = [world.role_template("boss", "cluster", OWN_CLUSTERS), world.in_cluster("b", "c1", "boss", groupName="g")]
    snapshot = Snapshot([*BASE, *objects, going])
    assert compile_unit(Unit("role", "c1", "boss"), snapshot).objects == ()
    assert "ClusterRole c1-clusterowner" in names(compile_unit(Unit("cluster-members", "local", "c1"), snapshot))


def test_each_subject_has_a_binding_with_the_name_that_follows_from_it_where_that_is_asked_for() -> None:
    objects = [world.role_template("ops", "cluster", PODS), world.in_cluster("b", "c1", "ops", userName="u-a")]
    bindings = [obj for obj in named(objects, per_subject=True)["role", "c1", "ops"].objects if "subjects" in obj]
    assert [people(obj) for obj in bindings] == [["gh://1"], ["u-a"]]
    assert all(obj["metadata"]["name"].startswith("crb-") and len(obj["metadata"]["name"]) == 14 for obj in bindings)


def labels_by_subject(compiled: Compiled) -> dict[str, set[str]]:
    """The labels of upstream that name bindings."""
    found = [obj for obj in (*compiled.objects, *compiled.in_namespaces) if "subjects" in obj]
    owner = "authz.cluster.cattle.io/"
    return {
        people(obj)[0]: {key.removeprefix(owner) for key in obj["metadata"].get("labels", {}) if owner in key}
        for obj in found
    }


def test_a_binding_of_one_subject_says_for_which_bindings_it_was_made() -> None:
    role = world.role_template("ops", "cluster", PODS, inherits="crew")
    crew = world.role_template("crew", "project", PODS, world.policy_rule("get", "", "nodes"))
    objects = [
        role,
        crew,
        world.project("c1", "q"),
        world.in_cluster("a", "c1", "ops", groupName="g"),
        world.in_cluster("a-too", "c1", "ops", groupPrincipalName="g"),
        world.in_cluster("b", "c1", "ops", userName="u-a"),
        world.in_project("p", "c1:p1", "crew", groupName="g"),
        world.in_project("q", "c1:q", "crew", groupName="g"),
    ]
    found = named(objects, per_subject=True)
    assert labels_by_subject(found["role", "c1", "ops"]) == {
        "g": {"crtb-owner-a", "crtb-owner-a-too"},
        "gh://1": {"crtb-owner-b"},
        "u-a": {"crtb-owner-b"},
    }
    assert labels_by_subject(found["role", "c1", "crew"]) == {"g": {"prtb-owner-p", "prtb-owner-q"}}
    assert labels_by_subject(found["project", "c1", "p1"]) == {"g": {"prtb-owner-p"}}
    assert all(not labels for each in named(objects).values() for labels in labels_by_subject(each).values())


def test_what_adds_up_starts_with_the_rules_that_it_will_come_to() -> None:
    roles = [world.role_template("ops", "cluster", PODS, inherits="base"), world.role_template("base", "", CREATES)]
    found = named([*roles, world.in_cluster("b", "c1", "ops", groupName="g")])
    assert find(found["role", "c1", "ops"], "ClusterRole", "ops-aggregator")["rules"] == [PODS, CREATES]


def test_a_role_that_gives_nothing_with_all_it_inherits_has_one_rule_about_nothing() -> None:
    """Of no rules, kube-controller-manager adds up none, and those that were there before would stay in force."""
    about_nothing = [{"verbs": ["none"], "apiGroups": ["drover.dev"], "resources": ["nothing"]}]
    bound = world.in_cluster("b", "c1", "heir", userName="u-a")
    heir = world.role_template("heir", "cluster", inherits="base")
    empty = named([world.role_template("base", "cluster"), heir, bound])
    for name in ("base", "heir"):
        assert find(empty["role", "c1", name], "ClusterRole", name)["rules"] == about_nothing
    assert find(empty["role", "c1", "heir"], "ClusterRole", "heir-aggregator")["rules"] == about_nothing
    filled = named([world.role_template("base", "cluster", PODS), heir, bound])
    assert find(filled["role", "c1", "heir"], "ClusterRole", "heir")["rules"] == []
