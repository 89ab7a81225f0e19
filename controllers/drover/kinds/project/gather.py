"""Reads the world of a Project."""

from __future__ import annotations

from drover.kinds.creator import creator
from drover.kinds.hub import Hub
from drover.kinds.parsed import Parsed
from drover.kinds.project.world import World
from drover.kinds.resources import PROJECT_BINDINGS, PROJECTS, WORKLOADS
from drover.kube.gvr import Key, Object
from drover.rules import names
from drover.rules.objects import name_of, status, uid_of
from drover.rules.pod_security import named
from drover.rules.project_secrets import is_source
from drover.rules.settings import USED_LIMIT_IN_SPEC


def gather(hub: Hub, parsed: Parsed, key: Key) -> World | None:
    """Everything that the decision depends on; None where the Project does not exist."""
    project = hub.caches[PROJECTS].get(key)
    if project is None:
        return None
    uid = uid_of(project)
    cluster = hub.cluster(key.namespace)
    recorded = str(status(project).get("backingNamespace") or "")
    owned = hub.namespaces_of(uid)
    member = hub.fleet.get(key.namespace)
    workloads = (work for namespace in owned for work in hub.caches[WORKLOADS].by("namespace", name_of(namespace)))
    return World(
        project=project,
        owner=hub.owner(PROJECTS, project),
        cluster=cluster,
        lies_in=hub.namespace(key.namespace),
        confirmed=uid in hub.confirmed,
        recorded=hub.namespace(recorded) if recorded else None,
        owned=tuple(owned),
        plain=hub.namespace(names.backing_namespace(key.namespace, key.name)),
        workloads=tuple(workloads),
        member=member.state if member is not None else None,
        state=member.part_state(uid) if member is not None else None,
        last=member.last_state(uid) if member is not None else None,
        system_namespaces=hub.system_namespaces,
        invalid=parsed.problem(project),
        now=hub.now(),
        patience=hub.settings.patience,
        systems=tuple(hub.system_projects(key.namespace)),
        secrets=_secrets(hub, project, owned),
        template=hub.template(named(cluster)) if cluster is not None else None,
        mirrors=hub.setting(USED_LIMIT_IN_SPEC).value == "true",
        creator=creator(hub, project, PROJECT_BINDINGS, recorded, projectName=f"{key.namespace}:{key.name}"),
    )


def _secrets(hub: Hub, project: Object, owned: list[Object]) -> tuple[Object, ...] | None:
    """Those of the backing namespace, which must be the Project's own: who may write there decides what is copied."""
    names_ = sorted(map(name_of, owned))
    home = str(status(project).get("backingNamespace") or (names_[0] if names_ else ""))
    found = hub.secrets.of(home)
    if found is None or home not in names_:
        return None if found is None else ()
    return tuple(secret for secret in found if is_source(secret, name_of(project)))
