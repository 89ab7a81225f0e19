"""What a kube-apiserver would answer: RBAC over compiled objects, aggregation included."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from drover.kube.gvr import Object
from drover.rules.rbac import bindings
from drover.rules.rbac.facts import Rule, Subject
from drover.rules.rbac.graph import KUBERNETES_ROLES
from drover.rules.rbac.model import Request
from drover.rules.rbac.policy import manifest
from drover.rules.rbac.reading import rules
from drover.rules.rbac.subjects import matches
from drover.rules.rbac.units import Compiled, Unit

Place = tuple[str, str, str]
"""Kind, namespace and name."""


class Server:
    """The RBAC objects of one cluster. Two units that want one object are refused."""

    def __init__(self, cluster: str, namespaces: Mapping[str, str]) -> None:
        self.cluster = cluster
        self.namespaces = namespaces
        self.objects: dict[Place, Object] = {}
        self.wanted_by: dict[Place, Unit] = {}
        self._known: dict[Place, tuple[Rule, ...]] = {}
        for name, known in KUBERNETES_ROLES.items():
            self._foreign(name, [manifest(rule) for rule in known])

    def fill(self, compiled: Mapping[Unit, Compiled]) -> None:
        here = {unit: each for unit, each in compiled.items() if unit.cluster == self.cluster}
        for unit, each in here.items():
            for obj in each.objects:
                self._put(unit, obj)
            for namespace, project in self.namespaces.items():
                if each.project and project == each.project:
                    for obj in each.in_namespaces:
                        self._put(unit, bindings.placed(obj, namespace))

    def mark(self, compiled: Mapping[Unit, Compiled]) -> None:
        """Marks ClusterRoles of others, as far as there are any."""
        for unit, each in compiled.items():
            for name, labels in each.external.items() if unit.cluster == self.cluster else ():
                self._mark(name, labels)

    def external(self, name: str, rules: list[dict[str, Any]]) -> None:
        """Somebody else's ClusterRole, which nobody makes where there is one already."""
        if ("ClusterRole", "", name) not in self.objects:
            self._foreign(name, rules)

    def who_can(self, request: Request) -> set[Subject]:
        """All subjects that some binding allows the request."""
        found: set[Subject] = set()
        for (kind, namespace, _), obj in self.objects.items():
            inside = kind == "RoleBinding" and namespace == request.namespace and not request.url
            if kind == "ClusterRoleBinding" or inside:
                ref = obj["roleRef"]
                place = (ref["kind"], namespace if ref["kind"] == "Role" else "", ref["name"])
                if any(request.by(rule) for rule in self._rules(place)):
                    subjects = obj["subjects"]
                    found |= {Subject(each["kind"], each["name"], each.get("namespace", "")) for each in subjects}
        return found

    def allows(self, user: str, groups: Collection[str], request: Request) -> bool:
        return any(matches(subject, user, groups) for subject in self.who_can(request))

    def _rules(self, place: Place) -> tuple[Rule, ...]:
        if place not in self._known:
            self._known[place] = self._add_up(place)
        return self._known[place]

    def _add_up(self, place: Place) -> tuple[Rule, ...]:
        role = self.objects.get(place)
        if role is None:
            return ()
        if "aggregationRule" not in role:
            return rules(role["rules"])
        found: list[Rule] = []
        for selector in role["aggregationRule"]["clusterRoleSelectors"]:
            for each, obj in self.objects.items():
                labels = obj["metadata"].get("labels", {})
                if each[0] == "ClusterRole" and all(labels.get(k) == v for k, v in selector["matchLabels"].items()):
                    assert "aggregationRule" not in obj, f"{place[2]} adds up {each[2]}, which adds up others"
                    found += rules(obj["rules"])
        return tuple(found)

    def _put(self, unit: Unit, obj: Object) -> None:
        metadata = obj["metadata"]
        place = (obj["kind"], metadata.get("namespace", ""), metadata["name"])
        assert place not in self.objects, f"{place} is wanted by {unit}, and {self.wanted_by.get(place, 'Kubernetes')}"
        assert len(metadata["name"]) <= 63
        self.objects[place] = obj
        self.wanted_by[place] = unit

    def _foreign(self, name: str, rules: list[dict[str, Any]]) -> None:
        metadata: dict[str, Any] = {"name": name, "labels": {}}
        self.objects["ClusterRole", "", name] = {"kind": "ClusterRole", "metadata": metadata, "rules": rules}

    def _mark(self, name: str, labels: Mapping[str, str]) -> None:
        role = self.objects.get(("ClusterRole", "", name))
        if role is not None:
            assert ("ClusterRole", "", name) not in self.wanted_by, f"{name} is ours, and marked as another's"
            role["metadata"]["labels"].update(labels)
