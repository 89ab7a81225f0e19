"""The webhook's certificates: made, renewed in time, and always of a CA that was trusted before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from drover.admission.bundle import FIELDS, Certificates, Lives, read
from drover.admission.certificates import step

NOW = datetime(2026, 11, 28, tzinfo=UTC)
LIVES = Lives()
NAMES = ("drover-webhook.drover-system.svc", "127.0.0.1")


def fresh(now: datetime = NOW) -> Certificates:
    made = step(None, NAMES, now, LIVES, "")
    assert made is not None
    return made


def load(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def test_at_first_there_is_a_ca_and_a_certificate_of_it_for_all_names() -> None:
    made = fresh()
    serving = load(made.serving.certificate)
    serving.verify_directly_issued_by(load(made.ca.certificate))
    names = serving.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [NAMES[0]]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == [NAMES[1]]
    assert made.bundle == made.ca.certificate


def test_a_clock_that_is_an_hour_behind_accepts_them() -> None:
    assert load(fresh().serving.certificate).not_valid_before_utc <= NOW - timedelta(minutes=59)


def test_nothing_is_done_for_two_thirds_of_a_life() -> None:
    assert step(fresh(), NAMES, NOW + timedelta(days=59), LIVES, "") is None


def test_a_certificate_is_renewed_under_the_same_ca() -> None:
    made = fresh()
    renewed = step(made, NAMES, NOW + timedelta(days=61), LIVES, "")
    assert renewed is not None
    assert renewed.ca == made.ca
    assert renewed.serving != made.serving


def test_another_name_needs_another_certificate() -> None:
    made = fresh()
    renewed = step(made, (*NAMES, "127.0.0.2"), NOW, LIVES, "")
    assert renewed is not None
    assert renewed.ca == made.ca


def walk(days: int) -> list[tuple[datetime, Certificates]]:
    """Every state over some days, looked at twice a day; what is held is always trusted a moment later."""
    held, now = fresh(), NOW
    states = [(now, held)]
    for _ in range(days * 2):
        now += timedelta(hours=12)
        following = step(held, NAMES, now, LIVES, held.bundle)
        if following is not None:
            held = following
            states.append((now, held))
    return states


def test_over_ten_years_no_certificate_is_shown_whose_ca_was_not_trusted_for_the_overlap_before() -> None:
    states = walk(3650)
    authorities = {state.ca.certificate for _, state in states}
    assert len(authorities) >= 6
    before = states[0][1]
    for now, state in states[1:]:
        assert state.ca.certificate in before.bundle
        assert before.ca.certificate in state.bundle, "who shows the certificate of before is still trusted"
        serving, authority = load(state.serving.certificate), load(state.ca.certificate)
        serving.verify_directly_issued_by(authority)
        assert now < serving.not_valid_after_utc <= authority.not_valid_after_utc
        before = state


def test_a_ca_that_kube_apiservers_were_not_told_of_signs_nothing() -> None:
    now, announced = next((now, state) for now, state in walk(700) if state.next is not None)
    later = now + timedelta(days=1)
    following = step(announced, NAMES, later, LIVES, announced.ca.certificate)
    assert following is None or following.ca == announced.ca
    promoted = step(announced, NAMES, later, LIVES, announced.bundle)
    assert promoted is not None
    assert promoted.ca == announced.next
    assert promoted.old == announced.ca.certificate


@pytest.mark.parametrize("field", FIELDS[:4])
@pytest.mark.parametrize("value", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_secret_that_somebody_edited_is_made_anew(field: str, value: str) -> None:
    data = fresh().data() | {field: value}
    made = step(read(data), NAMES, NOW, LIVES, "")
    assert made is not None
    load(made.serving.certificate).verify_directly_issued_by(load(made.ca.certificate))


def test_an_expired_certificate_is_made_anew_with_its_ca() -> None:
    made = fresh()
    later = step(made, NAMES, NOW + timedelta(days=91), LIVES, "")
    assert later is not None
    assert later.ca != made.ca


def test_what_is_written_is_read() -> None:
    made = walk(600)[-1][1]
    assert read(made.data()) == made
