"""Workloads that must be refused. What the schema lets through, the rendering refuses; see the tests of that."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change

IMAGE = "registry.example.com/web:1"


def container(**fields: Any) -> dict[str, Any]:
    """A container with a name and an image."""
    return {"name": "web", "image": IMAGE} | fields


def of(*containers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A spec with these containers; by default one."""
    return {"containers": list(containers) or [container()]} | fields


_FIRST = "spec.containers[0]"
_ONE_KIND = "remove the others"
_EXPRESSION = "write it like"


def _node(**fields: Any) -> dict[str, Any]:
    return of(scheduling={"node": fields})


BAD = (
    Bad("no containers", {"containers": []}, "spec.containers"),
    Bad("containers left out", {"deploymentConfig": {}}, "spec.containers"),
    Bad("only init containers", of(container(initContainer=True)), "spec.containers", "without `initContainer: true`"),
    Bad("a container without an image", of({"name": "web"}), f"{_FIRST}.image"),
    Bad("a container with an empty image", of(container(image="")), f"{_FIRST}.image"),
    Bad("a container without a name", of({"image": IMAGE}), f"{_FIRST}.name"),
    Bad("a container name with capitals", of(container(name="Web")), f"{_FIRST}.name", "must be lower-case"),
    Bad("two containers of one name", of(container(), container()), "spec.containers[1]", model=False),
    Bad("two kinds", of(deploymentConfig={}, jobConfig={}), "spec", _ONE_KIND, model=False),
    Bad("a bare ReplicaSet", of(replicaSetConfig={}), "spec.replicaSetConfig", "use deploymentConfig"),
    Bad(
        "a ReplicationController",
        of(replicationControllerConfig={}),
        "spec.replicationControllerConfig",
        "use deploymentConfig",
    ),
    Bad("the old environment", of(container(environment={"A": "b"})), f"{_FIRST}.environment", "use `env`"),
    Bad("the old environmentFrom", of(container(environmentFrom=[{}])), f"{_FIRST}.environmentFrom", "use `envFrom`"),
    Bad("a pull policy", of(container(imagePullPolicy="Often")), f"{_FIRST}.imagePullPolicy"),
    Bad("minus one pod", of(scale=-1), "spec.scale"),
    Bad("a port of zero", of(container(ports=[{"containerPort": 0}])), f"{_FIRST}.ports[0].containerPort"),
    Bad("port 65536", of(container(ports=[{"containerPort": 65536}])), f"{_FIRST}.ports[0].containerPort"),
    Bad("a port without a number", of(container(ports=[{"name": "http"}])), f"{_FIRST}.ports[0].containerPort"),
    Bad("a port as a word", of(container(ports=[{"containerPort": "http"}])), f"{_FIRST}.ports[0].containerPort"),
    Bad(
        "an unknown protocol",
        of(container(ports=[{"containerPort": 80, "protocol": "QUIC"}])),
        f"{_FIRST}.ports[0].protocol",
    ),
    Bad(
        "an unknown kind of port",
        of(container(ports=[{"containerPort": 80, "kind": "Ingress"}])),
        f"{_FIRST}.ports[0].kind",
    ),
    Bad(
        "a host port without a number",
        of(container(ports=[{"containerPort": 80, "kind": "HostPort"}])),
        f"{_FIRST}.ports[0].sourcePort",
        "set sourcePort",
        model=False,
    ),
    Bad(
        "a probe without an action",
        of(container(livenessProbe={"periodSeconds": 5})),
        f"{_FIRST}.livenessProbe",
        "exactly one",
        model=False,
    ),
    Bad(
        "a probe with two actions",
        of(container(readinessProbe={"command": ["true"], "port": 80})),
        f"{_FIRST}.readinessProbe",
        "exactly one",
        model=False,
    ),
    Bad(
        "a handler with two actions",
        of(container(preStop={"command": ["true"], "sleep": {"seconds": 1}})),
        f"{_FIRST}.preStop",
        "exactly one",
        model=False,
    ),
    Bad("a probe by FTP", of(container(startupProbe={"port": 80, "scheme": "FTP"})), f"{_FIRST}.startupProbe.scheme"),
    Bad(
        "a mount of an absolute sub path",
        of(container(volumeMounts=[{"name": "data", "mountPath": "/data", "subPath": "/etc"}])),
        f"{_FIRST}.volumeMounts[0].subPath",
        "remove the leading",
        model=False,
    ),
    Bad(
        "a mount that leaves its volume",
        of(container(volumeMounts=[{"name": "data", "mountPath": "/data", "subPath": "a/../../b"}])),
        f"{_FIRST}.volumeMounts[0].subPath",
        "every `..`",
        model=False,
    ),
    Bad(
        "a mount without a path", of(container(volumeMounts=[{"name": "data"}])), f"{_FIRST}.volumeMounts[0].mountPath"
    ),
    Bad("a volume without a source", of(volumes=[{"name": "data"}]), "spec.volumes[0]", "set exactly one source"),
    Bad(
        "a volume with two sources",
        of(volumes=[{"name": "data", "emptyDir": {}, "hostPath": {"path": "/"}}]),
        "spec.volumes[0]",
        "set exactly one source",
    ),
    Bad("two volumes of one name", of(volumes=[{"name": "a", "emptyDir": {}}] * 2), "spec.volumes[1]", model=False),
    Bad(
        "an expression without a value",
        _node(requireAll=["disk in"]),
        "spec.scheduling.node.requireAll[0]",
        _EXPRESSION,
        model=False,
    ),
    Bad(
        "an expression with SQL in it",
        _node(requireAny=["a = b OR 1"]),
        "spec.scheduling.node.requireAny[0]",
        _EXPRESSION,
        model=False,
    ),
    Bad(
        "a comparison with a word",
        _node(preferred=["cores > many"]),
        "spec.scheduling.node.preferred[0]",
        _EXPRESSION,
        model=False,
    ),
    Bad("an empty expression", _node(requireAll=[""]), "spec.scheduling.node.requireAll[0]"),
    Bad(
        "a toleration with an unknown effect",
        of(scheduling={"tolerate": [{"effect": "Never"}]}),
        "spec.scheduling.tolerate[0].effect",
    ),
    Bad("a Deployment strategy", of(deploymentConfig={"strategy": "OnDelete"}), "spec.deploymentConfig.strategy"),
    Bad("a StatefulSet strategy", of(statefulSetConfig={"strategy": "Recreate"}), "spec.statefulSetConfig.strategy"),
    Bad("a DaemonSet strategy", of(daemonSetConfig={"strategy": "Recreate"}), "spec.daemonSetConfig.strategy"),
    Bad(
        "a pod management policy",
        of(statefulSetConfig={"podManagementPolicy": "Any"}),
        "spec.statefulSetConfig.podManagementPolicy",
    ),
    Bad("a CronJob without a schedule", of(cronJobConfig={}), "spec.cronJobConfig.schedule"),
    Bad(
        "a schedule of four fields",
        of(cronJobConfig={"schedule": "* * * *"}),
        "spec.cronJobConfig.schedule",
        "five fields",
        model=False,
    ),
    Bad(
        "a concurrency policy",
        of(cronJobConfig={"schedule": "@daily", "concurrencyPolicy": "Maybe"}),
        "spec.cronJobConfig.concurrencyPolicy",
    ),
    Bad("minus one job pod", of(jobConfig={"parallelism": -1}), "spec.jobConfig.parallelism"),
    Bad(
        "a job that always restarts",
        of(jobConfig={}, restartPolicy="Always"),
        "spec.restartPolicy",
        "`OnFailure` or `Never`",
        model=False,
    ),
    Bad("a Deployment that never restarts", of(restartPolicy="Never"), "spec.restartPolicy", "`Always`", model=False),
    Bad("pods of a DaemonSet", of(daemonSetConfig={}, scale=2), "spec", "spec.scale", model=False),
    Bad("a paused Job", of(jobConfig={}, paused=True), "spec", "spec.paused", model=False),
    Bad(
        "two fields of other kinds", of(timeZone="UTC", maxSurge=1), "spec", "spec.maxSurge spec.timeZone", model=False
    ),
    Bad("a native name with capitals", of(name="Web"), "spec.name", "beginning with a letter", model=False),
    Bad("a native name with a digit first", of(name="1web"), "spec.name", "beginning with a letter", model=False),
    Bad("a name that no native object can have", of(), "metadata.name", "set spec.name", name="1web", model=False),
    Bad("a name of 64 characters", of(), "metadata.name", "at most 63", name="x" * 64, model=False),
    Bad(
        "a StatefulSet name of 53 characters",
        of(statefulSetConfig={}),
        "metadata.name",
        "at most 52",
        name="x" * 53,
        model=False,
    ),
    Bad("a label as a number", of(labels={"a": 1}), "spec.labels.a"),
)

CHANGES = (
    Change("another name", of(name="one"), of(name="two"), "spec.name", "create another workload instead"),
    Change("a name later", of(), of(name="two"), "spec.name", "create another workload instead"),
    Change(
        "another namespace", of(namespaceId="one"), of(namespaceId="two"), "spec.namespaceId", "create another workload"
    ),
    Change("another kind", of(), of(statefulSetConfig={}), "spec", "create another workload instead"),
    Change("the default kind later", of(jobConfig={}), of(), "spec", "create another workload instead"),
    Change(
        "another selector",
        of(labels={"a": "b"}, selector={"matchLabels": {"a": "b"}}),
        of(labels={"a": "b"}, selector={"matchLabels": {"a": "c"}}),
        "spec.selector",
        "create another workload instead",
    ),
)
