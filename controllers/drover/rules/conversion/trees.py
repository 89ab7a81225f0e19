"""Which Projects come out of trees, and which namespaces are in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from drover.kube.gvr import Object
from drover.rules.conversion.amounts import hard, lower
from drover.rules.conversion.forest import Forest, forest
from drover.rules.conversion.inputs import Inputs
from drover.rules.conversion.output import elsewhere, project_name
from drover.rules.conversion.result import CannotConvert, Remark, decide
from drover.rules.conversion.texts import stays, wrong_amounts
from drover.rules.conversion.tree_quotas import starts
from drover.rules.objects import name_of, namespace_of, spec

GROUP: Final = "hnc.x-k8s.io"


@dataclass(frozen=True, slots=True)
class Options:
    """`split` are namespaces that begin a Project of their own, `level` does that for all down to a depth; `only` are
    the roots of the trees to convert (all without any)."""

    cluster: str
    prefix: str = ""
    split: tuple[str, ...] = ()
    level: int = 0
    only: tuple[str, ...] = ()

    def project_id(self, start: str) -> str:
        """What the namespaces of a Project are annotated with."""
        return f"{self.cluster}:{project_name(self.prefix, start)}"


@dataclass(frozen=True)
class Trees:
    """`members` are the namespaces of each Project, by the namespace that it starts with; a Project without any is left
    out. `caps` is what HierarchicalResourceQuotas limit."""

    live: Mapping[str, Object]
    forest: Forest
    roots: list[str]
    starts: set[str]
    members: Mapping[str, list[str]]
    caps: Mapping[str, Mapping[str, str]]
    remarks: list[Remark] = field(default_factory=list)


def trees(inputs: Inputs, options: Options) -> Trees:
    """What is to be converted: trees of more than one namespace or with a limit."""
    caps, remarks = _caps(inputs)
    live = inputs.namespaces()
    found, wrong = forest(
        live, inputs.of("HierarchyConfiguration", GROUP), inputs.of("SubnamespaceAnchor", GROUP), caps
    )
    _check(options, found)
    roots = [root for root in found.roots() if len(found.subtree(root)) > 1 or root in caps]
    roots = [root for root in roots if not options.only or root in options.only]
    below = {name for root in roots for name in found.subtree(root)}
    caps = {name: amounts for name, amounts in caps.items() if name in below}
    begins = starts(found, caps, options.split, options.level)
    members: dict[str, list[str]] = {}
    for name in sorted(below - found.abstract):
        start = next(each for each in found.ancestry(name) if each in begins)
        if other := elsewhere(live.get(name), options.project_id(start)):
            remarks.append(decide(f"namespace {name}", stays(other, options.project_id(start))))
        else:
            members.setdefault(start, []).append(name)
    ordered = {start: members[start] for root in roots for start in found.subtree(root) if start in members}
    return Trees(live, found, roots, set(ordered), ordered, caps, [*remarks, *wrong])


def _caps(inputs: Inputs) -> tuple[dict[str, dict[str, str]], list[Remark]]:
    found: dict[str, dict[str, str]] = {}
    remarks = []
    for obj in inputs.of("HierarchicalResourceQuota", GROUP):
        amounts, wrong = hard(spec(obj).get("hard"))
        if amounts:
            lower(found.setdefault(namespace_of(obj), {}), amounts)
        if wrong:
            about = f"HierarchicalResourceQuota {namespace_of(obj)}/{name_of(obj)}"
            remarks.append(decide(about, f"spec.hard: {wrong_amounts(wrong)}"))
    return found, remarks


def _check(options: Options, found: Forest) -> None:
    if unknown := sorted(set(options.only) - set(found.roots())):
        raise CannotConvert(
            f"--only {unknown[0]}: no tree has that root; it has to be one of {', '.join(found.roots())}"
        )
    if unknown := sorted(set(options.split) - found.parents.keys()):
        raise CannotConvert(f"--split {unknown[0]}: no tree has that namespace; correct the name")
