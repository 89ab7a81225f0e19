"""Which keys of a Secret belong to which driver."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from drover.rules.credentials import Look, finding, verdict
from drover.rules.drivers import KNOWN, Driver
from drover.rules.findings import Finding, Terminal, Waiting

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EC2 = ("amazonec2credentialConfig-accessKey", "amazonec2credentialConfig-secretKey")


def seen(*keys: str, **fields: Any) -> Look:
    return Look(NOW, "found", **{"type": "Opaque", "keys": keys, **fields})


def judged(driver: str, look: Look) -> Finding | None:
    return finding(driver, KNOWN.get(driver), look, "Secret n/s", "n")


@pytest.mark.parametrize("driver", KNOWN.values(), ids=KNOWN)
def test_the_required_keys_are_enough_and_each_of_them_is_needed(driver: Driver) -> None:
    keys = [f"{driver.name}credentialConfig-{field}" for field in driver.required]
    assert judged(driver.name, seen(*keys)) is None
    for key in keys:
        problem = judged(driver.name, seen(*(each for each in keys if each != key)))
        assert isinstance(problem, Terminal)
        assert key in problem.message


@pytest.mark.parametrize("type_", ["Opaque", "provisioning.cattle.io/cloud-credential"])
def test_both_forms_of_a_secret_are_taken(type_: str) -> None:
    assert judged("amazonec2", seen(*EC2, type=type_)) is None


def test_another_type_of_secret_is_no_credential() -> None:
    problem = judged("amazonec2", seen(*EC2, type="kubernetes.io/tls"))
    assert isinstance(problem, Terminal)
    assert "has type kubernetes.io/tls" in problem.message


def test_an_empty_value_counts_as_missing() -> None:
    found = verdict("amazonec2", KNOWN["amazonec2"], seen(*EC2, empty=EC2[1:]))
    assert (found.present, found.missing, found.unknown) == (EC2[:1], EC2[1:], ())


def test_a_key_that_the_driver_does_not_know_is_named_and_does_no_harm() -> None:
    look = seen(*EC2, "note", "amazonec2credentialConfig-accesKey")
    assert verdict("amazonec2", KNOWN["amazonec2"], look).unknown == ("amazonec2credentialConfig-accesKey", "note")
    assert judged("amazonec2", look) is None


def test_a_secret_holds_the_credential_of_one_driver() -> None:
    problem = judged("amazonec2", seen(*EC2, "azurecredentialConfig-clientId"))
    assert problem == Terminal(
        "CredentialInvalid", "Secret n/s has keys of several drivers: amazonec2, azure; keep those of one"
    )


def test_a_driver_that_nobody_described_needs_a_key_of_its_own_and_takes_any() -> None:
    look = seen("hetznercredentialConfig-apiToken", "note")
    found = verdict("hetzner", None, look)
    assert (found.present, found.missing, found.known) == (("hetznercredentialConfig-apiToken",), (), False)
    assert judged("hetzner", look) is None
    problem = judged("hetzner", seen("note"))
    assert isinstance(problem, Terminal)
    assert "hetznercredentialConfig-*" in problem.message


def test_an_absent_secret_and_a_missing_right_are_waited_for() -> None:
    absent, forbidden = judged("s3", Look(NOW, "absent")), judged("s3", Look(NOW, "forbidden"))
    assert isinstance(absent, Waiting)
    assert (absent.reason, absent.message) == ("CredentialNotFound", "Secret n/s does not exist; create it")
    assert isinstance(forbidden, Waiting)
    assert "get on secrets in namespace n" in forbidden.message
    assert absent.seconds
    assert forbidden.seconds
