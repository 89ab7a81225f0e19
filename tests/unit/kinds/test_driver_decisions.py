"""What is decided about drivers of nodes and of clusters, and what their statuses say."""

from __future__ import annotations

from typing import Any

import pytest

from drover.kinds.kontainer_driver import KontainerDriverKind
from drover.kinds.node_driver import NodeDriverKind
from drover.kinds.plan import SetFinalizers
from drover.rules.findings import Terminal, Waiting
from tests.unit.kinds.driver_worlds import USER, driver_world, kontainer_driver_world
from tests.unit.kinds.worlds import being_deleted

DRIVER = driver_world().obj
OFF = {**DRIVER, "spec": {"active": False, "url": "local://"}}


def conditions(status: dict[str, Any] | None) -> dict[str, tuple[str, str]]:
    assert status is not None
    return {entry["type"]: (entry["status"], entry["reason"]) for entry in status["conditions"]}


@pytest.mark.parametrize(
    ("kind", "world"), [(NodeDriverKind, driver_world()), (KontainerDriverKind, kontainer_driver_world())]
)
def test_nothing_is_downloaded_or_installed_and_the_conditions_say_so(kind: Any, world: Any) -> None:
    plan = kind.decide(world)
    assert (plan.actions, plan.finding) == ((), None)
    found = conditions(kind.report(world, None))
    assert found["Downloaded"] == ("False", "NotDownloaded")
    assert found["Installed"] == ("False", "NotInstalled")
    assert (found["Active"], found["Inactive"]) == (("True", "SwitchedOn"), ("False", "SwitchedOn"))
    assert found["Ready"] == ("True", "Reconciled")


def test_an_inactive_driver_is_ready_too() -> None:
    found = conditions(
        NodeDriverKind.report(driver_world(obj=OFF), NodeDriverKind.decide(driver_world(obj=OFF)).finding)
    )
    assert (found["Active"], found["Inactive"]) == (("False", "SwitchedOff"), ("True", "SwitchedOff"))
    assert found["Ready"] == ("True", "Reconciled")


def test_the_status_says_what_it_stands_for() -> None:
    status = NodeDriverKind.report(driver_world(), None)
    assert status is not None
    assert (status["driverName"], status["machineConfigKind"]) == ("amazonec2", "Amazonec2Config")
    assert status["publicCredentialFields"] == ["accessKey", "defaultRegion"]
    assert status["privateCredentialFields"] == ["secretKey"]
    assert status["optionalCredentialFields"] == ["defaultRegion"]
    assert not {"appliedURL", "appliedChecksum", "appliedDockerMachineVersion"} & set(status)


def test_a_driver_that_is_off_though_it_is_used_is_stalled() -> None:
    finding = NodeDriverKind.decide(driver_world(obj=OFF, users=(USER,))).finding
    assert isinstance(finding, Terminal)
    assert finding.reason == "DriverNotActive"
    assert USER in finding.message


@pytest.mark.parametrize(
    ("kind", "world"), [(NodeDriverKind, driver_world()), (KontainerDriverKind, kontainer_driver_world())]
)
def test_a_deletion_waits_for_the_users(kind: Any, world: Any) -> None:
    from dataclasses import replace

    ending = replace(world, obj=being_deleted(world.obj), users=(USER,))
    finding = kind.decide(ending).finding
    assert isinstance(finding, Waiting)
    assert (finding.reason, USER in finding.message) == ("InUse", True)
    assert kind.decide(replace(ending, users=())).actions == (SetFinalizers(()),)


def test_two_records_of_one_driver_stall_the_younger_which_can_go_at_any_time() -> None:
    finding = NodeDriverKind.decide(driver_world(first="older", users=(USER,))).finding
    assert isinstance(finding, Terminal)
    assert finding.reason == "DriverNameTaken"
    ending = driver_world(obj=being_deleted(DRIVER), first="older", users=(USER,))
    assert NodeDriverKind.decide(ending).actions == (SetFinalizers(()),)
