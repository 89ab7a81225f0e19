"""`globalroles.management.cattle.io`: those that came with Drover, and whether what they give exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drover.kinds.kind import Kind
from drover.kinds.resources import GLOBAL_ROLES
from drover.kinds.role.decide import decide
from drover.kinds.role.report import report
from drover.kinds.role.world import World
from drover.kube.gvr import Key, Object
from drover.rules.objects import name_of
from drover.rules.rbac.catalogue import GLOBAL_ROLES as SHIPPED
from drover.rules.rbac.catalogue import SWITCHES
from drover.rules.rbac.global_roles import says_nothing
from drover.rules.rbac.reading import global_role

_OWN = frozenset(SWITCHES["GlobalRole"])


class GlobalRoleKind(Kind[World]):
    """The kind, for the reconciler."""

    gvr = GLOBAL_ROLES
    name = "global-role"
    manager = "drover-global-role"
    seeds_after = 2.0
    decide = staticmethod(decide)
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of the kind: it has no spec."""
        from drover.api.management.global_role import GlobalRole

        return GlobalRole

    def seeds(self) -> Mapping[Key, Object]:
        """The GlobalRoles that come with Drover."""
        return _SEEDS

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        role = self._hub.caches[GLOBAL_ROLES].get(key)
        if role is None:
            return None
        facts, value = self._hub.rights.facts, global_role(role)
        given = {name: facts.role_template(name) for name in (value.cluster_roles if value is not None else ())}
        return World(
            gvr=GLOBAL_ROLES,
            role=role,
            shipped=_SEEDS.get(key),
            own=_OWN,
            missing=tuple(name for name, found in given.items() if found is None),
            coming=False,
            misplaced=tuple(name for name, found in given.items() if found is not None and found.context != "cluster"),
            cycle=(),
            reserved=(),
            empty=value is not None and says_nothing(value),
            invalid=self._parsed.problem(role),
            now=self._hub.now(),
        )


_SEEDS = {Key("", name_of(role)): dict(role) for role in SHIPPED}
