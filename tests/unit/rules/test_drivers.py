"""What is known of node drivers."""

from __future__ import annotations

from typing import Any

import pytest

from drover.rules.drivers import KNOWN, Driver, described, driver_name, usable


def node_driver(name: str, annotations: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    given = {"active": True, "url": "local://", **spec}
    return {"metadata": {"name": name, "annotations": annotations or {}}, "spec": given}


def test_a_machine_config_has_the_name_of_its_driver() -> None:
    assert KNOWN["amazonec2"].machine_config == "Amazonec2Config"
    assert KNOWN["vmwarevsphere"].machine_config == "VmwarevsphereConfig"


def test_the_table_is_about_fields_that_exist() -> None:
    for driver in KNOWN.values():
        assert set(driver.optional) <= set(driver.fields), driver.name
        assert not set(driver.public) & set(driver.private), driver.name
        assert driver.fields, driver.name


def test_the_display_name_is_what_others_call_it() -> None:
    assert driver_name(node_driver("nd-7hx2k", displayName="hetzner")) == "hetzner"
    assert driver_name(node_driver("hetzner")) == "hetzner"
    assert driver_name(node_driver("hetzner", displayName="")) == "hetzner"


def test_annotations_describe_a_driver_that_the_table_lacks() -> None:
    annotations = {
        "publicCredentialFields": "user, region",
        "privateCredentialFields": "apiToken",
        "optionalCredentialFields": "region",
        "passwordFields": "rootPass",
    }
    found = described("hetzner", node_driver("hetzner", annotations))
    assert found == Driver("hetzner", ("user", "region"), ("apiToken",), ("region",), ("rootPass",), active=True)
    assert found.required == ("apiToken", "user")


def test_annotations_win_over_the_table_and_what_it_holds_for_optional_stays_so() -> None:
    annotations = {"publicCredentialFields": "clientId,subscriptionId,tenantId,environment,zone"}
    found = described("azure", node_driver("azure", annotations))
    assert found is not None
    assert found.required == ("clientId", "clientSecret", "subscriptionId", "zone")


def test_a_field_with_a_default_may_be_absent() -> None:
    annotations = {"publicCredentialFields": "host,port", "privateCredentialFields": "pass", "defaults": "port:443"}
    found = described("own", node_driver("own", annotations))
    assert found is not None
    assert found.required == ("host", "pass")


def test_an_optional_field_of_the_table_is_known_though_annotations_leave_it_out() -> None:
    """As upstream annotates amazonec2: without its default region."""
    annotations = {"publicCredentialFields": "accessKey", "privateCredentialFields": "secretKey"}
    found = described("amazonec2", node_driver("amazonec2", annotations))
    assert found is not None
    assert found.fields == ("accessKey", "defaultRegion", "secretKey")


def test_a_driver_without_a_record_is_known_from_the_table_or_not_at_all() -> None:
    assert described("linode", None) is KNOWN["linode"]
    assert described("hetzner", None) is None


@pytest.mark.parametrize(
    ("name", "record", "expected"),
    [
        ("amazonec2", None, True),
        ("linode", None, False),
        ("hetzner", None, False),
        ("amazonec2", node_driver("amazonec2", active=False), False),
        ("linode", node_driver("linode"), True),
        ("linode", node_driver("linode", active="yes"), False),
    ],
)
def test_a_driver_is_usable_as_its_record_says_else_as_it_is_at_a_first_start(
    name: str, record: dict[str, Any] | None, expected: bool
) -> None:
    assert usable(name, record) is expected
