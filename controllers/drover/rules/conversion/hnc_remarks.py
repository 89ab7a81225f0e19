"""What HNC does that Projects do not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from drover.rules.conversion.forest import DEPTH, EXTERNAL
from drover.rules.conversion.inputs import Inputs
from drover.rules.conversion.propagation import INHERITED_FROM, Propagation, modes
from drover.rules.conversion.result import Remark, decide, few, lost, note
from drover.rules.conversion.taken import taken_names
from drover.rules.conversion.trees import GROUP, Options, Trees
from drover.rules.objects import annotation, label, name_of, namespace_of, spec, status

_SELECTED: Final = re.compile(rf'"([^"]*){re.escape(DEPTH)}"')
"""The namespaces whose tree labels stand in JSON."""

_RBAC: Final = "rbac.authorization.k8s.io"


def remarks(inputs: Inputs, found: Trees, propagation: Propagation, options: Options) -> list[Remark]:
    """All of them; each kind of thing is told once."""
    return [
        *_levels(found),
        *_configurations(inputs, found),
        *_anchors(inputs, found),
        *_copied(inputs, found),
        *_exceptions(inputs, propagation),
        *_policies(inputs, found, options),
        *taken_names(inputs, {name for names in found.members.values() for name in names}),
        *_external(found),
        *_bindings(inputs, propagation),
    ]


def more_than_defaults(about: str) -> Remark:
    """Of a LimitRange that says more than a Project can."""
    text = (
        "says more than requests and limits of containers that set none: the rest holds in today's namespaces, whose "
    )
    return lost(about, text + "LimitRanges stay, and new namespaces do not get it")


def _levels(found: Trees) -> Iterator[Remark]:
    for start, members in found.members.items():
        depth = len(found.forest.ancestry(start))
        deep = [name for name in members if len(found.forest.ancestry(name)) - depth > 1]
        if deep:
            text = (
                f"Projects have one level, so {few(deep)} and the parents are equal in it, and a role in a Project is a"
                " role in all of its namespaces. If that is too much, begin Projects with --split or --level"
            )
            yield lost(f"the tree of {start}", text)


def _configurations(inputs: Inputs, found: Trees) -> Iterator[Remark]:
    below = {name for root in found.roots for name in found.forest.subtree(root)}
    for obj in inputs.of("HierarchyConfiguration", GROUP):
        about = f"HierarchyConfiguration in {namespace_of(obj)}"
        if namespace_of(obj) not in below:
            continue
        for condition in status(obj).get("conditions") or []:
            if condition.get("type") in ("ActivitiesHalted", "BadConfiguration"):
                reason = f"{condition.get('type')} ({condition.get('reason')})"
                yield decide(
                    about, f"{reason}: what it says may not be what is there; mend that in HNC and convert again"
                )
        if spec(obj).get("allowCascadingDeletion"):
            yield lost(
                f"{about}: spec.allowCascadingDeletion", "deleting a Project never deletes namespaces, it releases them"
            )
        if managed := [field for field in ("labels", "annotations") if spec(obj).get(field)]:
            text = "are written on the namespaces that are there; give them to new namespaces yourself"
            yield note(f"{about}: spec.{' and '.join(managed)}", text)


def _anchors(inputs: Inputs, found: Trees) -> Iterator[Remark]:
    members = {name for names in found.members.values() for name in names}
    anchors = [obj for obj in inputs.of("SubnamespaceAnchor", GROUP) if name_of(obj) in members]
    if anchors:
        text = (
            "become plain namespaces. Who made namespaces by anchors needs another way: an administrator or a pipeline "
        )
        text += "that makes them with the annotation field.cattle.io/projectId"
        yield lost(f"SubnamespaceAnchors {few(f'{namespace_of(obj)}/{name_of(obj)}' for obj in anchors)}", text)
    for obj in anchors:
        if (state := status(obj).get("status", "Ok")).lower() != "ok":
            text = f"is {state}: its namespace may be missing or another one; mend that in HNC and convert again"
            yield decide(f"SubnamespaceAnchor {namespace_of(obj)}/{name_of(obj)}", text)


def _copied(inputs: Inputs, found: Trees) -> Iterator[Remark]:
    if not found.members:
        return
    for (group, plural), mode in sorted(modes(inputs.of("HNCConfiguration", GROUP)).items()):
        about = f"HNCConfiguration: {plural}.{group}".rstrip(".") + f" ({mode})"
        if (group, plural) in (("", "resourcequotas"), ("", "limitranges")):
            text = (
                "set the mode to Ignore before you apply the output, or HNC copies what Drover makes in a parent over"
                " what it makes in the children. The copies that are there stay and go on limiting"
            )
            yield decide(about, text)
        elif group != _RBAC:
            text = (
                "the copies that are there stay as they are; nothing keeps them equal or makes them in new namespaces"
            )
            yield lost(about, text)


def _exceptions(inputs: Inputs, propagation: Propagation) -> Iterator[Remark]:
    for kind, group, plural in (("ResourceQuota", "", "resourcequotas"), ("RoleBinding", _RBAC, "rolebindings")):
        for obj in inputs.of(kind, group):
            if propagation.excepts(obj) and len(propagation.receivers(obj, group, plural)) > 1:
                text = "is copied to some namespaces only; it goes on existing in those, and only there"
                yield note(f"{kind} {namespace_of(obj)}/{name_of(obj)}", text)


def _policies(inputs: Inputs, found: Trees, options: Options) -> Iterator[Remark]:
    for obj in inputs.of("NetworkPolicy", "networking.k8s.io"):
        if label(obj, INHERITED_FROM):
            continue
        selected = set(_SELECTED.findall(json.dumps(spec(obj))))
        for name in sorted(selected & found.forest.parents.keys()):
            subtree = sorted(set(found.forest.subtree(name)) - found.forest.abstract)
            same = subtree == found.members.get(name)
            label_ = f"the label field.cattle.io/projectId: {options.project_id(name).partition(':')[2]}"
            text = (
                f"select {label_} instead"
                if same
                else "no Project is that subtree: begin one with --split, or label them"
            )
            text = f"selects {name}{DEPTH}, which stays on today's namespaces and comes on no new one; {text}"
            yield decide(f"NetworkPolicy {namespace_of(obj)}/{name_of(obj)}", text)


def _external(found: Trees) -> Iterator[Remark]:
    outside = [
        name
        for names in found.members.values()
        for name in names
        if name in found.live and annotation(found.live[name], EXTERNAL)
    ]
    if outside:
        text = "their tree comes from another tool, by labels; that tool goes on writing them, so change its source too"
        yield note(f"namespaces {few(outside)}", text)


def _bindings(inputs: Inputs, propagation: Propagation) -> Iterator[Remark]:
    wide = [
        f"{namespace_of(obj)}/{name_of(obj)}"
        for obj in inputs.of("RoleBinding", _RBAC)
        if len(propagation.receivers(obj, _RBAC, "rolebindings")) > 1
    ]
    if wide:
        text = (
            "their copies stay and go on granting; new namespaces get none. They are comments at the Projects (ACCESS)"
        )
        yield lost(f"RoleBindings {few(wide)}", text)
