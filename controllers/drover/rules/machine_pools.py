"""A NodePool with its NodeTemplate as a machine pool of a provisioning Cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from drover.rules.drivers import MACHINE_CONFIG_GROUP, machine_config_kind
from drover.rules.objects import Obj, name_of, namespace_of, spec
from drover.rules.references import qualified

_ROLES: Final = (("etcd", "etcdRole"), ("controlPlane", "controlPlaneRole"), ("worker", "workerRole"))

_LEFT_OF_POOL: Final = ("hostnamePrefix", "nodeAnnotations")
_LEFT_OF_TEMPLATE: Final = (
    "authCertificateAuthority",
    "dockerVersion",
    "engineEnv",
    "engineInsecureRegistry",
    "engineInstallURL",
    "engineLabel",
    "engineOpt",
    "engineRegistryMirror",
    "engineStorageDriver",
    "useInternalIpAddress",
)
"""Fields that a machine pool has no place for."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The entry of `spec.rkeConfig.machinePools`, and the fields that were left out, with the kind that has them."""

    pool: dict[str, Any]
    left: tuple[str, ...]


def resolve(pool: Obj, template: Obj, driver: str) -> Resolved:
    """The machine pool that a NodePool comes to.

    Its machine config has the name of the template. Taints of the pool win over those of the template with the same key
    and effect. `deleteNotReadyAfterSecs` becomes `unhealthyNodeTimeout`; 0 is for ever in both.
    """
    given, base = spec(pool), spec(template)
    quantity = given.get("quantity")
    entry: dict[str, Any] = {
        "name": name_of(pool),
        "quantity": 1 if quantity is None else quantity,
        **{role: True for field, role in _ROLES if given.get(field)},
        "machineConfigRef": machine_config_ref(template, driver),
    }
    if credential := qualified(base.get("cloudCredentialName"), namespace_of(template)):
        entry["cloudCredentialSecretName"] = credential
    if given.get("nodeLabels"):
        entry["labels"] = dict(given["nodeLabels"])
    if taints := _taints(base.get("nodeTaints") or (), given.get("nodeTaints") or ()):
        entry["taints"] = taints
    if given.get("drainBeforeDelete"):
        entry["drainBeforeDelete"] = True
    if seconds := given.get("deleteNotReadyAfterSecs"):
        entry["unhealthyNodeTimeout"] = f"{seconds}s"
    return Resolved(entry, _left(given, base))


def machine_config_ref(template: Obj, driver: str) -> dict[str, str]:
    """The machine config that stands for a template: of its driver's kind, with its name."""
    return {
        "apiVersion": f"{MACHINE_CONFIG_GROUP}/v1",
        "kind": machine_config_kind(driver),
        "name": name_of(template),
    }


def _taints(*lists: Any) -> list[dict[str, Any]]:
    found: dict[tuple[Any, Any], dict[str, Any]] = {}
    for taint in (each for part in lists for each in part):
        found[taint.get("key"), taint.get("effect")] = {
            name: value for name, value in taint.items() if name != "timeAdded"
        }
    return list(found.values())


def _left(pool: Mapping[str, Any], template: Mapping[str, Any]) -> tuple[str, ...]:
    of_pool = [f"NodePool spec.{field}" for field in _LEFT_OF_POOL if pool.get(field)]
    return (*of_pool, *(f"NodeTemplate spec.{field}" for field in _LEFT_OF_TEMPLATE if template.get(field)))
