"""`nodepools.management.cattle.io`: the machine pool that a NodePool comes to."""

from __future__ import annotations

from typing import Any

from drover.kinds.kind import Kind
from drover.kinds.node_pool.decide import decide
from drover.kinds.node_pool.report import report
from drover.kinds.node_pool.world import World
from drover.kinds.node_template import NodeTemplateKind
from drover.kinds.parsed import Parsed
from drover.kinds.resources import NODE_POOLS, NODE_TEMPLATES
from drover.kube.gvr import Key
from drover.rules.objects import spec
from drover.rules.references import qualified


class NodePoolKind(Kind[World]):
    """The kind, for the reconciler."""

    gvr = NODE_POOLS
    name = "node-pool"
    manager = "drover-node-pool"
    workers = 2
    low_at_once = 1
    decide = staticmethod(decide)
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of its spec."""
        from drover.api.management.node_pool import NodePoolSpec

        return NodePoolSpec

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        hub = self._hub
        obj = hub.caches[NODE_POOLS].get(key)
        if obj is None:
            return None
        namespace, _, name = qualified(spec(obj).get("nodeTemplateName"), key.namespace).partition(":")
        template = hub.caches[NODE_TEMPLATES].get(Key(namespace, name))
        return World(
            pool=obj,
            template=template,
            cluster=hub.cluster(key.namespace),
            invalid=self._parsed.problem(obj),
            template_invalid=Parsed(NodeTemplateKind.model).problem(template) if template is not None else "",
            now=hub.now(),
        )
