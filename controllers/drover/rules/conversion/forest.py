"""The tree of namespaces that HNC objects describe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from drover.kube.gvr import Object
from drover.rules.conversion.result import Remark, decide
from drover.rules.objects import annotation, name_of, namespace_of, spec

DEPTH: Final = ".tree.hnc.x-k8s.io/depth"
SUBNAMESPACE_OF: Final = "hnc.x-k8s.io/subnamespace-of"
EXTERNAL: Final = "hnc.x-k8s.io/managed-by"


@dataclass(frozen=True, slots=True)
class Forest:
    """`parents` has every namespace, with "" for a root; `abstract` are those that exist in tree labels only."""

    parents: Mapping[str, str]
    children: Mapping[str, Sequence[str]]
    abstract: frozenset[str]

    def ancestry(self, name: str) -> list[str]:
        """The namespace, its parent, and so on to the root."""
        found = [name]
        while self.parents[found[-1]]:
            found.append(self.parents[found[-1]])
        return found

    def subtree(self, name: str) -> list[str]:
        """The namespace and everything below it, each parent before its children."""
        found = [name]
        for each in found:
            found.extend(self.children.get(each, ()))
        return found

    def roots(self) -> list[str]:
        """The namespaces without a parent."""
        return sorted(name for name, parent in self.parents.items() if not parent)

    def tree_labels(self, name: str) -> dict[str, str]:
        """The labels by which HNC shows the tree on a namespace."""
        return {f"{each}{DEPTH}": str(depth) for depth, each in enumerate(self.ancestry(name))}


def forest(
    namespaces: Mapping[str, Object], configs: Iterable[Object], anchors: Iterable[Object], others: Iterable[str] = ()
) -> tuple[Forest, list[Remark]]:
    """The forest, and what is wrong with it. A parent is named by a HierarchyConfiguration, by an anchor, by the
    annotation of a subnamespace, or by tree labels, in this order. `others` are further namespaces that exist."""
    parents: dict[str, str] = dict.fromkeys(others, "")
    abstract: set[str] = set()
    for name, obj in namespaces.items():
        chain = _by_labels(obj)
        parents[name] = annotation(obj, SUBNAMESPACE_OF) or (chain[1] if len(chain) > 1 else "")
        if annotation(obj, EXTERNAL):
            for child, parent in zip(chain[1:], [*chain[2:], ""], strict=True):
                parents.setdefault(child, parent)
                if child not in namespaces:
                    abstract.add(child)
    for anchor in anchors:
        parents[name_of(anchor)] = namespace_of(anchor)
        parents.setdefault(namespace_of(anchor), "")
    for config in configs:
        parents.setdefault(namespace_of(config), "")
        if parent := str(spec(config).get("parent") or ""):
            parents[namespace_of(config)] = parent
    remarks = _without_missing(parents, namespaces)
    remarks += _without_cycles(parents)
    children: dict[str, list[str]] = defaultdict(list)
    for name in sorted(parents):
        children[parents[name]].append(name)
    return Forest(parents, children, frozenset(abstract)), remarks


def _by_labels(obj: Object) -> list[str]:
    """A namespace and its ancestors by its tree labels."""
    labels = obj["metadata"].get("labels") or {}
    found = sorted(
        (int(value), key.removesuffix(DEPTH))
        for key, value in labels.items()
        if key.endswith(DEPTH) and value.isdigit()
    )
    return [name for _, name in found]


def _without_missing(parents: dict[str, str], namespaces: Mapping[str, Object]) -> list[Remark]:
    """Where the input has namespaces, a parent that is none of them does not exist; without any, it is trusted."""
    remarks = []
    for name, parent in sorted(parents.items()):
        if not parent or parent in parents:
            continue
        if not namespaces:
            parents[parent] = ""
            continue
        parents[name] = ""
        text = (
            f"its parent {parent} is not in the input, so it is taken as a root; add {parent}, or make it a root in HNC"
        )
        remarks.append(decide(f"namespace {name}", text))
    return remarks


def _without_cycles(parents: dict[str, str]) -> list[Remark]:
    remarks = []
    for name in sorted(parents):
        seen = [name]
        while (parent := parents.get(seen[-1], "")) and parent not in seen:
            seen.append(parent)
        if parent:
            cycle = sorted(seen[seen.index(parent) :])
            parents[cycle[0]] = ""
            text = f"each is an ancestor of itself, so {cycle[0]} is taken as a root; mend it in HNC and convert again"
            remarks.append(decide(f"namespaces {', '.join(cycle)}", text))
    return remarks
