"""`drover tree`: clusters, their projects, namespaces and workloads, each with its readiness."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from drover.api.keys import LOCAL_CLUSTER, PROJECT_ID
from drover.cli.access import Context, Kubeconfig, call
from drover.kinds.resources import CLUSTERS, PROJECTS, WORKLOADS
from drover.kube.client import Client
from drover.kube.gvr import NAMESPACES, Object
from drover.rules import quota
from drover.rules.objects import annotation, name_of, namespace_of, spec, status

Lists = tuple[list[Object], list[Object], list[Object], list[Object]]


def tree(kubeconfig: Kubeconfig = None, context: Context = None) -> None:
    """Show clusters, projects, namespaces and workloads with their readiness."""
    lists = call(kubeconfig, context, _read)
    Console(soft_wrap=True).print(build(*lists))


async def _read(client: Client) -> Lists:
    return (
        await client.list(CLUSTERS),
        await client.list(PROJECTS),
        await client.list(WORKLOADS),
        await client.list(NAMESPACES),
    )


def build(clusters: list[Object], projects: list[Object], workloads: list[Object], namespaces: list[Object]) -> Tree:
    """The tree. A workload stands under the namespace that its native object is in."""
    root = Tree("[bold]clusters[/]")
    by_cluster: dict[str, list[Object]] = defaultdict(list)
    for project in projects:
        by_cluster[namespace_of(project)].append(project)
    homes = {name_of(namespace): annotation(namespace, PROJECT_ID) for namespace in namespaces}
    for cluster in sorted(clusters, key=name_of):
        branch = root.add(_line(cluster, _version(cluster)))
        for project in sorted(by_cluster[name_of(cluster)], key=_display):
            _add_project(branch, project, workloads, homes)
    return root


def _add_project(branch: Tree, project: Object, workloads: list[Object], homes: Mapping[str, str]) -> None:
    """`homes` are the `<cluster>:<project>` that the hub's namespaces are annotated with: in one of a local project, a
    Workload runs where it lies."""
    count = status(project).get("namespaces", 0)
    detail = ", ".join((f"{count} namespace{'' if count == 1 else 's'}", *_quota(project)))
    below = branch.add(_line(project, detail, _display(project)))
    for refused in _refused(project):
        below.add(f"[yellow]{escape(refused)}[/]")
    local_id = f"{LOCAL_CLUSTER}:{name_of(project)}" if namespace_of(project) == LOCAL_CLUSTER else None
    placed: dict[str, list[Object]] = defaultdict(list)
    for workload in workloads:
        lies_in, reference = namespace_of(workload), status(workload).get("nativeRef") or {}
        if lies_in == status(project).get("backingNamespace"):
            placed[reference.get("namespace") or spec(workload).get("namespaceId") or "?"].append(workload)
        elif local_id is not None and homes.get(lies_in) == local_id:
            placed[lies_in].append(workload)
    for namespace in sorted(placed):
        leaf = below.add(f"namespace {escape(namespace)}")
        for workload in sorted(placed[namespace], key=name_of):
            kind = (status(workload).get("nativeRef") or {}).get("kind", "Workload")
            leaf.add(_line(workload, _replicas(workload), f"{kind} {name_of(workload)}"))


def _line(obj: Object, detail: str = "", title: str = "") -> str:
    ready = _condition(obj, "Ready")
    good = ready.get("status") == "True"
    mark = "[green]Ready[/]" if good else f"[red]{escape(ready.get('reason') or 'Unknown')}[/]"
    why = "" if good else f"  {escape(ready.get('message') or '')}"
    return f"{escape(title or name_of(obj))}  {mark}  [dim]{escape(detail)}[/]{why}"


def _quota(project: Object) -> list[str]:
    """What was granted of each limit: `limitsCpu 3/10`."""
    limits = quota.flat(spec(project, "resourceQuota", "limit"))
    used = quota.flat(status(project).get("usedLimit"))
    return [f"{key.removeprefix('extended.')} {used.get(key, '0')}/{limits[key]}" for key in sorted(limits)]


def _refused(project: Object) -> list[str]:
    """Why namespaces do not have the quota that they ask for, or the project's secrets."""
    found = (_condition(project, type_) for type_ in ("QuotaHealthy", "SecretsSynced"))
    return [str(entry.get("message") or "") for entry in found if entry.get("status") == "False"]


def _condition(obj: Object, type_: str) -> Object:
    """A condition of an object; empty where it is absent."""
    return next((entry for entry in status(obj).get("conditions") or [] if entry["type"] == type_), {})


def _display(project: Object) -> str:
    return f"{spec(project).get('displayName') or name_of(project)} ({name_of(project)})"


def _version(cluster: Object) -> str:
    seen = status(cluster)
    nodes = seen.get("nodeCount")
    return f"{(seen.get('version') or {}).get('gitVersion', '')} {'' if nodes is None else f'{nodes} nodes'}".strip()


def _replicas(workload: Object) -> str:
    seen = status(workload)
    return f"{seen.get('readyReplicas', 0)}/{seen.get('desiredReplicas', 0)}" if "desiredReplicas" in seen else ""
