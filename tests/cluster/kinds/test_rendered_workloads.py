"""Rendered workloads against a real kube-apiserver: it takes them, they are stable, and what it refuses to change is
what `immutable_change` names."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from drover.kube.apply import covers
from drover.kube.client import Client
from drover.kube.errors import Invalid
from drover.kube.gvr import GVR, NAMESPACES
from drover.rules import workload

GOLDEN = Path(__file__).parents[2] / "golden" / "workload"
INPUTS = sorted(GOLDEN.glob("*.in.yaml"))

Manifest = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def namespace(hub: Client) -> AsyncIterator[str]:
    """A namespace of its own, deleted afterwards without waiting."""
    name = f"rendered-{uuid.uuid4().hex[:8]}"
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    made = await hub.create(NAMESPACES, manifest, manager="test")
    yield name
    await hub.delete(NAMESPACES, name, uid=made["metadata"]["uid"])


async def apply(client: Client, manifest: Manifest) -> Manifest:
    """The live object after a server-side apply, which refuses fields that Kubernetes does not know."""
    native = next(known for known in workload.KINDS if known.kind == manifest["kind"])
    group, _, version = native.api_version.partition("/")
    return await client.apply(GVR(group, version, native.plural, native.kind), manifest, manager="drover-workload")


def rendered(name: str, namespace: str, spec: Manifest) -> Manifest:
    pods = {"containers": [{"name": "web", "image": "registry.example.com/web:1"}]}
    return workload.render({**pods, **spec}, name=name, namespace=namespace)


@pytest.mark.parametrize("file", INPUTS, ids=lambda file: file.name.removesuffix(".in.yaml"))
async def test_the_apiserver_takes_a_golden_workload_and_changes_nothing_in_it(
    file: Path, hub: Client, namespace: str
) -> None:
    spec = yaml.safe_load(file.read_text())["spec"]
    wanted = workload.render(spec, name=f"golden-{INPUTS.index(file)}", namespace=namespace)
    live = await apply(hub, wanted)
    assert covers(live, wanted)
    assert workload.immutable_change(live, wanted) == ()


STRATEGIES: list[tuple[Manifest, Manifest]] = [
    ({}, {"deploymentConfig": {"strategy": "Recreate"}}),
    ({"deploymentConfig": {"maxSurge": 2}}, {"deploymentConfig": {"strategy": "Recreate", "maxSurge": 2}}),
    ({"statefulSetConfig": {}}, {"statefulSetConfig": {"strategy": "OnDelete"}}),
    ({"statefulSetConfig": {"partition": 1}}, {"statefulSetConfig": {"strategy": "OnDelete", "partition": 1}}),
    ({"daemonSetConfig": {}}, {"daemonSetConfig": {"strategy": "OnDelete"}}),
]


@pytest.mark.parametrize(("before", "after"), STRATEGIES)
async def test_the_update_strategy_can_be_changed_to_and_fro(
    before: Manifest, after: Manifest, hub: Client, namespace: str
) -> None:
    name = f"strategy-{uuid.uuid4().hex[:8]}"
    first, second = rendered(name, namespace, before), rendered(name, namespace, after)
    for wanted in (first, second, first, second):
        assert covers(await apply(hub, wanted), wanted)


def labelled(value: str) -> dict[str, Any]:
    return {"labels": {"app": value}, "selector": {"matchLabels": {"app": value}}}


CLAIM = {"name": "data", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}}}
SAME_CLAIM = {**CLAIM, "resources": {"requests": {"storage": "1Gi"}}}
LARGER_CLAIM = {**CLAIM, "resources": {"requests": {"storage": "2Gi"}}}
IMAGE = {"containers": [{"name": "web", "image": "registry.example.com/web:2"}]}
TOLERATING = {"scheduling": {"tolerate": [{"operator": "Exists"}]}}
INDEXED = {"completionMode": "Indexed"}

CHANGES: list[tuple[Manifest, Manifest, tuple[str, ...]]] = [
    ({}, {**IMAGE, "scale": 2}, ()),
    (labelled("a"), labelled("b"), ("spec.selector",)),
    ({"daemonSetConfig": {}, **labelled("a")}, {"daemonSetConfig": {}, **labelled("b")}, ("spec.selector",)),
    ({"statefulSetConfig": {}}, {"statefulSetConfig": {"serviceName": "web"}}, ("spec.serviceName",)),
    ({"statefulSetConfig": {"serviceName": "web"}}, {"statefulSetConfig": {}}, ("spec.serviceName",)),
    (
        {"statefulSetConfig": {}},
        {"statefulSetConfig": {"podManagementPolicy": "Parallel"}},
        ("spec.podManagementPolicy",),
    ),
    (
        {"statefulSetConfig": {"volumeClaimTemplates": [CLAIM], "podManagementPolicy": "OrderedReady"}},
        {"statefulSetConfig": {"volumeClaimTemplates": [SAME_CLAIM]}, "minReadySeconds": 3},
        (),
    ),
    (
        {"statefulSetConfig": {"volumeClaimTemplates": [CLAIM]}},
        {"statefulSetConfig": {"volumeClaimTemplates": [LARGER_CLAIM]}},
        ("spec.volumeClaimTemplates",),
    ),
    (
        {"statefulSetConfig": {"volumeClaimTemplates": [CLAIM]}},
        {"statefulSetConfig": {}},
        ("spec.volumeClaimTemplates",),
    ),
    ({"jobConfig": {}}, {"jobConfig": {}, **IMAGE}, ("spec.template",)),
    ({"jobConfig": {}}, {"jobConfig": {}, "labels": {"a": "b"}}, ("spec.template",)),
    ({"jobConfig": {}}, {"jobConfig": {}, **TOLERATING}, ("spec.template",)),
    ({"jobConfig": {}}, {"jobConfig": {"completions": 3}}, ("spec.completions",)),
    ({"jobConfig": {"parallelism": 3}}, {"jobConfig": {}}, ("spec.completions",)),
    ({"jobConfig": {}}, {"jobConfig": {"parallelism": 3}}, ()),
    ({"jobConfig": {}}, {"jobConfig": {"backoffLimit": 2, "activeDeadlineSeconds": 60}, "suspend": True}, ()),
    (
        {"jobConfig": {"completions": 2}},
        {"jobConfig": {"completions": 2}, **INDEXED},
        ("spec.completionMode",),
    ),
    (
        {"jobConfig": {"completions": 2, "parallelism": 2}, **INDEXED},
        {"jobConfig": {"completions": 4, "parallelism": 4}, **INDEXED},
        (),
    ),
    ({"jobConfig": {}, "suspend": True}, {"jobConfig": {}, "suspend": True, **TOLERATING}, ()),
    ({"jobConfig": {}, "suspend": True}, {"jobConfig": {}, "suspend": True, **IMAGE}, ("spec.template",)),
    ({"cronJobConfig": {"schedule": "@daily"}}, {"cronJobConfig": {"schedule": "@hourly"}, **IMAGE}, ()),
]


@pytest.mark.parametrize(("before", "after", "paths"), CHANGES)
async def test_what_the_apiserver_refuses_to_change_is_named(
    before: Manifest, after: Manifest, paths: tuple[str, ...], hub: Client, namespace: str
) -> None:
    name = f"change-{uuid.uuid4().hex[:8]}"
    live = await apply(hub, rendered(name, namespace, before))
    wanted = rendered(name, namespace, after)
    assert workload.immutable_change(live, wanted) == paths
    if not paths:
        await apply(hub, wanted)
        return
    with pytest.raises(Invalid, match="immutable") as refusal:
        await apply(hub, wanted)
    assert all(path in refusal.value.message for path in paths)
