"""What Capsule does that Projects do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from drover.kube.gvr import Object
from drover.rules.conversion.inputs import Inputs
from drover.rules.conversion.result import Remark, decide, lost, note
from drover.rules.conversion.taken import taken_names
from drover.rules.conversion.tenants import GROUP, TENANT_LABELS, Options, Tenants
from drover.rules.objects import name_of, spec

_POLICY: Final = "has no counterpart; write a ValidatingAdmissionPolicy whose binding selects namespaces by the label "
_POLICY_ON: Final = _POLICY + "field.cattle.io/projectId"

LOST: Final = {
    "ingressOptions": _POLICY_ON,
    "storageClasses": f"{_POLICY_ON}, or limit a class by `extended` of the quota "
    "(`<class>.storageclass.storage.k8s.io/requests.storage`)",
    "containerRegistries": _POLICY_ON,
    "imagePullPolicies": _POLICY_ON,
    "priorityClasses": _POLICY_ON,
    "runtimeClasses": _POLICY_ON,
    "deviceClasses": _POLICY_ON,
    "gatewayOptions": _POLICY_ON,
    "rules": _POLICY_ON,
    "podOptions": "labels and annotations of pods belong into their workloads, or into a MutatingAdmissionPolicy",
    "forceTenantPrefix": "names of namespaces are free; who makes namespaces keeps the prefix",
    "permissions": "owners that are chosen by labels are not in the Tenant; add them to the access of the Project",
    "preventDeletion": "a Project can be deleted by who may; that releases its namespaces and deletes none",
}
"""Fields of a Tenant's `spec` without a counterpart, with what to do."""

CONVERTED: Final = (
    "owners",
    "additionalRoleBindings",
    "namespaceOptions",
    "nodeSelector",
    "resourceQuotas",
    "limitRanges",
    "networkPolicies",
    "serviceOptions",
    "cordoned",
)
"""Fields that become something."""

_POOL: Final = "is a quota over chosen namespaces; its limits end with Capsule. Put them into the quota of a Project"
_OTHER_KINDS: Final = {
    "CapsuleConfiguration": "settings of Capsule itself have no counterpart",
    "GlobalTenantResource": "copies objects into namespaces; the copies stay, new namespaces get none",
    "TenantResource": "copies objects into namespaces; the copies stay, new namespaces get none",
    "ResourcePool": _POOL,
    "GlobalResourceQuota": _POOL,
}


def remarks(inputs: Inputs, found: Tenants, options: Options) -> list[Remark]:
    """All of them."""
    told = [each for name in sorted(found.objects) for each in _tenant(name, found)]
    told += [each for name, obj in found.objects.items() for each in _access(name, obj, options)]
    names = {name for members in found.members.values() for name in members}
    return [*told, *_kinds(inputs), *taken_names(inputs, names)]


def _tenant(name: str, found: Tenants) -> Iterator[Remark]:
    obj = found.objects[name]
    given = spec(obj)
    for field in sorted(given):
        if field in LOST and given[field] not in (None, False, {}, []):
            yield lost(f"Tenant {name}: spec.{field}", LOST[field])
        elif field not in LOST and field not in CONVERTED:
            yield decide(f"Tenant {name}: spec.{field}", "is not known here and was not converted; look what it is for")
    for look in (_namespaces, _services, _states, _policies):
        yield from look(name, obj)
    if not found.members[name]:
        yield note(f"Tenant {name}", "has no namespaces in the input, so the Project has none")


def _access(name: str, obj: Object, options: Options) -> Iterator[Remark]:
    if spec(obj).get("owners") or spec(obj).get("additionalRoleBindings"):
        about, text = f"Tenant {name}: access", "Capsule's RoleBindings end with the Tenant"
        if options.role_bindings:
            yield note(about, f"{text}; those in the output grant the same, save for capsule-namespace-deleter")
        else:
            text += (
                ". Before that, grant the access that is written at the Project (ACCESS), by RoleBindings of your own"
            )
            yield decide(about, f"{text} or by those that --role-bindings writes")
    if spec(obj).get("owners"):
        text = "owners made namespaces themselves; they need another way: an administrator or a pipeline that makes "
        yield lost(f"Tenant {name}: spec.owners", text + "namespaces with the annotation field.cattle.io/projectId")
    for index, owner in enumerate(spec(obj).get("owners") or []):
        if owner.get("proxySettings"):
            yield lost(f"Tenant {name}: spec.owners[{index}].proxySettings", "Capsule's proxy has no counterpart")


def _namespaces(name: str, obj: Object) -> Iterator[Remark]:
    options = spec(obj, "namespaceOptions")
    about = f"Tenant {name}: spec.namespaceOptions"
    if options.get("quota"):
        each = spec(obj, "resourceQuotas").get("scope") == "Namespace"
        text = "the number of namespaces of a Project is not limited"
        text += "; its limit has room for that many, and a further namespace gets 0" if each else ""
        yield lost(f"{about}.quota", text)
    for field in ("forbiddenLabels", "forbiddenAnnotations"):
        if options.get(field):
            yield lost(f"{about}.{field}", _POLICY_ON)
    if options.get("managedMetadataOnly"):
        text = (
            "Capsule takes other annotations off namespaces, those of Projects too: stop it before you apply the output"
        )
        yield decide(f"{about}.managedMetadataOnly", text)
    for field in ("additionalMetadata", "additionalMetadataList"):
        if options.get(field):
            yield note(
                f"{about}.{field}", "is written on the namespaces that are there; give it to new namespaces yourself"
            )
    known = {"quota", "forbiddenLabels", "forbiddenAnnotations", "managedMetadataOnly"}
    for field in sorted(options.keys() - known - {"additionalMetadata", "additionalMetadataList"}):
        yield decide(f"{about}.{field}", "is not known here and was not converted; look what it is for")
    if spec(obj, "nodeSelector"):
        text = "is an annotation of today's namespaces, for the admission plugin PodNodeSelector; new ones need it too"
        yield note(f"Tenant {name}: spec.nodeSelector", text)


def _services(name: str, obj: Object) -> Iterator[Remark]:
    options = spec(obj, "serviceOptions")
    about = f"Tenant {name}: spec.serviceOptions"
    for field in sorted(options):
        if field != "allowedServices":
            yield lost(f"{about}.{field}", _POLICY_ON)
    allowed = options.get("allowedServices") or {}
    for kind in sorted(allowed):
        if kind in ("nodePort", "loadBalancer"):
            if allowed[kind] is False:
                yield note(f"{about}.allowedServices.{kind}", "is a quota of 0 of these Services now")
        elif allowed[kind] is False:
            yield lost(f"{about}.allowedServices.{kind}", _POLICY_ON)


def _states(name: str, obj: Object) -> Iterator[Remark]:
    if spec(obj).get("cordoned") or ((obj["metadata"].get("labels") or {}).get("capsule.clastix.io/cordon")):
        text = (
            "nothing keeps people from writing in the namespaces of a Project. End the cordon first, or take their"
            " access away while it lasts"
        )
        yield decide(f"Tenant {name}: spec.cordoned", text)
    if f"{GROUP}/protected" in (obj["metadata"].get("annotations") or {}):
        yield lost(f"Tenant {name}: {GROUP}/protected", LOST["preventDeletion"])


def _policies(name: str, obj: Object) -> Iterator[Remark]:
    items = spec(obj, "networkPolicies").get("items") or []
    about = f"Tenant {name}: spec.networkPolicies"
    if items:
        yield lost(about, "each of today's namespaces has NetworkPolicies of its own; new namespaces do not get them")
    if any(_mentions(items, lambda each: isinstance(each, dict) and each.get("key") in TENANT_LABELS)):
        text = "selects by an expression on Capsule's label of namespaces, which no new namespace has; select by "
        yield decide(about, f"{text}the label field.cattle.io/projectId")
    if any(_mentions(items, lambda each: isinstance(each, dict) and bool(set(each) & set(TENANT_LABELS)))):
        yield note(
            about, "namespaces are selected by the label field.cattle.io/projectId where they were by Capsule's label"
        )


def _mentions(given: Any, fits: Callable[[Any], bool]) -> Iterator[Any]:
    if fits(given):
        yield given
    for each in given.values() if isinstance(given, dict) else given if isinstance(given, list) else ():
        yield from _mentions(each, fits)


def _kinds(inputs: Inputs) -> Iterator[Remark]:
    for kind in inputs.kinds(GROUP):
        if kind != "Tenant":
            text = _OTHER_KINDS.get(kind, "is not known here and was not converted; look what it is for")
            for obj in inputs.of(kind, GROUP):
                weight = lost if kind in _OTHER_KINDS else decide
                yield weight(f"{kind} {name_of(obj)}", text)
