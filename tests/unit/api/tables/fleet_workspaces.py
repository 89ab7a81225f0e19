"""Workspaces that must be refused. They have no fields but their name."""

from __future__ import annotations

from tests.unit.api.tables.bad import Bad, Change

BAD = (
    Bad("a name with a dot", {}, "metadata.name", "(no dots)", name="a.b", model=False),
    Bad("a name of 64 characters", {}, "metadata.name", name="x" * 64, model=False),
    Bad("a namespace of Kubernetes", {}, "metadata.name", "choose another name", name="kube-system", model=False),
    Bad("the namespace of Drover", {}, "metadata.name", "choose another name", name="drover-system", model=False),
    Bad("the namespace of the local cluster", {}, "metadata.name", "choose another name", name="local", model=False),
)

CHANGES: tuple[Change, ...] = ()
