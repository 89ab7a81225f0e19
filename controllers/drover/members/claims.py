"""Which units of rights want which RBAC objects of a cluster."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from drover.kube.gvr import GVR, ROLE_BINDINGS, Key, Object, key_of
from drover.members.desired import Part
from drover.members.rbac import KINDS, marked, role_of, stamp, unit_label
from drover.rules.rbac.bindings import placed

Place = tuple[str, Key]
"""Kind and key of an RBAC object."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An RBAC object as it should be, labels and all, with its stamp and what it binds to."""

    manifest: Object
    stamp: str
    role: str

    @property
    def gvr(self) -> GVR:
        """The resource."""
        return KINDS[self.manifest["kind"]]


@dataclass(frozen=True, slots=True)
class Unit:
    """A part about rights as it is compared with what is there: `rights` by their places, and `grants`, RoleBindings
    for every namespace of a project."""

    part: Part
    label: str
    rights: Mapping[Place, Wanted]
    grants: tuple[Wanted, ...]

    def grants_in(self, namespace: str) -> Iterator[tuple[Place, Wanted]]:
        """The RoleBindings for one namespace."""
        for grant in self.grants:
            manifest = placed(grant.manifest, namespace)
            yield place_of(manifest), Wanted(manifest, grant.stamp, grant.role)


def unit_of_part(part: Part) -> Unit:
    """The unit that a part is about."""
    objects = [marked(manifest, part) for manifest in part.rights]
    grants = tuple(_wanted(marked(manifest, part)) for manifest in part.grants)
    return Unit(part, unit_label(part.key), {place_of(obj): _wanted(obj) for obj in objects}, grants)


def place_of(obj: Object) -> Place:
    """Where an RBAC object is."""
    return obj["kind"], key_of(obj)


class Claims:
    """Units by their label, and the labels of those that want something."""

    def __init__(self) -> None:
        self._units: dict[str, Unit] = {}
        self._places: dict[Place, set[str]] = {}
        self._namespaces: dict[str, set[str]] = {}  # that objects are wanted in
        self._projects: dict[str, set[str]] = {}  # in whose namespaces RoleBindings are wanted
        self._external: dict[str, dict[str, Mapping[str, str]]] = {}  # by ClusterRole and label of the unit

    def __contains__(self, label: str) -> bool:
        return label in self._units

    def __iter__(self) -> Iterator[str]:
        return iter(self._units)

    def __getitem__(self, label: str) -> Unit:
        return self._units[label]

    # --- In ---------------------------------------------------------------------------------------------------------
    def learn(self, unit: Unit) -> None:
        """Takes what a unit wants."""
        self._units[unit.label] = unit
        for place in unit.rights:
            self._places.setdefault(place, set()).add(unit.label)
            if place[1].namespace:
                self._namespaces.setdefault(place[1].namespace, set()).add(unit.label)
        if unit.grants:
            self._projects.setdefault(unit.part.granted_in, set()).add(unit.label)
        for name, labels in unit.part.aggregated.items():
            self._external.setdefault(name, {})[unit.label] = labels

    def forget(self, label: str) -> Unit:
        """Takes out what a unit wanted."""
        unit = self._units.pop(label)
        for place in unit.rights:
            _discard(self._places, place, label)
        for namespace in {place[1].namespace for place in unit.rights} - {""}:
            _discard(self._namespaces, namespace, label)
        if unit.grants:
            _discard(self._projects, unit.part.granted_in, label)
        for name in unit.part.aggregated:
            del self._external[name][label]
            if not self._external[name]:
                del self._external[name]
        return unit

    # --- Out --------------------------------------------------------------------------------------------------------
    def on(self, place: Place, project: str) -> set[str]:
        """Who wants an object, whose namespace is in a project."""
        found = set(self._places.get(place, ()))
        kind, key = place
        if kind == ROLE_BINDINGS.kind:
            found |= {
                label
                for label in self._projects.get(project, ())
                if any(place == granted for granted, _ in self._units[label].grants_in(key.namespace))
            }
        return found

    def in_namespace(self, namespace: str) -> set[str]:
        """Who wants objects in a namespace itself."""
        return self._namespaces.get(namespace, set())

    def in_project(self, project: str) -> set[str]:
        """Who wants RoleBindings in all namespaces of a project."""
        return self._projects.get(project, set())

    def about(self, cluster_role: Place) -> set[str]:
        """Who wants a ClusterRole, or adds up one of somebody else."""
        return {*self._external.get(cluster_role[1].name, ()), *self._places.get(cluster_role, ())}

    def labels_on(self, cluster_role: str) -> dict[str, str]:
        """The labels that are wanted on a ClusterRole of somebody else."""
        return {key: value for labels in self._external.get(cluster_role, {}).values() for key, value in labels.items()}


def _wanted(obj: Object) -> Wanted:
    return Wanted(obj, stamp(obj), role_of(obj))


def _discard(index: dict[K, set[str]], key: K, label: str) -> None:
    index[key].discard(label)
    if not index[key]:
        del index[key]
