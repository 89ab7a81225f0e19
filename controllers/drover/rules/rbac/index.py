"""Values by key, kept as they come and go."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from typing import Generic, TypeVar

from drover.rules.rbac.facts import Binding, Naming

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
H = TypeVar("H", bound=Hashable)


class Grouped(Generic[K, V]):
    """Values in groups; within a group each has an identity."""

    def __init__(self) -> None:
        self._groups: dict[K, dict[Hashable, V]] = {}

    def put(self, keys: Iterable[K], identity: Hashable, value: V) -> None:
        """Adds a value to groups."""
        for key in keys:
            self._groups.setdefault(key, {})[identity] = value

    def drop(self, keys: Iterable[K], identity: Hashable) -> None:
        """Removes a value from groups."""
        for key in keys:
            group = self._groups.get(key, {})
            group.pop(identity, None)
            if not group:
                self._groups.pop(key, None)

    def of(self, key: K) -> Collection[V]:
        """The values of a group."""
        return self._groups.get(key, {}).values()


class Counted(Generic[K, H]):
    """Groups of different values, each of which is there as often as it was added."""

    def __init__(self) -> None:
        self._groups: dict[K, dict[H, int]] = {}

    def add(self, key: K, value: H, by: int) -> None:
        """Adds a value once (`by` 1), or takes it away once (-1)."""
        group = self._groups.setdefault(key, {})
        group[value] = group.get(value, 0) + by
        if not group[value]:
            del group[value]
        if not group:
            del self._groups[key]

    def of(self, key: K) -> Collection[H]:
        """The values of a group."""
        return self._groups.get(key, {}).keys()


class Grants:
    """Which role is given to whom and where, by the bindings in force."""

    def __init__(self) -> None:
        self.by_cluster: Counted[tuple[str, str], Naming] = Counted()
        self.by_project: Counted[tuple[str, str], Naming] = Counted()
        self.roles: Counted[str, str] = Counted()
        self.clusters: Counted[str, str] = Counted()
        self.projects: Counted[tuple[str, str], str] = Counted()

    def count(self, binding: Binding, by: int) -> None:
        """Adds a binding of a cluster or project (`by` 1), or takes it away (-1)."""
        place = (binding.role, binding.cluster)
        (self.by_project if binding.project else self.by_cluster).add(place, binding.naming, by)
        self.roles.add(binding.cluster, binding.role, by)
        self.clusters.add(binding.role, binding.cluster, by)
        if binding.project:
            self.projects.add(place, binding.project, by)
