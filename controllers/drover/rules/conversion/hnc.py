"""Trees of the Hierarchical Namespace Controller (`hnc.x-k8s.io/v1alpha2`) as Projects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from drover.kube.gvr import Object
from drover.rules.conversion.access import Grant, comment, role_of, subjects
from drover.rules.conversion.amounts import hard
from drover.rules.conversion.hnc_remarks import more_than_defaults, remarks
from drover.rules.conversion.inputs import Inputs, has_scopes
from drover.rules.conversion.output import Quotas, container_defaults, namespace, of_people, project, project_name
from drover.rules.conversion.propagation import Propagation, modes
from drover.rules.conversion.result import Conversion, Document, Remark, decide
from drover.rules.conversion.tree_quotas import TreeQuotas
from drover.rules.conversion.trees import GROUP, Options, Trees, trees
from drover.rules.objects import label, name_of, namespace_of, spec, status

RBAC: Final = "rbac.authorization.k8s.io"
_OF_HRQ: Final = f"{GROUP}/hrq"

ByNamespace = Mapping[str, Mapping[str, str]]


def convert(objects: Iterable[Object], options: Options) -> Conversion:
    """The Projects for the hub and the namespaces for the member. The same input gives the same output."""
    inputs = Inputs(objects)
    found = trees(inputs, options)
    labels, annotations = (_managed(inputs, found, field) for field in ("labels", "annotations"))
    of_namespaces = {
        name: of_people(obj["metadata"].get("labels")) | labels.get(name, {}) for name, obj in found.live.items()
    }
    propagation = Propagation(found.forest, of_namespaces, modes(inputs.of("HNCConfiguration", GROUP)))
    quotas = TreeQuotas(found.forest, found.starts, found.caps, found.members, _used(inputs))
    defaults, wrong = _container_defaults(inputs, found, propagation)
    grants = _grants(inputs, propagation)
    hub, member = [], []
    for start, members in found.members.items():
        own, common = quotas.of(start), _common(defaults, members)
        text = f"The HNC tree of namespace {start}"
        obj = project(options.cluster, project_name(options.prefix, start), start, text, own, common)
        hub.append(Document(obj, comment(grants, members)))
        for name in members:
            made = namespace(
                name,
                found.live.get(name),
                project_id=options.project_id(start),
                share=_asked(own, name),
                container={} if common else defaults.get(name, {}),
                labels=labels.get(name),
                annotations=annotations.get(name),
            )
            member.append(Document(made))
    told = {
        *found.remarks,
        *quotas.remarks,
        *propagation.remarks,
        *wrong,
        *remarks(inputs, found, propagation, options),
    }
    return Conversion(tuple(hub), tuple(member), tuple(sorted(told)))


def _asked(quotas: Quotas, name: str) -> Mapping[str, str]:
    share = quotas.shares[name]
    return {} if share == quotas.default else share


def _managed(inputs: Inputs, found: Trees, field: str) -> dict[str, dict[str, str]]:
    """The labels or annotations that HNC puts on namespaces: those of the configuration or anchor of each, and of those
    above, which win."""
    own: dict[str, dict[str, str]] = defaultdict(dict)
    for obj in inputs.of("SubnamespaceAnchor", GROUP):
        own[name_of(obj)] |= {str(pair["key"]): str(pair["value"]) for pair in spec(obj).get(field) or []}
    for obj in inputs.of("HierarchyConfiguration", GROUP):
        own[namespace_of(obj)] |= {str(pair["key"]): str(pair["value"]) for pair in spec(obj).get(field) or []}
    result = {}
    for names in found.members.values():
        for name in names:
            result[name] = {key: value for each in found.forest.ancestry(name) for key, value in own[each].items()}
    return result


def _used(inputs: Inputs) -> dict[str, dict[str, str]]:
    """What each namespace uses; what HNC's own ResourceQuota counts is what counts."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    quotas = inputs.of("ResourceQuota")
    for obj in sorted(quotas, key=lambda obj: (not has_scopes(obj), bool(label(obj, _OF_HRQ)))):
        found[namespace_of(obj)] |= hard(status(obj).get("used"))[0]
    return found


def _container_defaults(
    inputs: Inputs, found: Trees, propagation: Propagation
) -> tuple[dict[str, dict[str, str]], list[Remark]]:
    """What containers of each namespace get by a LimitRange that is copied to others; what is nearest wins."""
    result: dict[str, dict[str, str]] = defaultdict(dict)
    told = []
    ranges = inputs.of("LimitRange")
    for obj in sorted(ranges, key=lambda obj: -_depth(found, namespace_of(obj))):
        receivers = propagation.receivers(obj, "", "limitranges")
        if len(receivers) < 2:
            continue
        given, whole = container_defaults(spec(obj))
        about = f"LimitRange {namespace_of(obj)}/{name_of(obj)}"
        if not whole:
            told.append(more_than_defaults(about))
        for name in receivers:
            other = {key for key, value in given.items() if result[name].get(key, value) != value}
            if other:
                text = f"{', '.join(sorted(other))}: a nearer LimitRange gives {name} another value, which counts"
                told.append(decide(about, text))
            result[name] = given | result[name]
    return result, told


def _depth(found: Trees, name: str) -> int:
    return len(found.forest.ancestry(name)) if name in found.forest.parents else 0


def _common(defaults: ByNamespace, members: list[str]) -> Mapping[str, str]:
    """What all namespaces of a Project have; nothing where they differ."""
    first = defaults.get(members[0], {})
    return first if all(defaults.get(name, {}) == first for name in members) else {}


def _grants(inputs: Inputs, propagation: Propagation) -> list[Grant]:
    found = []
    for obj in inputs.of("RoleBinding", RBAC):
        receivers = propagation.receivers(obj, RBAC, "rolebindings")
        source = f"RoleBinding {namespace_of(obj)}/{name_of(obj)}"
        found.append(Grant(role_of(obj), subjects(obj.get("subjects")), source, frozenset(receivers)))
    return found
