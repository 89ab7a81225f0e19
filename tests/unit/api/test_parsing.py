"""Specs as models."""

from __future__ import annotations

import pytest

from drover.api.management.cluster import Cluster, ClusterSpec
from drover.api.management.project import ProjectSpec
from drover.api.parsing import InvalidSpec, parse
from drover.api.project.workload import WorkloadSpec
from drover.api.provisioning.cluster import ClusterSpec as ProvisioningClusterSpec


def test_null_counts_as_absent_at_every_depth() -> None:
    spec = {"rkeConfig": None, "localClusterAuthEndpoint": {"fqdn": None}, "agentEnvVars": None}
    assert parse(ProvisioningClusterSpec, spec) == parse(ProvisioningClusterSpec, {"localClusterAuthEndpoint": {}})


def test_an_absent_spec_is_an_empty_one() -> None:
    assert parse(ProvisioningClusterSpec, None) == parse(ProvisioningClusterSpec, {})


def test_unknown_fields_are_ignored_and_those_of_older_versions_kept() -> None:
    assert parse(ProjectSpec, {"clusterName": "a", "displayName": "b", "future": 1}).model_extra is None
    assert parse(ClusterSpec, {"displayName": "a", "clusterTemplateName": "t"}).model_extra == {
        "clusterTemplateName": "t"
    }


def test_only_the_names_in_yaml_are_fields() -> None:
    with pytest.raises(InvalidSpec, match=r"spec\.displayName: is required"):
        parse(ClusterSpec, {"display_name": "x"})


def test_lists_become_tuples_and_nothing_can_be_changed() -> None:
    spec = parse(WorkloadSpec, {"containers": [{"name": "a", "image": "b", "command": ["c"]}]})
    assert spec.containers[0].command == ("c",)
    with pytest.raises(ValueError, match="frozen"):
        spec.scale = 2


def test_a_string_is_not_taken_for_a_number() -> None:
    with pytest.raises(InvalidSpec, match=r"spec\.scale: must be a valid integer"):
        parse(WorkloadSpec, {"containers": [{"name": "a", "image": "b"}], "scale": "2"})


def test_a_number_or_a_string_is_taken_where_kubernetes_takes_both() -> None:
    for value in (1, "25%"):
        spec = parse(
            WorkloadSpec, {"containers": [{"name": "a", "image": "b"}], "deploymentConfig": {"maxSurge": value}}
        )
        assert spec.deployment_config is not None
        assert spec.deployment_config.max_surge == value
    with pytest.raises(InvalidSpec, match=r"spec\.deploymentConfig\.maxSurge: must be a whole number or a string"):
        parse(WorkloadSpec, {"containers": [{"name": "a", "image": "b"}], "deploymentConfig": {"maxSurge": True}})


def test_a_missing_field_is_named_by_its_json_path() -> None:
    with pytest.raises(InvalidSpec) as refused:
        parse(WorkloadSpec, {"containers": [{"name": "a", "image": "b"}, {"name": "c"}]})
    assert (refused.value.path, refused.value.message) == ("spec.containers[1].image", "is required")


def test_the_path_begins_where_the_value_lies() -> None:
    with pytest.raises(InvalidSpec, match=r"^status\.before\.displayName: is required$"):
        parse(ClusterSpec, {}, "status.before")


def test_a_rule_names_the_field_that_it_is_about() -> None:
    endpoint = {"enabled": True, "caCerts": "x"}
    with pytest.raises(InvalidSpec, match=r"^spec\.localClusterAuthEndpoint\.fqdn: caCerts needs fqdn; set fqdn"):
        parse(ProvisioningClusterSpec, {"localClusterAuthEndpoint": endpoint})


def test_something_else_than_an_object_is_refused() -> None:
    with pytest.raises(InvalidSpec, match=r"^spec: must be"):
        parse(ClusterSpec, ["a"])


def test_a_whole_object_is_a_model_too() -> None:
    cluster = Cluster.model_validate({"metadata": {"name": "local"}, "spec": {"displayName": "x", "internal": True}})
    assert cluster.spec.internal
    with pytest.raises(ValueError, match="for the cluster `local` only"):
        Cluster.model_validate({"metadata": {"name": "other"}, "spec": {"displayName": "x", "internal": True}})
