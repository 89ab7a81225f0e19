"""Node drivers: which fields a credential of each has, and which kind of machine config it stands for.

A driver is a record here: no binary of one is ever downloaded or run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from drover.rules.objects import Obj, annotation, name_of, spec

MACHINE_CONFIG_GROUP: Final = "rke-machine-config.cattle.io"


@dataclass(frozen=True, slots=True)
class Driver:
    """What is known of a driver. `public` and `private` are the fields of its credential, `optional` those of them that
    may be absent; `passwords` are further secret fields of its machine config. `active`: whether it is so without a
    NodeDriver. `machines`: whether it makes machines, and is not only a kind of credential."""

    name: str
    public: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    passwords: tuple[str, ...] = ()
    active: bool = False
    machines: bool = True

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field of its credential that is known; empty where none is."""
        return tuple(sorted({*self.public, *self.private}))

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that a credential must have."""
        return tuple(field for field in self.fields if field not in self.optional)

    @property
    def machine_config(self) -> str:
        """The kind of its machine configs: `Amazonec2Config` of amazonec2."""
        return machine_config_kind(self.name)


_S3: Final = ("Bucket", "Endpoint", "EndpointCA", "Folder", "Region", "SkipSSLVerify")
_S3_DEFAULTS: Final = tuple(f"default{name}" for name in _S3)

KNOWN: Final = {
    driver.name: driver
    for driver in (
        Driver("amazonec2", ("accessKey", "defaultRegion"), ("secretKey",), ("defaultRegion",), active=True),
        Driver(
            "azure",
            ("clientId", "subscriptionId", "tenantId", "environment"),
            ("clientSecret",),
            ("tenantId", "environment"),
            active=True,
        ),
        Driver("digitalocean", (), ("accessToken",), active=True),
        Driver("exoscale", ("apiKey",), ("apiSecretKey",)),
        Driver("google", (), ("authEncodedJson",)),
        Driver(
            "harvester", ("clusterId", "clusterType"), ("kubeconfigContent",), ("clusterId", "clusterType"), active=True
        ),
        Driver("linode", (), ("token",), passwords=("rootPass",)),
        Driver("nutanix", ("endpoint", "username", "port"), ("password",), ("port",)),
        Driver(
            "oci", ("tenancyId", "userId", "fingerprint"), ("privateKeyContents",), passwords=("privateKeyPassphrase",)
        ),
        Driver("openstack", (), ("password",)),
        Driver(
            "otc",
            ("accessKey", "username"),
            ("secretKey", "password", "token"),
            ("accessKey", "username", "secretKey", "password", "token"),
        ),
        Driver("outscale", ("accessKey", "region"), ("secretKey",)),
        Driver("packet", (), ("apiKey",)),
        Driver("pnap", ("clientIdentifier",), ("clientSecret",)),
        Driver("rackspace", (), ("apiKey",)),
        Driver("s3", ("accessKey", *_S3_DEFAULTS), ("secretKey",), _S3_DEFAULTS, machines=False),
        Driver("softlayer", (), ("apiKey",)),
        Driver("vmwarevsphere", ("username", "vcenter", "vcenterPort"), ("password",), ("vcenterPort",), active=True),
    )
}
"""The drivers that upstream has at its first start, and `s3`, which is a kind of credential without machines. `active`
is as there."""


def machine_config_kind(name: str) -> str:
    """The kind of the machine configs of a driver."""
    return f"{name[:1].upper()}{name[1:]}Config"


def driver_name(node_driver: Obj) -> str:
    """What machine pools, templates and credentials call a NodeDriver: its display name, else its name."""
    shown = spec(node_driver).get("displayName")
    return shown if isinstance(shown, str) and shown else name_of(node_driver)


def active(node_driver: Obj) -> bool:
    """Whether a NodeDriver is switched on."""
    return spec(node_driver).get("active") is True


def described(name: str, node_driver: Obj | None) -> Driver | None:
    """What is known of a driver: its NodeDriver's annotations, and the table where they say nothing. None for a driver
    that has neither."""
    known = KNOWN.get(name)
    if node_driver is None:
        return known
    base = known or Driver(name)
    public = _listed(node_driver, "publicCredentialFields") or base.public
    private = _listed(node_driver, "privateCredentialFields") or base.private
    filled_in = [pair.partition(":")[0] for pair in _listed(node_driver, "defaults")]
    return Driver(
        name,
        _united(public, (field for field in base.public if field in base.optional)),
        private,
        _united(base.optional, (*_listed(node_driver, "optionalCredentialFields"), *filled_in)),
        _united(base.passwords, _listed(node_driver, "passwordFields")),
        active(node_driver),
    )


def _listed(obj: Obj, key: str) -> tuple[str, ...]:
    """A comma list in an annotation."""
    return tuple(part.strip() for part in annotation(obj, key).split(",") if part.strip())


def _united(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *second]))


def usable(name: str, node_driver: Obj | None) -> bool:
    """Whether machines may be made by a driver: its NodeDriver is active, or there is none and it is active at a first
    start."""
    if node_driver is not None:
        return active(node_driver)
    known = KNOWN.get(name)
    return known is not None and known.active


def config_of(template: Obj, name: str) -> Any:
    """What a NodeTemplate has for its driver, at the root or in spec."""
    field = f"{name}Config"
    return template.get(field) or spec(template).get(field)
