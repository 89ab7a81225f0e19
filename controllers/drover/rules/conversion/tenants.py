"""Which namespaces are in which Capsule Tenant, and what they use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from drover.kube.gvr import Object
from drover.rules.conversion.amounts import hard
from drover.rules.conversion.inputs import Inputs, has_scopes
from drover.rules.conversion.output import elsewhere, project_name
from drover.rules.conversion.result import CannotConvert, Remark, decide
from drover.rules.conversion.texts import stays
from drover.rules.objects import label, name_of, namespace_of, status

GROUP: Final = "capsule.clastix.io"
TENANT_LABELS: Final = (f"{GROUP}/tenant", "projectcapsule.dev/tenant")
_QUOTA_INDEX: Final = f"{GROUP}/resource-quota"
_READ: Final = (f"{GROUP}/v1beta1", f"{GROUP}/v1beta2")


@dataclass(frozen=True, slots=True)
class Options:
    """`room` is for how many further namespaces a Project has room where the Tenant has no bound; `only` are the
    Tenants to convert (all without any); `role_bindings`: write RoleBindings too."""

    cluster: str
    prefix: str = ""
    only: tuple[str, ...] = ()
    room: int = 10
    role_bindings: bool = False

    def project(self, tenant: str) -> str:
        """The name of the Project of a Tenant."""
        return project_name(self.prefix, tenant)

    def project_id(self, tenant: str) -> str:
        """What its namespaces are annotated with."""
        return f"{self.cluster}:{self.project(tenant)}"


@dataclass(frozen=True)
class Tenants:
    """`members` are the namespaces of each Tenant by its name; `used` is what a namespace uses by the number of the
    quota in the Tenant, or by -1 as all its quotas say together."""

    objects: Mapping[str, Object]
    live: Mapping[str, Object]
    members: Mapping[str, list[str]]
    used: Mapping[tuple[str, int], Mapping[str, str]]
    remarks: list[Remark]


def tenants(inputs: Inputs, options: Options) -> Tenants:
    """The Tenants to convert."""
    objects = {name_of(obj): obj for obj in inputs.of("Tenant", GROUP)}
    if unknown := sorted(set(options.only) - objects.keys()):
        raise CannotConvert(
            f"--only {unknown[0]}: there is no such Tenant; it has to be one of {', '.join(sorted(objects))}"
        )
    for name, obj in objects.items():
        if obj["apiVersion"] not in _READ:
            newest = f"kubectl get tenants.v1beta2.{GROUP} -o yaml"
            raise CannotConvert(f"Tenant {name} is of {obj['apiVersion']}, which is not read; get it by: {newest}")
    objects = {name: obj for name, obj in objects.items() if not options.only or name in options.only}
    live = inputs.namespaces()
    members, remarks = _members(objects, live, options)
    return Tenants(objects, live, members, _used(inputs), remarks)


def tenant_of(obj: Object) -> str:
    """The Tenant of a namespace by its owner reference, which Capsule goes by, or by its labels."""
    for reference in obj["metadata"].get("ownerReferences") or []:
        if reference.get("kind") == "Tenant" and str(reference.get("apiVersion", "")).startswith(f"{GROUP}/"):
            return str(reference.get("name", ""))
    return next((found for key in TENANT_LABELS if (found := label(obj, key))), "")


def _members(
    objects: Mapping[str, Object], live: Mapping[str, Object], options: Options
) -> tuple[dict[str, list[str]], list[Remark]]:
    homes = {name: tenant for tenant, obj in sorted(objects.items()) for name in _of_status(obj)}
    homes |= {name: tenant for name, obj in live.items() if (tenant := tenant_of(obj))}
    members: dict[str, list[str]] = {name: [] for name in sorted(objects)}
    remarks = []
    for name, tenant in sorted(homes.items()):
        if tenant not in objects:
            if not options.only:
                text = f"is in Tenant {tenant}, which is not in the input; add it, or take the namespace out of it"
                remarks.append(decide(f"namespace {name}", text))
        elif other := elsewhere(live.get(name), options.project_id(tenant)):
            remarks.append(decide(f"namespace {name}", stays(other, options.project_id(tenant))))
        else:
            members[tenant].append(name)
    return members, remarks


def _of_status(obj: Object) -> list[str]:
    """The namespaces that a Tenant lists; newer versions list them as `spaces`."""
    spaces = [str(space.get("name")) for space in status(obj).get("spaces") or []]
    return [*(status(obj).get("namespaces") or []), *spaces]


def _used(inputs: Inputs) -> dict[tuple[str, int], dict[str, str]]:
    found: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    for obj in sorted(inputs.of("ResourceQuota"), key=lambda obj: not has_scopes(obj)):
        amounts = hard(status(obj).get("used"))[0]
        index = label(obj, _QUOTA_INDEX)
        found[namespace_of(obj), -1] |= amounts
        if index.isdigit():
            found[namespace_of(obj), int(index)] |= amounts
    return found
