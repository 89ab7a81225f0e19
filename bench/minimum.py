"""The fewest writes that changes of bindings come to: what would be different, counted from the compiled rights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from drover.kube.gvr import Object
from drover.rules.rbac.bindings import placed
from drover.rules.rbac.compiling import compile_unit, desired
from drover.rules.rbac.snapshot import Snapshot
from drover.rules.rbac.touched import touched
from drover.rules.rbac.units import Compiled, Unit


class _Place(NamedTuple):
    cluster: str
    kind: str
    namespace: str
    name: str


class Minimum:
    """Counts, for each change of a binding, the RBAC objects in all clusters that are other than before it: to be made,
    changed or deleted once each. What is compiled for a role, a cluster or a project never holds an object of another,
    but several may need the same label on a ClusterRole of others.

    `namespaces` gives those of a project `<cluster>:<project>`.
    """

    def __init__(self, facts: Snapshot, namespaces: Callable[[str], Iterable[str]]) -> None:
        self._facts = facts
        self._namespaces = namespaces
        self._held: dict[Unit, dict[_Place, Object]] = {}
        self._external: dict[Unit, tuple[str, ...]] = {}
        for unit, each in desired(facts).items():
            self._hold(unit, each)

    def given(self, binding: Object) -> int:
        """Takes note of a binding; how many writes it asks for, and one for its own status."""
        return 1 + self._count(binding, None, binding)

    def taken(self, binding: Object) -> int:
        """The same of one that goes. Nobody has to write to it."""
        return self._count(binding, binding, None)

    def _count(self, binding: Object, old: Object | None, new: Object | None) -> int:
        self._facts.change(binding["kind"], old, new)
        count, labelled = 0, self._labelled()
        for unit in touched(binding["kind"], old, new, self._facts):
            before = self._held.get(unit, {})
            after = self._hold(unit, compile_unit(unit, self._facts))
            count += sum(before.get(place) != after.get(place) for place in before.keys() | after.keys())
        return count + len(labelled ^ self._labelled())

    def _hold(self, unit: Unit, compiled: Compiled) -> dict[_Place, Object]:
        """Takes what a unit holds now."""
        self._external[unit] = tuple(compiled.external)
        objects = (*compiled.objects, *self._placed(compiled))
        self._held[unit] = {_place(unit.cluster, obj): obj for obj in objects}
        return self._held[unit]

    def _labelled(self) -> set[tuple[str, str]]:
        """The ClusterRoles of others that have a label, by cluster; that is a write too, whoever needs it."""
        return {(unit.cluster, name) for unit, names in self._external.items() for name in names}

    def _placed(self, compiled: Compiled) -> Iterator[Object]:
        for namespace in self._namespaces(compiled.project) if compiled.in_namespaces else ():
            yield from (placed(obj, namespace) for obj in compiled.in_namespaces)


def _place(cluster: str, obj: Object) -> _Place:
    metadata = obj["metadata"]
    return _Place(cluster, obj["kind"], metadata.get("namespace", ""), metadata["name"])
