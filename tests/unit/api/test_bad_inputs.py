"""The models refuse what the apiserver refuses, and name the same field."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.unit.api.tables import (
    cloud_credentials,
    cluster_bindings,
    clusters,
    features,
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
from tests.unit.api.tables.bad import Bad

from drover.api.management.cloud_credential import CloudCredentialSpec
from drover.api.management.cluster import ClusterSpec
from drover.api.management.cluster_role_template_binding import ClusterRoleTemplateBinding
from drover.api.management.feature import FeatureSpec
from drover.api.management.global_role import GlobalRole
from drover.api.management.global_role_binding import GlobalRoleBinding
from drover.api.management.kontainer_driver import KontainerDriverSpec
from drover.api.management.node_driver import NodeDriverSpec
from drover.api.management.node_pool import NodePoolSpec
from drover.api.management.node_template import NodeTemplateSpec
from drover.api.management.pod_security_template import PodSecurityAdmissionConfigurationTemplate
from drover.api.management.preference import Preference
from drover.api.management.project import ProjectSpec
from drover.api.management.project_role_template_binding import ProjectRoleTemplateBinding
from drover.api.management.role_template import RoleTemplate
from drover.api.management.setting import Setting
from drover.api.management.user import User
from drover.api.management.user_attribute import UserAttribute
from drover.api.parsing import InvalidSpec, parse
from drover.api.project.workload import WorkloadSpec
from drover.api.provisioning.cluster import ClusterSpec as ProvisioningClusterSpec
from drover.api.resource import Model

_TABLES: tuple[tuple[type[Model], Any], ...] = (
    (ClusterSpec, clusters),
    (ProjectSpec, projects),
    (ProvisioningClusterSpec, provisioning_clusters),
    (WorkloadSpec, workloads),
    (Setting, settings),
    (FeatureSpec, features),
    (Preference, preferences),
    (CloudCredentialSpec, cloud_credentials),
    (NodeDriverSpec, node_drivers),
    (NodeTemplateSpec, node_templates),
    (NodePoolSpec, node_pools),
    (KontainerDriverSpec, kontainer_drivers),
    (PodSecurityAdmissionConfigurationTemplate, pod_security_templates),
    (User, users),
    (UserAttribute, user_attributes),
    (GlobalRole, global_roles),
    (GlobalRoleBinding, global_role_bindings),
    (RoleTemplate, role_templates),
    (ClusterRoleTemplateBinding, cluster_bindings),
    (ProjectRoleTemplateBinding, project_bindings),
)


def _cases() -> list[Any]:
    return [
        pytest.param(model, bad, getattr(table, "ROOT", "spec"), id=f"{table.__name__.rpartition('.')[2]}: {bad}")
        for model, table in _TABLES
        for bad in table.BAD
        if bad.model
    ]


@pytest.mark.parametrize(("model", "bad", "root"), _cases())
def test_the_model_refuses_it_and_names_the_field(model: type[Model], bad: Bad, root: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        parse(model, bad.spec, root)
    assert _plain(refused.value.path) == _plain(bad.path)
    assert bad.remedy in refused.value.message


@pytest.mark.parametrize(("model", "table"), _TABLES)
def test_the_model_takes_the_states_before_and_after_a_refused_change(model: type[Model], table: Any) -> None:
    for change in table.CHANGES:
        parse(model, change.before)
        if "below" not in change.title and "empty" not in change.title:
            parse(model, change.after)


def _plain(path: str) -> str:
    """A path in which keys of maps and fields look alike."""
    return re.sub(r"\[([^]\d][^]]*)\]", r".\1", path)
