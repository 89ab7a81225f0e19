"""Where bindings lie, built-in roles, Users and themselves, and labels on RBAC objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from drover.rules.rbac.catalogue import GLOBAL_ROLES, ROLE_TEMPLATES
from tests.cluster.admission.apiserver import Apiserver
from tests.cluster.admission.objects import (
    cluster_binding_object,
    global_role_binding_object,
    global_role_object,
    project_binding_object,
    role_template_object,
    user_object,
)
from tests.cluster.admission.users import DROVER, OWNED, grant, refused, until, until_allowed
from tests.unit.api.tables import (
    cluster_bindings,
    global_role_bindings,
    global_roles,
    project_bindings,
    role_templates,
    users,
)

MANAGER = "manager"
"""May do everything with users, roles and bindings, and nothing else."""
_KINDS = (
    *("users", "globalroles", "globalrolebindings", "roletemplates"),
    *("clusterroletemplatebindings", "projectroletemplatebindings"),
)
_PROVIDER = "github_user://"
_GROUP = "rbac.authorization.k8s.io"
_GARBAGE_COLLECTOR = "system:serviceaccount:kube-system:generic-garbage-collector"


@pytest.fixture(scope="module", autouse=True)
def manager(api: Apiserver) -> None:
    """The rights of the manager."""
    grant(api, "manager", [{"apiGroups": ["management.cattle.io"], "resources": list(_KINDS), "verbs": ["*"]}], MANAGER)
    grant(api, "collector", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}], _GARBAGE_COLLECTOR)
    until_allowed(api, role_template_object("rights", {}), MANAGER)


# --- Places -----------------------------------------------------------------------------------------------------------
def test_check_2_a_cluster_binding_lies_in_the_namespace_of_its_cluster(api: Apiserver) -> None:
    away = cluster_binding_object("away", cluster_bindings.GOOD | {"clusterName": "elsewhere"})
    refused(api.create(away, dry_run=True), "clusterName: elsewhere is not the namespace of this binding, c-table", 422)
    assert api.create(cluster_binding_object("here", cluster_bindings.GOOD), dry_run=True).ok


@pytest.mark.parametrize("namespace", ["c-table", "fleet-default"])
def test_a_project_binding_lies_in_the_backing_namespace_of_its_project(api: Apiserver, namespace: str) -> None:
    away = project_binding_object("away", project_bindings.GOOD, namespace=namespace)
    refused(api.create(away, dry_run=True), f"namespace {namespace} is not the backing namespace of project", 422)
    other = project_binding_object("away", project_bindings.GOOD | {"projectName": "c-table:p-other"})
    refused(api.create(other, dry_run=True), "is not the backing namespace of project c-table:p-other", 422)
    assert api.create(project_binding_object("here", project_bindings.GOOD), dry_run=True).ok


def test_a_binding_can_be_labelled_and_deleted(api: Apiserver, made: Any) -> None:
    binding = made(project_binding_object("plain", project_bindings.GOOD))
    assert api.merge(binding, {"metadata": {"labels": {"team": "a"}}}, user=MANAGER).ok
    assert api.delete(binding, user=MANAGER).ok


# --- Built-in roles ---------------------------------------------------------------------------------------------------
_BUILT_IN = [
    pytest.param(global_role_object, global_roles.GOOD, id="GlobalRole"),
    pytest.param(role_template_object, role_templates.GOOD, id="RoleTemplate"),
]


@pytest.fixture
def shipped(api: Apiserver) -> Iterator[Any]:
    """Makes a built-in role as Drover, and removes it."""
    objects: list[dict[str, Any]] = []

    def ship(obj: dict[str, Any]) -> dict[str, Any]:
        answer = api.create(obj, user=DROVER)
        assert answer.ok, answer.message
        objects.append(obj)
        return obj

    yield ship
    for obj in objects:
        api.delete(obj, user=DROVER, dry_run=False)


@pytest.mark.parametrize(("build", "fields"), _BUILT_IN)
@pytest.mark.parametrize("user", ["", MANAGER])
def test_nobody_but_drover_makes_a_built_in_role(
    api: Apiserver, made: Any, build: Any, fields: dict[str, Any], user: str
) -> None:
    role = build("mine", fields | {"builtin": True})
    refused(api.create(role, user=user, dry_run=True), "builtin: marks the roles that come with Drover; remove")
    plain = made(build("plain", fields))
    refused(api.merge(plain, {"builtin": True}, user=user), "builtin: marks the roles that come with Drover")
    assert api.merge(plain, {"displayName": "Other"}, user=user).ok
    assert api.delete(plain, user=user).ok
    assert api.create(role, user=DROVER, dry_run=True).ok


@pytest.mark.parametrize(("build", "fields"), _BUILT_IN)
@pytest.mark.parametrize("user", ["", MANAGER])
def test_check_18_a_built_in_role_is_changed_and_deleted_by_drover_only(
    api: Apiserver, shipped: Any, build: Any, fields: dict[str, Any], user: str
) -> None:
    role = shipped(build("shipped", fields | {"builtin": True}))
    refused(api.delete(role, user=user), "shipped is built in and may not be deleted; delete the bindings that give it")
    rules = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    refused(api.merge(role, {"rules": rules}, user=user), "its rules may not be changed; make a role of your own")
    refused(api.merge(role, {"rules": None}, user=user), "its rules may not be changed")
    refused(api.merge(role, {"description": "x"}, user=user), "its description may not be changed")
    refused(api.merge(role, {"builtin": None}, user=user), "its builtin may not be changed")
    refused(api.merge(role, {"builtin": False}, user=user), "its builtin may not be changed")
    assert api.merge(role, {"metadata": {"labels": {"team": "a"}}}, user=user).ok
    assert api.merge(role, {"rules": rules}, user=DROVER).ok
    assert api.delete(role, user=DROVER).ok
    assert api.delete(role, user=_GARBAGE_COLLECTOR).ok


@pytest.mark.parametrize(("build", "fields"), _BUILT_IN)
@pytest.mark.parametrize("user", ["", MANAGER])
def test_a_built_in_role_gets_no_owner_to_be_deleted_with(
    api: Apiserver, shipped: Any, made: Any, build: Any, fields: dict[str, Any], user: str
) -> None:
    role = shipped(build("shipped", fields | {"builtin": True}))
    refused(api.merge(role, OWNED, user=user), " shipped would be deleted with the object that is named")
    assert api.merge(made(build("plain", fields)), OWNED, user=user).ok
    for other in (DROVER, _GARBAGE_COLLECTOR):
        assert api.merge(role, OWNED, user=other).ok


@pytest.mark.parametrize("user", ["", MANAGER])
def test_nor_does_a_global_role_binding(api: Apiserver, made: Any, user: str) -> None:
    """It could be that of the last administrator."""
    told = "metadata.ownerReferences: globalrolebindings.management.cattle.io chiefs would be deleted with the object"
    new = global_role_binding_object("chiefs", global_role_bindings.GOOD, **OWNED["metadata"])
    refused(api.create(new, user=user, dry_run=True), told)
    assert api.create(new, user=DROVER, dry_run=True).ok
    binding = made(global_role_binding_object("chiefs", global_role_bindings.GOOD))
    refused(api.merge(binding, OWNED, user=user), told)
    assert api.merge(binding, {"metadata": {"labels": {"team": "a"}}}, user=user).ok
    assert api.delete(binding, user=user).ok
    for other in (DROVER, _GARBAGE_COLLECTOR):
        assert api.merge(binding, OWNED, user=other).ok


def test_defaults_and_locks_of_built_in_roles_are_for_who_may_edit_them(api: Apiserver, shipped: Any) -> None:
    template = shipped(role_template_object("shipped", role_templates.GOOD | {"builtin": True}))
    assert api.merge(template, {"locked": True, "clusterCreatorDefault": True}, user=MANAGER).ok
    refused(api.merge(template, {"locked": True, "hidden": True}, user=MANAGER), "its hidden may not be changed")
    refused(api.merge(template, {"roleTemplateNames": ["a"]}, user=MANAGER), "its roleTemplateNames may not be changed")
    role = shipped(global_role_object("shipped", global_roles.GOOD | {"builtin": True}))
    assert api.merge(role, {"newUserDefault": True}, user=MANAGER).ok


def test_an_export_of_a_built_in_role_is_no_change(api: Apiserver, shipped: Any) -> None:
    """Clients of Rancher's API write out what is false or empty."""
    template = shipped(role_template_object("shipped", role_templates.GOOD | {"builtin": True}))
    written = {"external": False, "hidden": False, "description": "", "roleTemplateNames": [], "administrative": False}
    assert api.replace(template | written, user=MANAGER).ok


@pytest.mark.parametrize(
    "role", [pytest.param(role, id=role["metadata"]["name"]) for role in (*GLOBAL_ROLES, *ROLE_TEMPLATES)]
)
def test_drover_makes_every_role_of_the_catalogue(api: Apiserver, role: dict[str, Any]) -> None:
    answer = api.create(dict(role), user=DROVER, dry_run=True)
    assert answer.ok, answer.message
    assert answer.body["builtin"]


@pytest.mark.parametrize("build", [global_role_object, role_template_object])
def test_a_role_may_have_2000_rules_with_many_names(api: Apiserver, build: Any) -> None:
    rule = {"apiGroups": [""], "resources": ["pods"], "resourceNames": [f"a-{n}" for n in range(20)], "verbs": ["get"]}
    answer = api.create(build("large", {"rules": [rule] * 2000}), dry_run=True)
    assert answer.ok, answer.message


# --- Users ------------------------------------------------------------------------------------------------------------
def test_a_user_neither_disables_nor_deletes_itself(api: Apiserver, made: Any) -> None:
    me = made(user_object(MANAGER, users.GOOD | {"username": "me"}))
    refused(api.delete(me, user=MANAGER), "you may not delete yourself; ask another administrator")
    refused(
        api.merge(me, OWNED, user=MANAGER), "you would be deleted with the object that is named, and may not delete"
    )
    assert api.merge(me, OWNED).ok
    refused(api.merge(me, {"enabled": False}, user=MANAGER), "enabled: you may not disable yourself")
    assert api.merge(me, {"enabled": None}, user=MANAGER).ok
    assert api.merge(me, {"displayName": "Me"}, user=MANAGER).ok
    assert api.merge(me, {"enabled": False}).ok
    assert api.delete(me).ok


def test_nor_by_one_of_its_identities(api: Apiserver, made: Any) -> None:
    made(user_object("u-me", {"username": "me", "principalIds": ["local://u-me", f"{_PROVIDER}{MANAGER}"]}))
    me, identity = user_object("u-me", {}), f"{_PROVIDER}{MANAGER}"
    grant(api, "identity", [{"apiGroups": ["management.cattle.io"], "resources": ["users"], "verbs": ["*"]}], identity)
    until_allowed(api, user_object("u-probe", {}), identity)
    refused(api.delete(me, user=identity), "you may not delete yourself")
    refused(api.merge(me, {"enabled": False}, user=identity), "you may not disable yourself")
    assert api.merge(me, {"enabled": False}, user=MANAGER).ok


def test_a_user_that_is_disabled_can_be_changed_and_does_not_enable_itself(api: Apiserver, made: Any) -> None:
    """It may have rights that do not come from Drover, or by a group."""
    me = made(user_object(MANAGER, users.GOOD | {"username": "me", "enabled": False}))
    assert api.merge(me, {"displayName": "Me"}, user=MANAGER).ok
    refused(api.merge(me, {"enabled": True}, user=MANAGER), "nor enable yourself again")
    refused(api.merge(me, {"enabled": None}, user=MANAGER), "nor enable yourself again")
    assert api.merge(me, {"enabled": True}).ok


def test_identities_are_changed_by_who_may_act_as_the_user(api: Apiserver, made: Any) -> None:
    other = made(user_object("u-other", users.GOOD))
    mine: dict[str, Any] = {"principalIds": [*users.GOOD["principalIds"], "github_user://666"]}
    refused(api.merge(other, mine, user=MANAGER), "only who may impersonate that user may set them")
    refused(api.merge(other, {"principalIds": None}, user=MANAGER), "principalIds: whoever has one of these")
    assert api.merge(other, mine).ok
    assert api.merge(other, mine, user=DROVER).ok


def test_a_new_user_that_bindings_may_name_already_gets_identities_from_who_may_act_as_it(api: Apiserver) -> None:
    new = user_object("u-new", {"principalIds": ["local://u-new", "github_user://666"]})
    refused(api.create(new, user=MANAGER, dry_run=True), "only who may impersonate that user may set them")
    assert api.create(new, dry_run=True).ok
    assert api.create(new, user=DROVER, dry_run=True).ok
    asked: tuple[dict[str, Any], ...] = ({}, {"principalIds": []}, {"principalIds": ["local://u-new"]})
    for fields in asked:
        answer = api.create(user_object("u-new", fields), user=MANAGER, dry_run=True)
        assert answer.ok, answer.message


def test_an_identity_is_added_by_who_may_act_as_it_too(api: Apiserver, made: Any) -> None:
    """An administrator may be bound by an identity that no User has yet, and who gets it has the same rights."""
    acts, chief, new = "acts", f"{_PROVIDER}1", f"{_PROVIDER}2"
    writes = {"apiGroups": ["management.cattle.io"], "resources": ["users"], "verbs": ["*"]}
    may = {"apiGroups": [""], "resources": ["users"], "resourceNames": ["helper", new], "verbs": ["impersonate"]}
    grant(api, "acts", [writes, may], acts)
    helper = made(user_object("helper", {"principalIds": ["local://helper", f"{_PROVIDER}0"]}))
    kept = ["local://helper", f"{_PROVIDER}0"]
    until(lambda: api.merge(helper, {"principalIds": [chief]}, user=acts), "would have the rights of")
    told = f"user helper would have the rights of {chief}, and only who may impersonate that identity may add it"
    for identities in ([chief], [*kept, chief], [chief, *kept]):
        refused(api.merge(helper, {"principalIds": identities}, user=acts), told)
    refused(api.create(user_object("helper", {"principalIds": [chief]}), user=acts, dry_run=True), told)
    refused(api.merge(helper, {"principalIds": ["local://chief"]}, user=acts), "would have the rights of local://chief")
    refused(api.merge(helper, {"principalIds": [new, chief]}, user=acts), "may add several at once; add one at a time")
    allowed: tuple[list[str], ...] = ([*kept, new], [new], ["local://helper"], kept[::-1], [])
    for identities in allowed:
        answer = api.merge(helper, {"principalIds": identities}, user=acts)
        assert answer.ok, answer.message
    assert api.create(user_object("helper", {"principalIds": [new]}), user=acts, dry_run=True).status == 409
    assert api.merge(helper, {"principalIds": [chief]}, user=DROVER).ok


def test_64_identities_of_full_length_are_within_the_budget(api: Apiserver, made: Any) -> None:
    first, second = ([f"{_PROVIDER}{mark}{number}".ljust(1024, "x") for number in range(64)] for mark in "ab")
    many = made(user_object("u-many", {"principalIds": first}))
    assert api.merge(many, {"principalIds": second}).ok
    refused(api.merge(many, {"principalIds": second}, user=MANAGER), "only who may impersonate")


# --- Labels on RBAC objects -------------------------------------------------------------------------------------------
_LABELS = (
    "management.cattle.io/aggregates",
    "authz.cluster.cattle.io/clusterrole-owner",
    "authz.management.cattle.io/gr-owner",
    "authz.management.cattle.io/grb-owner",
)
ROLE_EDITOR = "role-editor"
"""May write RBAC objects, and give no rights that it has not."""
_CONTROLLER = "system:serviceaccount:kube-system:some-controller"
"""The same, as a part of the cluster."""


def _rbac(kind: str, name: str, **metadata: Any) -> dict[str, Any]:
    if kind in ("Role", "RoleBinding"):
        metadata = {"namespace": "c-table", **metadata}
    obj: dict[str, Any] = {"apiVersion": f"{_GROUP}/v1", "kind": kind, "metadata": {"name": name, **metadata}}
    if kind in ("Role", "ClusterRole"):
        return obj | {"rules": []}
    referred = {"apiGroup": _GROUP, "kind": kind.removesuffix("Binding"), "name": "nothing"}
    return obj | {"roleRef": referred, "subjects": []}


@pytest.fixture(scope="module")
def role_editor(api: Apiserver) -> str:
    """Somebody who edits roles."""
    resources = ["clusterroles", "clusterrolebindings", "roles", "rolebindings"]
    rules = [{"apiGroups": [_GROUP], "resources": resources, "verbs": ["get", "create", "update", "patch", "delete"]}]
    grant(api, "role-editor", rules, ROLE_EDITOR)
    grant(api, "controller", rules, _CONTROLLER)
    for kind in ("ClusterRole", "Role"):
        assert api.apply(_rbac(kind, "nothing")).ok
    until_allowed(api, _rbac("ClusterRole", "probe"), ROLE_EDITOR)
    return ROLE_EDITOR


@pytest.mark.parametrize("label", _LABELS)
@pytest.mark.parametrize("kind", ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"])
def test_labels_that_give_rights_are_set_by_who_may_escalate(
    api: Apiserver, made: Any, role_editor: str, kind: str, label: str
) -> None:
    marked = {"labels": {label: "project-member"}}
    answer = api.create(_rbac(kind, "marked", **marked), user=role_editor, dry_run=True)
    refused(answer, f"metadata.labels: {label} decides who has the rights of a role, and user role-editor may not")
    plain = made(_rbac(kind, "plain"))
    refused(api.merge(plain, {"metadata": marked}, user=role_editor), "may not escalate on clusterroles")
    assert api.merge(plain, {"metadata": {"labels": {"team": "a"}}}, user=role_editor).ok
    assert api.merge(plain, {"metadata": marked}).ok
    owned = made(_rbac(kind, "owned", **marked))
    refused(api.merge(owned, {"metadata": {"labels": {label: "other"}}}, user=role_editor), "leave it as it is")
    refused(api.merge(owned, {"metadata": {"labels": None}}, user=role_editor), "leave it as it is")
    assert api.merge(owned, {"metadata": {"labels": {"team": "a"}}}, user=role_editor).ok
    assert api.delete(owned, user=role_editor).ok


def test_labelling_a_strong_role_is_no_way_to_its_rights(api: Apiserver, role_editor: str) -> None:
    """`cluster-admin` in the aggregation of a role that the editor has would make the editor an administrator.
    Kubernetes refuses it before the policy does: it asks for the rules on every update of a role."""
    strong = _rbac("ClusterRole", "cluster-admin")
    marked = {"metadata": {"labels": {"management.cattle.io/aggregates": "project-member"}}}
    assert api.merge(strong, marked, user=role_editor).status == 403
    assert api.merge(strong, marked).ok


def test_the_cluster_itself_passes(api: Apiserver, role_editor: str) -> None:
    marked = _rbac("ClusterRole", "marked", labels={"management.cattle.io/aggregates": "a"})
    until_allowed(api, marked, _CONTROLLER)
