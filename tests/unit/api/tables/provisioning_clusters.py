"""Provisioning Clusters that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change

VERSION = "v1.33.5+rke2r1"


def pool(**fields: Any) -> dict[str, Any]:
    """A machine pool with a worker role."""
    reference = {"kind": "VirtualConfig", "name": "small"}
    return {"name": "workers", "workerRole": True, "machineConfigRef": reference} | fields


def made(*pools: dict[str, Any], version: str = VERSION, **rke_config: Any) -> dict[str, Any]:
    """A spec with rkeConfig."""
    return {"kubernetesVersion": version, "rkeConfig": {"machinePools": list(pools), **rke_config}}


_POOL = "spec.rkeConfig.machinePools[0]"
_DIRECTORIES = "spec.rkeConfig.dataDirectories"
_SCALING = "autoscalingMinSize and autoscalingMaxSize go together"
_VERSION = "write it with its distribution"

BAD = (
    Bad("a version without a patch", {"kubernetesVersion": "v1.99"}, "spec.kubernetesVersion", _VERSION),
    Bad("a version without a v", {"kubernetesVersion": "1.33.5+rke2r1"}, "spec.kubernetesVersion", _VERSION),
    Bad("an unknown distribution", {"kubernetesVersion": "v1.33.5+k0s"}, "spec.kubernetesVersion", _VERSION),
    Bad("a version with a tail", {"kubernetesVersion": f"{VERSION} "}, "spec.kubernetesVersion", _VERSION),
    Bad("a pool without a role", made(pool(workerRole=False)), _POOL, "set etcdRole, controlPlaneRole or workerRole"),
    Bad("a pool without a name", made({k: v for k, v in pool().items() if k != "name"}), f"{_POOL}.name"),
    Bad("a pool with an empty name", made(pool(name="")), f"{_POOL}.name"),
    Bad("a pool name of 64 characters", made(pool(name="x" * 64)), f"{_POOL}.name"),
    Bad("a pool without machines to make", made({"name": "a", "workerRole": True}), f"{_POOL}.machineConfigRef"),
    Bad("two pools of one name", made(pool(), pool()), "spec.rkeConfig.machinePools[1]", model=False),
    Bad("minus one machine", made(pool(quantity=-1)), f"{_POOL}.quantity"),
    Bad("half a machine", made(pool(quantity=1.5)), f"{_POOL}.quantity"),
    Bad("only a minimum", made(pool(autoscalingMinSize=1)), _POOL, _SCALING),
    Bad("only a maximum", made(pool(autoscalingMaxSize=1)), _POOL, _SCALING),
    Bad("a minimum above the maximum", made(pool(autoscalingMinSize=3, autoscalingMaxSize=2)), _POOL, _SCALING),
    Bad(
        "control plane down to zero",
        made(pool(controlPlaneRole=True, autoscalingMinSize=0, autoscalingMaxSize=3)),
        _POOL,
        _SCALING,
    ),
    Bad("a host name of 9 characters", made(pool(hostnameLengthLimit=9)), f"{_POOL}.hostnameLengthLimit"),
    Bad("a host name of 64 characters", made(pool(hostnameLengthLimit=64)), f"{_POOL}.hostnameLengthLimit"),
    Bad("a taint without an effect", made(pool(taints=[{"key": "a"}])), f"{_POOL}.taints[0].effect"),
    Bad("1001 pools", made(*(pool(name=f"p{n}") for n in range(1001))), "spec.rkeConfig.machinePools"),
    Bad(
        "a concurrency of 101 %",
        made(upgradeStrategy={"workerConcurrency": "101%"}),
        "spec.rkeConfig.upgradeStrategy.workerConcurrency",
    ),
    Bad(
        "a negative concurrency",
        made(upgradeStrategy={"controlPlaneConcurrency": "-1"}),
        "spec.rkeConfig.upgradeStrategy.controlPlaneConcurrency",
    ),
    Bad("a bucket of 64 characters", made(etcd={"s3": {"bucket": "x" * 64}}), "spec.rkeConfig.etcd.s3.bucket"),
    Bad("a negative retention", made(etcd={"s3": {"retention": -1}}), "spec.rkeConfig.etcd.s3.retention"),
    Bad(
        "restoring something else",
        made(etcdSnapshotRestore={"name": "a", "restoreRKEConfig": "some"}),
        "spec.rkeConfig.etcdSnapshotRestore.restoreRKEConfig",
    ),
    Bad(
        "an unknown IP family",
        made(networking={"stackPreference": "ipv5"}),
        "spec.rkeConfig.networking.stackPreference",
    ),
    Bad(
        "a relative directory", made(dataDirectories={"systemAgent": "var"}), f"{_DIRECTORIES}.systemAgent", "absolute"
    ),
    Bad(
        "a directory that ends in /",
        made(dataDirectories={"k8sDistro": "/var/"}),
        f"{_DIRECTORIES}.k8sDistro",
        "absolute",
    ),
    Bad("a directory with ..", made(dataDirectories={"k8sDistro": "/a/../b"}), f"{_DIRECTORIES}.k8sDistro", "absolute"),
    Bad(
        "a directory with a variable",
        made(dataDirectories={"k8sDistro": "/$HOME"}),
        f"{_DIRECTORIES}.k8sDistro",
        "absolute",
    ),
    Bad(
        "a directory in another",
        made(dataDirectories={"systemAgent": "/data", "provisioning": "/data/capr"}),
        _DIRECTORIES,
        "choose separate ones",
    ),
    Bad(
        "one directory twice",
        made(dataDirectories={"systemAgent": "/data", "provisioning": "/data"}),
        _DIRECTORIES,
        "choose separate ones",
    ),
    Bad("an imported cluster that is made", made() | {"importedConfig": {}}, "spec.importedConfig", "or rkeConfig"),
    Bad(
        "a kubeconfig in the spec",
        {"importedConfig": {"kubeConfig": "x"}},
        "spec.importedConfig.kubeConfig",
        "spec.importedConfig.kubeconfigSecretRef",
    ),
    Bad(
        "spaces in NO_PROXY",
        {"agentEnvVars": [{"name": "NO_PROXY", "value": "10.0.0.0/8, .svc"}]},
        "spec.agentEnvVars[0].value",
        "with commas only",
    ),
    Bad(
        "the agent's directory by variable",
        {"agentEnvVars": [{"name": "CATTLE_AGENT_VAR_DIR", "value": "/data"}]},
        "spec.agentEnvVars[0].name",
        "set spec.rkeConfig.dataDirectories.systemAgent instead",
    ),
    Bad(
        "certificates of an endpoint without a name",
        {"localClusterAuthEndpoint": {"enabled": True, "caCerts": "x"}},
        "spec.localClusterAuthEndpoint.fqdn",
        "set fqdn",
    ),
    Bad(
        "a credential with two colons",
        {"cloudCredentialSecretName": "a:b:c"},
        "spec.cloudCredentialSecretName",
        "`namespace:name`",
    ),
    Bad("a credential of 318 characters", {"cloudCredentialSecretName": "x" * 318}, "spec.cloudCredentialSecretName"),
    Bad(
        "a file source without a name",
        made(machineSelectorFiles=[{"fileSources": [{"secret": {"items": []}}]}]),
        "spec.rkeConfig.machineSelectorFiles[0].fileSources[0].secret.name",
    ),
)

CHANGES = (
    Change("importing a cluster that was made", made(), {}, "spec", "create another cluster instead"),
    Change("making a cluster that was imported", {}, made(), "spec", "create another cluster instead"),
    Change(
        "other directories",
        made(dataDirectories={"systemAgent": "/a"}),
        made(dataDirectories={"systemAgent": "/b"}),
        "spec.rkeConfig.dataDirectories",
        "set it back",
    ),
    Change(
        "directories later",
        made(),
        made(dataDirectories={"k8sDistro": "/b"}),
        "spec.rkeConfig.dataDirectories",
        "set it back",
    ),
    Change(
        "k3s instead of rke2",
        made(),
        made(version="v1.33.5+k3s1"),
        "spec.kubernetesVersion",
        "create another cluster for the other distribution",
    ),
    Change(
        "rke2 instead of k3s",
        made(version="v1.33.5+k3s1"),
        made(),
        "spec.kubernetesVersion",
        "create another cluster for the other distribution",
    ),
)
