"""`nodetemplates.management.cattle.io`: what machines looked like, and the machine config that takes its place."""

from __future__ import annotations

from typing import Any

from drover.kinds.kind import Kind
from drover.kinds.node_template.decide import decide
from drover.kinds.node_template.report import report
from drover.kinds.node_template.world import World
from drover.kinds.references import known_as
from drover.kinds.resources import NODE_TEMPLATES
from drover.kube.gvr import Key
from drover.rules.drivers import described, usable
from drover.rules.references import template_credential, template_driver


class NodeTemplateKind(Kind[World]):
    """The kind, for the reconciler. Nothing tells of a Secret that changes, so each is looked at again and again."""

    gvr = NODE_TEMPLATES
    name = "node-template"
    manager = "drover-node-template"
    workers = 2
    low_at_once = 1
    every = 60.0
    decide = staticmethod(decide)
    report = staticmethod(report)

    @staticmethod
    def model() -> Any:
        """The model of its spec."""
        from drover.api.management.node_template import NodeTemplateSpec

        return NodeTemplateSpec

    def gather(self, key: Key) -> World | None:
        """Everything that the decision depends on."""
        hub = self._hub
        obj = hub.caches[NODE_TEMPLATES].get(key)
        if obj is None:
            return None
        name = template_driver(obj)
        node_driver = hub.node_driver(name)
        return World(
            obj=obj,
            users=hub.users(known_as(self.gvr, obj)),
            leaving=hub.ends(key.namespace),
            invalid=self._parsed.problem(obj),
            now=hub.now(),
            driver_name=name,
            driver=described(name, node_driver),
            usable=usable(name, node_driver),
            look=hub.looks.get(Key(*template_credential(obj))),
        )
