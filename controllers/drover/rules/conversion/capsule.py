"""Tenants of Capsule (`capsule.clastix.io/v1beta2`) as Projects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from drover.api.keys import PROJECT_ID
from drover.kube.gvr import Object
from drover.rules.conversion.access import Grant, comment, subjects
from drover.rules.conversion.capsule_remarks import remarks
from drover.rules.conversion.inputs import Inputs
from drover.rules.conversion.output import container_defaults, named, namespace, of_people, project
from drover.rules.conversion.result import CannotConvert, Conversion, Document, Remark, decide, lost
from drover.rules.conversion.selector import matches
from drover.rules.conversion.tenant_quotas import TenantQuotas
from drover.rules.conversion.tenants import TENANT_LABELS, Options, Tenants, tenants
from drover.rules.names import shortened, suffix
from drover.rules.objects import spec

NODE_SELECTOR: Final = "scheduler.alpha.kubernetes.io/node-selector"
_RBAC: Final = "rbac.authorization.k8s.io"
_OWNERS_HAVE: Final = ("admin", "capsule-namespace-deleter")


def convert(objects: Iterable[Object], options: Options) -> Conversion:
    """The Projects for the hub; for the member the namespaces, with the plain objects that they need. The same input
    gives the same output."""
    inputs = Inputs(objects)
    found = tenants(inputs, options)
    told: set[Remark] = {*found.remarks, *remarks(inputs, found, options)}
    hub: list[Document] = []
    member: list[Document] = []
    for name in sorted(found.objects):
        made = _Tenant(found, name, options)
        hub.append(Document(made.project(), comment(made.grants, made.names)))
        member += [Document(obj) for each in made.names for obj in made.objects(each)]
        told |= {*made.quotas.remarks, *made.remarks}
    return Conversion(tuple(hub), tuple(member), tuple(sorted(told)))


class _Tenant:
    """One Tenant, on its way to be a Project."""

    def __init__(self, found: Tenants, name: str, options: Options) -> None:
        self.found, self.name, self.options = found, name, options
        self.obj, self.names = found.objects[name], found.members[name]
        self.quotas = TenantQuotas(found, name, options.room)
        self.remarks: list[Remark] = []
        self.defaults, self.ranges = self._limit_ranges()
        self.grants = [
            Grant(f"ClusterRole {role}", subjects(each), source, frozenset(self.names))
            for role, each, source in self._bindings()
        ]

    def project(self) -> Object:
        """The Project."""
        text = f"The Capsule Tenant {self.name}"
        own = self.quotas.quotas
        return project(self.options.cluster, self.options.project(self.name), self.name, text, own, self.defaults)

    def objects(self, name: str) -> list[Object]:
        """A namespace and what stands in it."""
        live = self.found.live.get(name)
        own, labels, annotations = self.quotas.quotas, dict[str, str](), dict[str, str]()
        for metadata in self._metadata(of_people(((live or {}).get("metadata") or {}).get("labels")), name):
            labels = self._filled(metadata.get("labels"), name) | labels
            annotations = self._filled(metadata.get("annotations"), name) | annotations
        if selector := spec(self.obj, "nodeSelector"):
            annotations[NODE_SELECTOR] = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
        made = namespace(
            name,
            live,
            project_id=self.options.project_id(self.name),
            share={} if own.shares[name] == own.default else own.shares[name],
            labels=of_people(labels),
            annotations=of_people(annotations),
        )
        ranges = [named("LimitRange", "v1", name, f"tenant-{self.name}-{index}", item) for index, item in self.ranges]
        return [made, *self.quotas.plain[name], *ranges, *self._policies(name), *self._role_bindings(name)]

    def _metadata(self, labels: Mapping[str, str], name: str) -> list[Mapping[str, Any]]:
        """What Capsule writes on a namespace; what is first wins."""
        options = spec(self.obj, "namespaceOptions")
        found = [options["additionalMetadata"]] if options.get("additionalMetadata") else []
        for index, each in enumerate(options.get("additionalMetadataList") or []):
            try:
                fits = matches(each.get("namespaceSelector"), {"kubernetes.io/metadata.name": name, **labels})
            except CannotConvert as error:
                about = f"Tenant {self.name}: spec.namespaceOptions.additionalMetadataList[{index}].namespaceSelector"
                self.remarks.append(decide(about, f"{error}; left out"))
                continue
            if fits:
                found.append(each)
        return found

    def _filled(self, given: Any, name: str) -> dict[str, str]:
        values = {
            "{{ tenant.name }}": self.name,
            "{{tenant.name}}": self.name,
            "{{ namespace }}": name,
            "{{namespace}}": name,
        }
        found = {}
        for key, value in (given or {}).items():
            text = str(value)
            for written, meant in values.items():
                text = text.replace(written, meant)
            found[str(key)] = text
        return found

    def _limit_ranges(self) -> tuple[dict[str, str], list[tuple[int, Mapping[str, Any]]]]:
        """What containers get, and the LimitRanges that say more than that.

        Those stay whole: Kubernetes gives one that has a `max` and no `default` a default of its own.
        """
        defaults: dict[str, str] = {}
        ranges = []
        for index, item in enumerate(spec(self.obj, "limitRanges").get("items") or []):
            given, whole = container_defaults(item)
            about = f"Tenant {self.name}: spec.limitRanges.items[{index}]"
            if other := sorted(key for key, value in given.items() if defaults.get(key, value) != value):
                text = f"{', '.join(other)}: an earlier item says something else, which counts; choose one"
                self.remarks.append(decide(about, text))
            defaults = given | defaults
            if not whole:
                ranges.append((index, item))
                text = (
                    "says more than requests and limits of containers that set none: each of today's namespaces has a "
                )
                self.remarks.append(lost(about, text + "LimitRange with it; new namespaces do not get it"))
        return dict(sorted(defaults.items())), ranges

    def _policies(self, name: str) -> list[Object]:
        items = spec(self.obj, "networkPolicies").get("items") or []
        return [
            named("NetworkPolicy", "networking.k8s.io/v1", name, f"tenant-{self.name}-{index}", self._by_project(item))
            for index, item in enumerate(items)
        ]

    def _by_project(self, given: Any) -> Any:
        """A policy that selects namespaces by Project where it did by Tenant."""
        if isinstance(given, list):
            return [self._by_project(each) for each in given]
        if not isinstance(given, dict):
            return given
        found = {key: self._by_project(value) for key, value in given.items()}
        if isinstance(labels := found.get("matchLabels"), dict):
            found["matchLabels"] = {
                (PROJECT_ID if key in TENANT_LABELS else key): (
                    self.options.project(value) if key in TENANT_LABELS else value
                )
                for key, value in labels.items()
            }
        return found

    def _bindings(self) -> list[tuple[str, list[Mapping[str, Any]], str]]:
        """Roles with their subjects and the field that they are from."""
        found: list[tuple[str, list[Mapping[str, Any]], str]] = []
        for index, owner in enumerate(spec(self.obj).get("owners") or []):
            roles = owner.get("clusterRoles") or _OWNERS_HAVE
            found += [(str(role), [_subject(owner)], f"spec.owners[{index}]") for role in roles]
        for index, binding in enumerate(spec(self.obj).get("additionalRoleBindings") or []):
            given: list[Mapping[str, Any]] = [_subject(each) for each in binding.get("subjects") or []]
            found.append((str(binding.get("clusterRoleName")), given, f"spec.additionalRoleBindings[{index}]"))
        return found

    def _role_bindings(self, name: str) -> list[Object]:
        """One RoleBinding a role, where they are asked for."""
        by_role: dict[str, list[Mapping[str, Any]]] = {}
        for role, given, _ in self._bindings() if self.options.role_bindings else ():
            if role != "capsule-namespace-deleter":
                known = by_role.setdefault(role, [])
                known += [each for each in given if each not in known]
        return [
            {
                "apiVersion": f"{_RBAC}/v1",
                "kind": "RoleBinding",
                "metadata": {"name": shortened(f"tenant-{self.name}-{suffix(role)}"), "namespace": name},
                "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
                "subjects": given,
            }
            for role, given in sorted(by_role.items())
        ]


def _subject(given: Mapping[str, Any]) -> dict[str, Any]:
    """A subject as RBAC has it. Capsule names a ServiceAccount as `system:serviceaccount:<namespace>:<name>`."""
    kind, name = str(given.get("kind") or "User"), str(given.get("name"))
    if kind != "ServiceAccount":
        return {"apiGroup": _RBAC, "kind": kind, "name": name}
    parts = name.split(":")
    if len(parts) == 4 and parts[:2] == ["system", "serviceaccount"]:
        return {"kind": kind, "name": parts[3], "namespace": parts[2]}
    return {"kind": kind, "name": name} | ({"namespace": given["namespace"]} if given.get("namespace") else {})
