"""What a hub holds in tests of benchmarks."""

from __future__ import annotations

from bench import fleet

from drover.kinds.resources import CLUSTERS
from drover.kinds.resources import PROJECTS as PROJECT_KIND
from drover.kube.gvr import Object
from drover.rules.rbac import catalogue

PROJECTS = tuple(f"p-{number}" for number in range(6))


def objects_of(grants: list[fleet.Grant]) -> list[Object]:
    """Everything that a hub holds with these grants in six projects."""
    objects: list[Object] = [*map(dict, catalogue.ROLE_TEMPLATES), *(grant.manifest() for grant in grants)]
    objects += [fleet.user(name) for name in sorted({grant.who for grant in grants if not grant.group})]
    objects.append({"apiVersion": CLUSTERS.api_version, "kind": CLUSTERS.kind, "metadata": {"name": fleet.CLUSTER}})
    objects += [_project(name) for name in PROJECTS]
    return [_with_uid(obj) for obj in objects]


def _project(name: str) -> Object:
    return {
        "apiVersion": PROJECT_KIND.api_version,
        "kind": PROJECT_KIND.kind,
        "metadata": {"name": name, "namespace": fleet.CLUSTER},
        "spec": {"clusterName": fleet.CLUSTER},
        "status": {"backingNamespace": f"{fleet.CLUSTER}-{name}"},
    }


def _with_uid(obj: Object) -> Object:
    metadata = obj["metadata"]
    return {**obj, "metadata": {**metadata, "uid": f"{obj['kind']}/{metadata.get('namespace', '')}/{metadata['name']}"}}
