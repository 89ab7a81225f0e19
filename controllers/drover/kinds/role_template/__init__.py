"""`roletemplates.management.cattle.io`: those that came with Drover, and whether what they inherit exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drover.kinds.kind import Kind
from drover.kinds.resources import ROLE_TEMPLATES
from drover.kinds.role.decide import decide
from drover.kinds.role.report import report
from drover.kinds.role.world import World
from drover.kube.gvr import Key, Object
from drover.rules.objects import name_of
from drover.rules.rbac.catalogue import ROLE_TEMPLATES as SHIPPED
from drover.rules.rbac.catalogue import SWITCHES
from drover.rules.rbac.graph import resolve

_OWN = frozenset(SWITCHES["RoleTemplate"])


class RoleTemplateKind(Kind[World]):
    """The kind, for the reconciler."""

    gvr = ROLE_TEMPLATES
    name = "role-template"
    manager = "drover-role-template"
    seeds_after = 2.0
    decide = staticmethod(decide)
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of the kind: it has no spec."""
        from drover.api.management.role_template import RoleTemplate

        return RoleTemplate

    def seeds(self) -> Mapping[Key, Object]:
        """The RoleTemplates that come with Drover."""
        return _SEEDS

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        role = self._hub.caches[ROLE_TEMPLATES].get(key)
        if role is None:
            return None
        found = resolve(key.name, self._hub.rights.facts)
        return World(
            gvr=ROLE_TEMPLATES,
            role=role,
            shipped=_SEEDS.get(key),
            own=_OWN,
            missing=found.missing,
            coming=all(Key("", name) in _SEEDS for name in found.missing),
            misplaced=(),
            cycle=found.cycle,
            reserved=found.reserved,
            empty=found.says_nothing,
            invalid=self._parsed.problem(role),
            now=self._hub.now(),
        )


_SEEDS = {Key("", name_of(role)): dict(role) for role in SHIPPED}
