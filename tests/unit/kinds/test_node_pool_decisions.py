"""What is decided about NodeTemplates and NodePools, and what their statuses say."""

from __future__ import annotations

from typing import Any

import pytest

from drover.kinds.node_pool import NodePoolKind
from drover.kinds.node_template import NodeTemplateKind
from drover.kinds.plan import LookAtSecret, SetFinalizers
from drover.rules.credentials import Look
from drover.rules.findings import Terminal, Waiting
from tests.unit.kinds.driver_worlds import pool_world, template_world
from tests.unit.kinds.worlds import NOW, being_deleted

TEMPLATE = template_world().obj
POOL = pool_world().pool


def conditions(status: dict[str, Any] | None) -> dict[str, tuple[str, str]]:
    assert status is not None
    return {entry["type"]: (entry["status"], entry["reason"]) for entry in status["conditions"]}


# --- NodeTemplate ---------------------------------------------------------------------------------------------------
def test_a_template_whose_driver_and_credential_are_there_is_ready_and_says_that_it_is_deprecated() -> None:
    plan = NodeTemplateKind.decide(template_world())
    assert (plan.actions, plan.finding) == ((), None)
    status = NodeTemplateKind.report(template_world(), None)
    found = conditions(status)
    assert found["Ready"] == ("True", "Reconciled")
    assert found["DriverActive"] == ("True", "SwitchedOn")
    assert found["CredentialValid"] == ("True", "KeysFit")
    assert found["Deprecated"] == ("True", "UseMachinePools")
    assert status is not None
    assert status["machineConfigRef"] == {
        "apiVersion": "rke-machine-config.cattle.io/v1",
        "kind": "Amazonec2Config",
        "name": "nt-1",
    }


def test_the_secret_of_the_template_is_looked_at() -> None:
    assert NodeTemplateKind.decide(template_world(look=None)).actions == (LookAtSecret("cattle-global-data", "cc-1"),)
    without = {**TEMPLATE, "spec": {"driver": "amazonec2"}}
    assert NodeTemplateKind.decide(template_world(obj=without, look=None)).actions == ()
    assert conditions(NodeTemplateKind.report(template_world(obj=without, look=None), None))["CredentialValid"] == (
        "True",
        "NoCredential",
    )


@pytest.mark.parametrize(
    ("changes", "reason", "condition"),
    [
        ({"driver_name": "", "driver": None, "usable": False}, "DriverNotFound", "DriverActive"),
        ({"driver": None, "usable": False}, "DriverNotFound", "DriverActive"),
        ({"usable": False}, "DriverNotActive", "DriverActive"),
        ({"look": Look(NOW, "absent")}, "CredentialNotFound", "CredentialValid"),
        ({"look": Look(NOW, "found", "Opaque")}, "CredentialInvalid", "CredentialValid"),
    ],
)
def test_what_lacks_is_the_reason_of_a_condition_and_of_ready(
    changes: dict[str, Any], reason: str, condition: str
) -> None:
    world = template_world(**changes)
    finding = NodeTemplateKind.decide(world).finding
    found = conditions(NodeTemplateKind.report(world, finding))
    assert found[condition] == ("False", reason)
    assert found["Ready"] == ("False", reason)


def test_a_template_is_held_while_a_pool_uses_it() -> None:
    world = template_world(obj=being_deleted(TEMPLATE), users=("NodePool.management.cattle.io/edge/np-1",))
    finding = NodeTemplateKind.decide(world).finding
    assert isinstance(finding, Waiting)
    assert finding.reason == "InUse"
    assert NodeTemplateKind.decide(template_world(obj=being_deleted(TEMPLATE))).actions == (SetFinalizers(()),)


# --- NodePool -------------------------------------------------------------------------------------------------------
def test_a_pool_has_the_machine_pool_in_its_status() -> None:
    plan = NodePoolKind.decide(pool_world())
    assert (plan.actions, plan.finding) == ((), None)
    status = NodePoolKind.report(pool_world(), None)
    assert status is not None
    assert status["machinePool"] == {
        "name": "np-1",
        "quantity": 1,
        "workerRole": True,
        "machineConfigRef": {
            "apiVersion": "rke-machine-config.cattle.io/v1",
            "kind": "Amazonec2Config",
            "name": "nt-1",
        },
        "cloudCredentialSecretName": "cattle-global-data:cc-1",
    }
    assert conditions(status)["Resolved"] == ("True", "Resolved")
    assert conditions(status)["Deprecated"] == ("True", "UseMachinePools")


def test_a_pool_without_its_template_waits_and_has_no_machine_pool() -> None:
    world = pool_world(template=None)
    finding = NodePoolKind.decide(world).finding
    assert isinstance(finding, Waiting)
    assert finding.reason == "TemplateNotFound"
    status = NodePoolKind.report(world, finding)
    assert status is not None
    assert status["machinePool"] is None
    assert conditions(status)["TemplateFound"] == ("False", "TemplateNotFound")


def test_what_stands_in_the_way_of_the_template_stands_in_that_of_the_pool() -> None:
    ready = {"type": "Ready", "status": "False", "reason": "DriverNotActive", "message": "driver x is not active"}
    for stalled, kind in (("True", Terminal), ("False", Waiting)):
        status = {"conditions": [ready, {"type": "Stalled", "status": stalled}]}
        world = pool_world(template={**TEMPLATE, "status": status})
        assert NodePoolKind.decide(world).finding == kind(
            "DriverNotActive", "NodeTemplate nt-1: driver x is not active"
        )
        assert conditions(NodePoolKind.report(world, kind("DriverNotActive", "")))["Resolved"] == ("True", "Resolved")


def test_nothing_is_reported_before_the_template_was_looked_at() -> None:
    world = pool_world(template=TEMPLATE)
    assert NodePoolKind.report(world, NodePoolKind.decide(world).finding) is None


def test_an_invalid_template_resolves_to_nothing() -> None:
    assert pool_world(template_invalid="spec.nodeTaints: must be a list").resolved is None


def test_a_pool_lies_in_the_namespace_of_its_cluster() -> None:
    other = {**POOL, "spec": {**POOL["spec"], "clusterName": "other"}}
    finding = NodePoolKind.decide(pool_world(pool=other)).finding
    assert isinstance(finding, Terminal)
    assert finding.reason == "ClusterMismatch"
    assert pool_world(pool=other).resolved is None
    finding = NodePoolKind.decide(pool_world(cluster=None)).finding
    assert isinstance(finding, Waiting)
    assert finding.reason == "ClusterNotFound"


def test_a_pool_has_no_finalizer_and_loses_those_of_the_former_server() -> None:
    ending = being_deleted({**POOL, "metadata": {**POOL["metadata"], "finalizers": ["controller.cattle.io/x", "a/b"]}})
    assert NodePoolKind.decide(pool_world(pool=ending)).actions == (SetFinalizers(("a/b",)),)
