"""`users.management.cattle.io`: whom bindings name, and the roles that a new one has."""

from __future__ import annotations

from typing import Any

from drover.kinds.kind import Kind
from drover.kinds.resources import USERS
from drover.kinds.user.decide import MANAGER, decide
from drover.kinds.user.gather import gather
from drover.kinds.user.report import report
from drover.kinds.user.world import World
from drover.kube.gvr import Key


class UserKind(Kind[World]):
    """The kind, for the reconciler."""

    gvr = USERS
    name = "user"
    manager = MANAGER
    decide = staticmethod(decide)
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of the kind: it has no spec."""
        from drover.api.management.user import User

        return User

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        return gather(self._hub, self._parsed, key)
