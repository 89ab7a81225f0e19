"""What GlobalRoleBindings, ClusterRoleTemplateBindings and ProjectRoleTemplateBindings have in common: all of it."""

from __future__ import annotations

from drover.kinds.binding.decide import decide
from drover.kinds.binding.gather import gather
from drover.kinds.binding.report import report
from drover.kinds.binding.world import World
from drover.kinds.kind import Kind
from drover.kube.gvr import Key


class BindingKind(Kind[World]):
    """A kind of binding, for the reconciler."""

    decide = staticmethod(decide)
    report = staticmethod(report)

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        return gather(self._hub, self.gvr, self._parsed, key)
