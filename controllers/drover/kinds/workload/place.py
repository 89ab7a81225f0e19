"""Where a Workload runs: by the namespace that it lies in."""

from __future__ import annotations

from dataclasses import dataclass

from drover.api.keys import LOCAL_CLUSTER, PROJECT_ID
from drover.kube.gvr import Object
from drover.rules.findings import Finding, Terminal, Waiting
from drover.rules.objects import Obj, annotation, deleting, name_of, namespace_of, spec, status


@dataclass(frozen=True, slots=True)
class Place:
    """A namespace of a cluster. `project_id` is the `<cluster>:<project>` that it must belong to; `here` where it is
    the Workload's own namespace."""

    cluster: str
    namespace: str
    project_id: str
    here: bool


def place(workload: Obj, namespace: Object | None, project: Object | None) -> Place | Finding:
    """The place of a Workload, or why it has none.

    In a Project's backing namespace it names its target by `spec.namespaceId`; in a namespace of a project of the
    local cluster it runs right there. `project` is the one that the namespace belongs to, in either way.
    """
    lies_in = namespace_of(workload)
    if namespace is None or project is None:
        return Terminal("NamespaceNotInProject", _no_project(lies_in, namespace))
    if deleting(project):
        return Waiting("ProjectDeleting", f"Project {name_of(project)} is being deleted")
    cluster, target = namespace_of(project), str(spec(workload).get("namespaceId") or "")
    project_id = f"{cluster}:{name_of(project)}"
    if status(project).get("backingNamespace") == lies_in:
        if not target:
            return Terminal("InvalidSpec", f"spec.namespaceId must name a namespace of project {project_id}")
        return Place(cluster, target, project_id, here=False)
    if target not in ("", lies_in):
        return Terminal(
            "NamespaceNotInProject",
            f"spec.namespaceId must be {lies_in} or absent: a Workload outside a backing namespace runs where it lies",
        )
    return Place(LOCAL_CLUSTER, lies_in, project_id, here=True)


def _no_project(name: str, namespace: Object | None) -> str:
    if namespace is not None and (named := annotation(namespace, PROJECT_ID)):
        return f"namespace {name} is annotated with {PROJECT_ID}: {named}, which is no project of the local cluster"
    return (
        f"namespace {name} is neither the backing namespace of a Project nor in a project of the local cluster; "
        f"annotate it with {PROJECT_ID}: {LOCAL_CLUSTER}:<project>, or create the Workload in a backing namespace"
    )
