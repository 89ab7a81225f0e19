"""What is decided about a CloudCredential, and what its status says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drover.kinds.cloud_credential import CloudCredentialKind
from drover.kinds.plan import LookAtSecret, Notice, SetFinalizers
from drover.rules.credentials import Look
from drover.rules.findings import Terminal, Waiting
from tests.unit.kinds.driver_worlds import EC2_KEYS, LOOK, USER, credential_world
from tests.unit.kinds.worlds import JUST_NOW, LONG_AGO, NOW, being_deleted, obj, without_finalizers

CREDENTIAL = credential_world().obj
decide, report = CloudCredentialKind.decide, CloudCredentialKind.report


def conditions(status: dict[str, Any] | None) -> dict[str, tuple[str, str]]:
    assert status is not None
    return {entry["type"]: (entry["status"], entry["reason"]) for entry in status["conditions"]}


def test_the_finalizer_comes_first_and_then_a_look_at_the_secret() -> None:
    plan = decide(credential_world(obj=without_finalizers(CREDENTIAL), look=None))
    assert plan.actions == (SetFinalizers(("drover.dev/cloud-credential",)),)
    assert decide(credential_world(look=None)).actions == (LookAtSecret("cattle-global-data", "cc-1"),)


def test_the_secret_that_the_spec_names_is_looked_at() -> None:
    named = {**CREDENTIAL, "spec": {"driver": "amazonec2", "secretName": "aws"}}
    assert decide(credential_world(obj=named, look=None)).actions == (LookAtSecret("cattle-global-data", "aws"),)


def test_a_fresh_look_is_enough_and_an_old_one_is_repeated() -> None:
    assert decide(credential_world()).actions == ()
    later = credential_world(now=NOW + timedelta(seconds=6))
    assert decide(later).actions == (LookAtSecret("cattle-global-data", "cc-1"),)


def test_a_secret_that_fits_makes_it_ready_and_names_its_keys() -> None:
    plan = decide(credential_world())
    assert plan.finding is None
    status = report(credential_world(), plan.finding)
    assert status is not None
    assert status["presentKeys"] == list(EC2_KEYS)
    assert (status["missingKeys"], status["unknownKeys"]) == (None, None)
    assert (status["secretName"], status["reference"]) == ("cc-1", "cattle-global-data:cc-1")
    assert conditions(status)["Valid"] == ("True", "KeysFit")
    assert conditions(status)["Ready"] == ("True", "Reconciled")
    assert conditions(status)["InUse"] == ("False", "NotUsed")


def test_a_missing_key_stalls_it_and_is_named() -> None:
    world = credential_world(look=Look(NOW, "found", type="Opaque", keys=(*EC2_KEYS[:1], "note")))
    finding = decide(world).finding
    assert isinstance(finding, Terminal)
    assert EC2_KEYS[1] in finding.message
    status = report(world, finding)
    assert status is not None
    assert (status["missingKeys"], status["unknownKeys"]) == ([EC2_KEYS[1]], ["note"])
    assert conditions(status)["Valid"] == ("False", "CredentialInvalid")
    assert conditions(status)["Stalled"] == ("True", "CredentialInvalid")


def test_a_secret_that_is_not_there_or_may_not_be_read_is_waited_for() -> None:
    for state, reason, valid in (
        ("absent", "CredentialNotFound", ("False", "CredentialNotFound")),
        ("forbidden", "Forbidden", ("Unknown", "NotRead")),
    ):
        world = credential_world(look=Look(NOW, state))  # type: ignore[arg-type]  # two of the three states
        finding = decide(world).finding
        assert isinstance(finding, Waiting)
        assert finding.reason == reason
        status = report(world, finding)
        assert conditions(status)["Valid"] == valid
        assert status is not None
        assert status["presentKeys"] is None


def test_fields_that_nobody_described_are_not_judged() -> None:
    found = {**CREDENTIAL, "spec": {"driver": "hetzner"}}
    world = credential_world(obj=found, driver=None, look=Look(NOW, "found", "Opaque", ("hetznercredentialConfig-x",)))
    assert decide(world).finding is None
    assert conditions(report(world, None))["Valid"] == ("Unknown", "FieldsUnknown")


def test_its_users_are_counted_and_the_first_twenty_named() -> None:
    users = tuple(f"Cluster.provisioning.cattle.io/fleet-default/c-{n:03}" for n in range(30))
    status = report(credential_world(users=users), None)
    assert status is not None
    assert (status["users"], status["usedBy"]) == (30, list(users[:20]))
    message = {entry["type"]: entry["message"] for entry in status["conditions"]}["InUse"]
    assert message.endswith("+27 more")


def test_a_deletion_waits_for_its_users_however_long_it_takes() -> None:
    for since in (JUST_NOW, LONG_AGO):
        plan = decide(credential_world(obj=being_deleted(CREDENTIAL, since), users=(USER,)))
        assert plan.actions == ()
        assert isinstance(plan.finding, Waiting)
        assert plan.finding.reason == "InUse"
        assert USER in plan.finding.message


def test_a_deletion_ends_with_the_last_user_with_its_namespace_or_by_force() -> None:
    gone = (SetFinalizers(()),)
    assert decide(credential_world(obj=being_deleted(CREDENTIAL))).actions == gone
    assert decide(credential_world(obj=being_deleted(CREDENTIAL), users=(USER,), leaving=True)).actions == gone
    forced = being_deleted(CREDENTIAL, **{"drover.dev/force-delete": "true"})
    plan = decide(credential_world(obj=forced, users=(USER,)))
    assert plan.actions == gone
    assert plan.notices == (Notice("CleanupSkipped", f"still used by {USER}"),)


def test_an_invalid_spec_is_not_acted_on() -> None:
    world = credential_world(
        obj=obj("CloudCredential", "x", "n", spec={}), invalid="spec.driver: is required", look=None
    )
    plan = decide(world)
    assert plan.actions == ()
    assert plan.finding == Terminal("InvalidSpec", "spec.driver: is required")
    assert conditions(report(world, plan.finding))["Valid"] == ("Unknown", "NotRead")


def test_nothing_of_a_look_is_a_value() -> None:
    assert set(Look.__slots__) == {"at", "state", "type", "keys", "empty", "version"}
    assert LOOK.keys == EC2_KEYS
