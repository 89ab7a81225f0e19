"""What a person must change before a Workload can be rendered: the path, and the way out."""

from __future__ import annotations

from typing import Any

import pytest

from drover.rules import workload

C0 = "spec.containers[0]"


def render(spec: dict[str, Any]) -> dict[str, Any]:
    return workload.render(spec, name="web", namespace="shop")


def of(container: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return {"containers": [{"name": "web", "image": "web:1", **(container or {})}], **spec}


def port(**fields: Any) -> dict[str, Any]:
    return of({"ports": [{"containerPort": 80, "protocol": "TCP", **fields}]})


CONTAINERS = [
    ({}, "spec.containers", "at least one container"),
    ({"containers": []}, "spec.containers", "at least one container"),
    ({"containers": "web"}, "spec.containers", "must be a list, not a string"),
    ({"containers": ["web"]}, C0, "must be an object"),
    (of({"initContainer": True}), "spec.containers", "without `initContainer: true`"),
    (of({"initContainer": "yes"}), f"{C0}.initContainer", "must be true or false"),
    (of({"name": ""}), f"{C0}.name", "is missing; give each container a name"),
    (of({"image": None}), f"{C0}.image", "is missing; give an image"),
    (of({"image": 7}), f"{C0}.image", 'must be a string, not a number; put it in quotes, as in "7"'),
    (of({"environment": {"A": "b"}}), f"{C0}.environment", "no longer supported; use spec.containers[0].env instead"),
    (of({"environmentFrom": [{}]}), f"{C0}.environmentFrom", "use spec.containers[0].envFrom instead"),
    (of({"command": [None]}), f"{C0}.command[0]", "must be a string, not null"),
    (of({"entrypoint": "sh"}), f"{C0}.entrypoint", "must be a list"),
    (of({"capAdd": [1]}), f"{C0}.capAdd[0]", "must be a string"),
    (
        {"containers": [{"name": "a", "image": "a"}] * 2},
        "spec.containers[1].name",
        'the name "a" like spec.containers[0].name',
    ),
    (
        {"containers": [{"name": "a", "image": "a"}, {"name": "a", "image": "a", "initContainer": True}]},
        "spec.containers[1].name",
        "give it a name of its own",
    ),
    (of(ephemeralContainers=[{"name": "debug"}]), "spec.ephemeralContainers", "kubectl debug"),
]

VOLUMES = [
    (
        of({"volumeMounts": [{"mountPath": "/data"}]}),
        f"{C0}.volumeMounts[0].name",
        "is missing; name one of spec.volumes",
    ),
    (of({"volumeMounts": [{"name": "data"}]}), f"{C0}.volumeMounts[0].mountPath", "is missing"),
    (
        of({"volumeMounts": [{"name": "data", "mountPath": "/d"}]}),
        f"{C0}.volumeMounts[0].name",
        'no volume is called "data"',
    ),
    (
        of({"volumeMounts": [{"name": "d", "mountPath": "/d", "subPath": "/etc"}]}, volumes=[{"name": "d"}]),
        f"{C0}.volumeMounts[0].subPath",
        "remove the leading /",
    ),
    (
        of({"volumeMounts": [{"name": "d", "mountPath": "/d", "subPath": "a/../b"}]}, volumes=[{"name": "d"}]),
        f"{C0}.volumeMounts[0].subPath",
        'must not contain ".."',
    ),
    (of(volumes=[{"emptyDir": {}}]), "spec.volumes[0].name", "is missing"),
    (of(volumes=[{"name": "d"}, {"name": "d"}]), "spec.volumes[1].name", 'another volume is called "d"'),
    (
        of(statefulSetConfig={"volumeClaimTemplates": [{"accessModes": ["ReadWriteOnce"]}]}),
        "spec.statefulSetConfig.volumeClaimTemplates[0]",
        "has no name",
    ),
]

PORTS = [
    (of({"ports": [{}]}), f"{C0}.ports[0].containerPort", "is missing; give the number"),
    (port(containerPort="80"), f"{C0}.ports[0].containerPort", "must be a whole number from 1 to 65535, not a string"),
    (port(containerPort=70000), f"{C0}.ports[0].containerPort", "must be from 1 to 65535"),
    (port(kind="ExternalName"), f"{C0}.ports[0].kind", "use one of HostPort, NodePort, ClusterIP, LoadBalancer"),
    (port(protocol="tcp"), f"{C0}.ports[0].protocol", '"tcp" is not supported; use one of TCP, UDP, SCTP'),
    (port(kind="HostPort"), f"{C0}.ports[0].sourcePort", "a HostPort needs the port to open on the node"),
    (port(kind="HostPort", sourcePort=0), f"{C0}.ports[0].sourcePort", "is missing"),
    (
        of({"ports": [{"containerPort": 80, "name": "http"}, {"containerPort": 81, "name": "http"}]}),
        f"{C0}.ports[1]",
        'has the name "http" like spec.containers[0].ports[0]',
    ),
    (
        of({"ports": [{"containerPort": 80, "kind": "NodePort"}, {"containerPort": 80, "kind": "NodePort"}]}),
        f"{C0}.ports[1]",
        'the name "80tcp01"',
    ),
]

PROBES = [
    (of({"livenessProbe": {"periodSeconds": 3}}), f"{C0}.livenessProbe", 'set one of "command", "port"'),
    (of({"livenessProbe": {"command": ["a"], "port": 1}}), f"{C0}.livenessProbe", "no more than one of them"),
    (of({"readinessProbe": {"tcp": True}}), f"{C0}.readinessProbe.port", "is missing; give the number or the name"),
    (of({"readinessProbe": {"path": "/ok"}}), f"{C0}.readinessProbe.port", "is missing"),
    (of({"preStop": {"port": 1, "sleep": {"seconds": 1}}}), f"{C0}.preStop", 'one of "command", "port"'),
    (of({"postStart": ["a"]}), f"{C0}.postStart", "must be an object, not a list"),
    (of({"startupProbe": {"port": 1.5}}), f"{C0}.startupProbe.port", "must be a whole number or a string"),
]

SCHEDULING = [
    (
        of(scheduling={"node": {"requireAll": ["disk ssd"]}}),
        "spec.scheduling.node.requireAll[0]",
        'write it like "disk = ssd"',
    ),
    (
        of(scheduling={"node": {"requireAny": ["a"], "requireAll": ["b", "c d"]}}),
        "spec.scheduling.node.requireAll[1]",
        "is not an expression",
    ),
    (of(scheduling={"node": {"preferred": [""]}}), "spec.scheduling.node.preferred[0]", "is not an expression"),
    (of(scheduling={"node": {"preferred": ["a"] * 101}}), "spec.scheduling.node.preferred", "more than 100 entries"),
    (of(scheduling={"node": {"nodeId": "c-abc:m-xyz"}}), "spec.scheduling.node.nodeId", "kubectl get nodes"),
    (of(scheduling={"node": ["a"]}), "spec.scheduling.node", "must be an object"),
]

KINDS = [
    (of(scale=-1), "spec.scale", "must be from 0 to"),
    (of(scale="2"), "spec.scale", "must be a whole number"),
    (of(scale=2, daemonSetConfig={}), "spec.scale", "one pod on every matching node; remove the field"),
    (of(scale=2, jobConfig={}), "spec.scale", "set spec.jobConfig.parallelism instead"),
    (of(paused=True, statefulSetConfig={}), "spec.paused", "no effect on a StatefulSet: it is for a Deployment"),
    (of(ttlSecondsAfterFinished=5), "spec.ttlSecondsAfterFinished", "it is for a CronJob or Job; remove the field"),
    (of(completionMode="Indexed", statefulSetConfig={}), "spec.completionMode", "has no effect on a StatefulSet"),
    (of(suspend=True), "spec.suspend", "it is for a Job"),
    (of(suspend=True, cronJobConfig={"schedule": "@daily"}), "spec.suspend", "set spec.cronJobConfig.suspend instead"),
    (of(activeDeadlineSeconds=5), "spec.activeDeadlineSeconds", "has no effect on a Deployment"),
    (of(maxSurge=1), "spec.maxSurge", "set spec.deploymentConfig.maxSurge instead"),
    (of(minReadySeconds=1), "spec.minReadySeconds", "set spec.deploymentConfig.minReadySeconds instead"),
    (of(timeZone="Etc/UTC", jobConfig={}), "spec.timeZone", "it is for a CronJob"),
    (of(restartPolicy="OnFailure"), "spec.restartPolicy", '"OnFailure" is not supported; use one of Always'),
    (of(restartPolicy="Always", jobConfig={}), "spec.restartPolicy", "use one of OnFailure, Never"),
    (
        of(deploymentConfig={"strategy": "OnDelete"}),
        "spec.deploymentConfig.strategy",
        "use one of RollingUpdate, Recreate",
    ),
    (
        of(statefulSetConfig={"strategy": "Recreate"}),
        "spec.statefulSetConfig.strategy",
        "use one of RollingUpdate, OnDelete",
    ),
    (of(cronJobConfig={}), "spec.cronJobConfig.schedule", 'is missing; write it like "*/5'),
    (
        of(cronJobConfig={"schedule": "@daily", "concurrencyPolicy": "Skip"}),
        "spec.cronJobConfig.concurrencyPolicy",
        "use one of Allow, Forbid, Replace",
    ),
]

SELECTORS = [
    (of(selector={"matchLabels": {"app": "web"}}), 'spec.selector.matchLabels["app"]', 'add the label app: "web"'),
    (
        of(selector={"matchExpressions": [{"key": "app", "operator": "Exists"}]}),
        "spec.selector.matchExpressions[0]",
        "change the label app",
    ),
    (
        of(selector={"matchExpressions": [{"key": "app", "operator": "Is"}]}),
        "spec.selector.matchExpressions[0].operator",
        "use one of In, NotIn, Exists, DoesNotExist",
    ),
    (
        of(selector={"matchExpressions": [{"key": "app", "operator": "In"}]}),
        "spec.selector.matchExpressions[0].values",
        "needs at least one value",
    ),
    (of(selector={"matchExpressions": [{}]}), "spec.selector.matchExpressions[0].key", "is missing"),
    (of(labels={"app": 1}), 'spec.labels["app"]', 'must be a string, not a number; put it in quotes, as in "1"'),
    (
        of(jobConfig={}, labels={"a": "b"}, selector={"matchLabels": {"a": "b"}}),
        "spec.selector",
        "remove it, or set spec.jobConfig.manualSelector",
    ),
    (of(jobConfig={"manualSelector": True}), "spec.selector", "spec.jobConfig.manualSelector needs it"),
    (
        of(cronJobConfig={"schedule": "@daily", "jobConfig": {"manualSelector": True}}),
        "spec.cronJobConfig.jobConfig.manualSelector",
        "remove the field",
    ),
]


@pytest.mark.parametrize(
    ("spec", "path", "says"), [*CONTAINERS, *VOLUMES, *PORTS, *PROBES, *SCHEDULING, *KINDS, *SELECTORS]
)
def test_says_what_is_wrong_where_and_what_to_do(spec: dict[str, Any], path: str, says: str) -> None:
    with pytest.raises(workload.InvalidWorkload) as refusal:
        render(spec)
    assert refusal.value.path == path
    assert says in refusal.value.message
    assert str(refusal.value) == f"{path}: {refusal.value.message}"


def test_null_is_absent_everywhere() -> None:
    nulls = (
        "scale",
        "labels",
        "volumes",
        "selector",
        "scheduling",
        "suspend",
        "restartPolicy",
        "nodeId",
        "replicaSetConfig",
    )
    container = dict.fromkeys(("ports", "volumeMounts", "livenessProbe", "preStop", "command", "uid", "capAdd"))
    assert render(of(container, **dict.fromkeys(nulls))) == render(of())


def test_false_on_another_kind_says_nothing() -> None:
    assert render(of(suspend=False)) == render(of())


def test_an_empty_string_leaves_the_default_to_kubernetes() -> None:
    container = dict.fromkeys(("imagePullPolicy", "workingDir", "restartPolicy", "procMount", "stopSignal"), "")
    assert render(of(container, dnsPolicy="", hostname="", restartPolicy="", nodeId="")) == render(of())
    assert render(port(kind="", protocol="", name="", dnsName="", hostIp="")) == render(port(protocol=None))


def test_an_empty_storage_class_is_kept() -> None:
    claim = {"name": "data", "storageClassName": "", "volumeMode": "", "volumeId": ""}
    native = render(of(statefulSetConfig={"volumeClaimTemplates": [claim], "podManagementPolicy": ""}))
    assert native["spec"]["volumeClaimTemplates"] == [{"metadata": {"name": "data"}, "spec": {"storageClassName": ""}}]
    assert "podManagementPolicy" not in native["spec"]
