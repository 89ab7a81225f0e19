"""The apiserver refuses bad objects, names the field and tells the way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from drover.api.quantities import amount
from tests.cluster.admission.apiserver import Apiserver
from tests.cluster.admission.objects import (
    cloud_credential_object,
    cluster_binding_object,
    cluster_object,
    feature_object,
    global_role_binding_object,
    global_role_object,
    kontainer_driver_object,
    node_driver_object,
    node_pool_object,
    node_template_object,
    preference_object,
    project_binding_object,
    project_object,
    provisioning_object,
    role_template_object,
    setting_object,
    template_object,
    user_attribute_object,
    user_object,
    workload_object,
    workspace_object,
)
from tests.unit.api.tables import (
    cloud_credentials,
    cluster_bindings,
    clusters,
    features,
    fleet_workspaces,
    global_role_bindings,
    global_roles,
    kontainer_drivers,
    node_drivers,
    node_pools,
    node_templates,
    pod_security_templates,
    preferences,
    project_bindings,
    projects,
    provisioning_clusters,
    role_templates,
    settings,
    user_attributes,
    users,
    workloads,
)
from tests.unit.api.tables.bad import Bad, Change

Build = Callable[[str, dict[str, Any]], dict[str, Any]]

_TABLES: tuple[tuple[Build, Any], ...] = (
    (cluster_object, clusters),
    (project_object, projects),
    (provisioning_object, provisioning_clusters),
    (workload_object, workloads),
    (setting_object, settings),
    (feature_object, features),
    (preference_object, preferences),
    (cloud_credential_object, cloud_credentials),
    (node_driver_object, node_drivers),
    (node_template_object, node_templates),
    (node_pool_object, node_pools),
    (kontainer_driver_object, kontainer_drivers),
    (template_object, pod_security_templates),
    (workspace_object, fleet_workspaces),
    (user_object, users),
    (user_attribute_object, user_attributes),
    (global_role_object, global_roles),
    (global_role_binding_object, global_role_bindings),
    (role_template_object, role_templates),
    (cluster_binding_object, cluster_bindings),
    (project_binding_object, project_bindings),
)

QUANTITIES = (
    *("0", "-0", "-1", "+1", "10", "1Ki", "1ki", "1K", "1k", "1n", "1u", "1.5m", "1E", "1Ei", "1E3", "1e", "1e-3"),
    *("1e309", ".5", "5.", ".", "-.", ".m", "m", "+", "-", "1.2.3", "0x1", "1m1", "1,5", "1_0", "--1", "inf", "NaN"),
    *("9223372036854775808", "1 ", " 1", ""),
)


def _cases(rows: str) -> list[Any]:
    return [
        pytest.param(build, row, id=f"{table.__name__.rpartition('.')[2]}: {row}")
        for build, table in _TABLES
        for row in getattr(table, rows)
    ]


@pytest.mark.parametrize(("build", "bad"), _cases("BAD"))
def test_it_is_refused_with_the_field_and_the_way_out(api: Apiserver, build: Build, bad: Bad) -> None:
    answer = api.create(build(bad.name or "bad", dict(bad.spec)), dry_run=True)
    assert answer.status in {400, 422}, answer
    causes = [message for field, message in answer.causes if _plain(field) == _plain(bad.path)]
    assert causes, answer.message
    assert any(bad.remedy in message for message in causes), causes


@pytest.mark.parametrize(("build", "change"), _cases("CHANGES"))
def test_a_change_is_refused_with_the_field_and_the_way_out(api: Apiserver, build: Build, change: Change) -> None:
    before = build("changing", dict(change.before))
    made = api.create(before)
    assert made.ok, made.message
    try:
        answer = api.replace(build("changing", dict(change.after)))
        assert answer.status == 422, answer
        causes = dict(answer.causes)
        assert change.path in causes, answer.message
        assert change.remedy in causes[change.path]
        again = api.replace(before)
        assert again.ok, again.message
    finally:
        api.delete(before, dry_run=False)


@pytest.mark.parametrize(
    ("build", "spec", "path"),
    [
        pytest.param(project_object, projects.GOOD | {"displayname": "x"}, "spec.displayname", id="Project"),
        pytest.param(setting_object, {"spec": {"value": "a"}}, "spec", id="Setting"),
        pytest.param(feature_object, {"valeu": True}, "spec.valeu", id="Feature"),
        pytest.param(provisioning_object, {"rkeconfig": {}}, "spec.rkeconfig", id="provisioning Cluster"),
        pytest.param(
            workload_object, workloads.of(workloads.container(comand=["a"])), "spec.containers[0].comand", id="Workload"
        ),
        pytest.param(
            template_object,
            pod_security_templates.defaults(enforced="x"),
            "configuration.defaults.enforced",
            id="template",
        ),
        pytest.param(user_object, users.GOOD | {"userName": "ada"}, "userName", id="User"),
        pytest.param(
            role_template_object, {"rules": [{"verbs": ["get"], "apigroups": [""]}]}, "rules[0].apigroups", id="role"
        ),
    ],
)
def test_an_unknown_field_is_named(api: Apiserver, build: Build, spec: dict[str, Any], path: str) -> None:
    answer = api.create(build("typo", spec), dry_run=True)
    assert answer.status == 400
    assert f'unknown field "{path}"' in answer.message


@pytest.mark.parametrize("text", QUANTITIES)
def test_python_and_the_apiserver_agree_on_quantities(api: Apiserver, text: str) -> None:
    value = amount(text)
    spec = projects.quota({"limitsCpu": text}, {"limitsCpu": "0"})
    answer = api.create(project_object("quantity", spec), dry_run=True)
    assert answer.ok == (value is not None and value >= 0), answer.message


def _plain(path: str) -> str:
    """A path in which keys of maps and fields look alike."""
    return re.sub(r"\[([^]\d][^]]*)\]", r".\1", path)
