"""What the decision about a NodePool depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drover.kube.gvr import Object
from drover.rules.machine_pools import Resolved, resolve
from drover.rules.objects import namespace_of, spec
from drover.rules.references import template_driver


@dataclass(frozen=True, slots=True)
class World:
    """`template` is the NodeTemplate that the pool names, `cluster` the Cluster whose namespace it is in; None where
    there is none, `template_invalid` what is wrong with the spec of the template."""

    pool: Object
    template: Object | None
    cluster: Object | None
    invalid: str
    template_invalid: str
    now: datetime

    @property
    def cluster_name(self) -> str:
        """The Cluster that it is a part of: the one whose namespace it lies in."""
        return namespace_of(self.pool)

    @property
    def resolved(self) -> Resolved | None:
        """The machine pool; None where something that it needs is missing."""
        driver = template_driver(self.template) if self.template is not None else ""
        misplaced = spec(self.pool).get("clusterName") != self.cluster_name
        if self.template is None or not driver or self.invalid or self.template_invalid or misplaced:
            return None
        return resolve(self.pool, self.template, driver)
