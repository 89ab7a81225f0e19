"""Where HNC copies an object to: mode of its kind, then the annotations that make exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from drover.kube.gvr import Object
from drover.rules.conversion.forest import DEPTH, Forest
from drover.rules.conversion.result import CannotConvert, Remark, decide
from drover.rules.conversion.selector import text_matches
from drover.rules.objects import annotation, label, name_of, namespace_of, spec

INHERITED_FROM: Final = "hnc.x-k8s.io/inherited-from"
_SELECT: Final = "propagate.hnc.x-k8s.io/select"
_TREE_SELECT: Final = "propagate.hnc.x-k8s.io/treeSelect"
_NONE: Final = "propagate.hnc.x-k8s.io/none"
_ALL: Final = "propagate.hnc.x-k8s.io/all"
_COPIES: Final = ("Propagate", "AllowPropagate")


def modes(configs: Iterable[Object]) -> dict[tuple[str, str], str]:
    """The mode of each resource that is copied, by group and plural. Roles and RoleBindings always are."""
    rbac = "rbac.authorization.k8s.io"
    found = {(rbac, "roles"): "Propagate", (rbac, "rolebindings"): "Propagate"}
    for config in configs:
        for resource in spec(config).get("resources") or []:
            mode = resource.get("mode") or "Propagate"
            if mode in _COPIES:
                found[str(resource.get("group") or ""), str(resource.get("resource"))] = mode
    return found


class Propagation:
    """Who receives copies, in one forest; `labels` are those of the namespaces. `remarks` tells what cannot be read."""

    def __init__(self, forest: Forest, labels: Mapping[str, Mapping[str, str]], modes_: Mapping[tuple[str, str], str]):
        self._forest, self._labels, self._modes = forest, labels, modes_
        self.remarks: list[Remark] = []

    def receivers(self, obj: Object, group: str, plural: str) -> list[str]:
        """The namespaces that an object is in: its own, and those below that get a copy. A copy counts for nothing."""
        home = namespace_of(obj)
        if label(obj, INHERITED_FROM) or home not in self._forest.parents:
            return []
        below = [name for name in self._forest.subtree(home)[1:] if name not in self._forest.abstract]
        mode = self._modes.get((group, plural))
        if mode is None or (mode == "AllowPropagate" and not self._selects(obj)):
            return [home]
        try:
            return [home, *(name for name in below if self._fits(obj, name))]
        except CannotConvert as error:
            about = f"{obj['kind']} {home}/{name_of(obj)}"
            self.remarks.append(decide(about, f"its propagation cannot be read, so it counts for {home} only: {error}"))
            return [home]

    def excepts(self, obj: Object) -> bool:
        """Whether the object has annotations that choose its receivers."""
        return any(annotation(obj, key) for key in (_SELECT, _TREE_SELECT, _NONE))

    def _selects(self, obj: Object) -> bool:
        return any(annotation(obj, key) for key in (_SELECT, _TREE_SELECT)) or _true(annotation(obj, _ALL))

    def _fits(self, obj: Object, name: str) -> bool:
        if _true(annotation(obj, _NONE)):
            return False
        tree = self._forest.tree_labels(name)
        segments = [part.strip() for part in annotation(obj, _TREE_SELECT).split(",") if part.strip()]
        chosen = all((f"{part.removeprefix('!')}{DEPTH}" in tree) is not part.startswith("!") for part in segments)
        return chosen and text_matches(annotation(obj, _SELECT), {**self._labels.get(name, {}), **tree})


def _true(text: str) -> bool:
    return text.lower() == "true"
