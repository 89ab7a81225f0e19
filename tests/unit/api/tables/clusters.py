"""Management Clusters that must be refused."""

from __future__ import annotations

from typing import Any

from tests.unit.api.tables.bad import Bad, Change

GOOD: dict[str, Any] = {"displayName": "Production", "importedConfig": {}}


def _agent(**scheduling: Any) -> dict[str, Any]:
    return GOOD | {"clusterAgentDeploymentCustomization": {"schedulingCustomization": scheduling}}


_AGENT = "spec.clusterAgentDeploymentCustomization"
_BUDGET = f"{_AGENT}.schedulingCustomization.podDisruptionBudget"
_EITHER = "exactly one of minAvailable and maxUnavailable must be more than zero"

BAD = (
    Bad("no display name", {"importedConfig": {}}, "spec.displayName"),
    Bad("empty display name", GOOD | {"displayName": ""}, "spec.displayName"),
    Bad("display name of another type", GOOD | {"displayName": 7}, "spec.displayName"),
    Bad("display name with a line break", GOOD | {"displayName": "a\nb"}, "spec.displayName", "remove line breaks"),
    Bad("display name with NUL", GOOD | {"displayName": "a\0b"}, "spec.displayName", "remove line breaks"),
    Bad("display name of 254 characters", GOOD | {"displayName": "x" * 254}, "spec.displayName"),
    Bad("internal elsewhere than local", GOOD | {"internal": True}, "spec.internal", "remove it", model=False),
    Bad("a name with a dot", GOOD, "metadata.name", "(no dots)", name="a.b", model=False),
    Bad("a name of 64 characters", GOOD, "metadata.name", name="x" * 64, model=False),
    Bad(
        "the name of a system namespace", GOOD, "metadata.name", "choose another name", name="kube-system", model=False
    ),
    Bad("the name of a workspace", GOOD, "metadata.name", "choose another name", name="fleet-default", model=False),
    Bad(
        "a kubeconfig in the spec",
        GOOD | {"importedConfig": {"kubeConfig": "apiVersion: v1"}},
        "spec.importedConfig.kubeConfig",
        "name that Secret in spec.importedConfig.kubeconfigSecretRef",
    ),
    Bad(
        "a reference without a name",
        GOOD | {"importedConfig": {"kubeconfigSecretRef": {"key": "value"}}},
        "spec.importedConfig.kubeconfigSecretRef.name",
    ),
    Bad(
        "a reference with an empty name",
        GOOD | {"importedConfig": {"kubeconfigSecretRef": {"name": ""}}},
        "spec.importedConfig.kubeconfigSecretRef.name",
    ),
    Bad("importedConfig as a string", GOOD | {"importedConfig": "yes"}, "spec.importedConfig"),
    Bad("two clouds", GOOD | {"aksConfig": {}, "eksConfig": {}}, "spec", "remove the others"),
    Bad(
        "both parts of a budget",
        _agent(podDisruptionBudget={"minAvailable": "1", "maxUnavailable": "1"}),
        _BUDGET,
        _EITHER,
    ),
    Bad("no part of a budget", _agent(podDisruptionBudget={"minAvailable": "0"}), _BUDGET, _EITHER),
    Bad("a negative budget", _agent(podDisruptionBudget={"minAvailable": "-1"}), f"{_BUDGET}.minAvailable"),
    Bad("a budget of 101 %", _agent(podDisruptionBudget={"minAvailable": "101%"}), f"{_BUDGET}.minAvailable"),
    Bad(
        "a priority beyond a billion",
        _agent(priorityClass={"value": 1_000_000_001}),
        f"{_AGENT}.schedulingCustomization.priorityClass.value",
    ),
    Bad(
        "an unknown preemption policy",
        _agent(priorityClass={"preemptionPolicy": "Sometimes"}),
        f"{_AGENT}.schedulingCustomization.priorityClass.preemptionPolicy",
    ),
    Bad(
        "a toleration with an unknown operator",
        GOOD | {"clusterAgentDeploymentCustomization": {"appendTolerations": [{"key": "a", "operator": "Is"}]}},
        f"{_AGENT}.appendTolerations[0].operator",
    ),
    Bad(
        "an affinity with 501 terms",
        GOOD
        | {
            "fleetAgentDeploymentCustomization": {
                "overrideAffinity": {
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{}] * 501}
                    }
                }
            }
        },
        "spec.fleetAgentDeploymentCustomization.overrideAffinity.nodeAffinity"
        ".requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms",
    ),
    Bad(
        "no replica of the webhook",
        GOOD | {"webhookDeploymentCustomization": {"replicaCount": 0}},
        "spec.webhookDeploymentCustomization.replicaCount",
    ),
    Bad(
        "upgrades of zero nodes at a time",
        GOOD | {"k3sConfig": {"k3supgradeStrategy": {"serverConcurrency": 0}}},
        "spec.k3sConfig.k3supgradeStrategy.serverConcurrency",
    ),
    Bad(
        "certificates of an endpoint without a name",
        GOOD | {"localClusterAuthEndpoint": {"enabled": True, "caCerts": "-----BEGIN CERTIFICATE-----"}},
        "spec.localClusterAuthEndpoint.fqdn",
        "set fqdn to the name",
    ),
    Bad("a variable without a name", GOOD | {"agentEnvVars": [{"value": "x"}]}, "spec.agentEnvVars[0].name"),
    Bad("variables as an object", GOOD | {"agentEnvVars": "A=b"}, "spec.agentEnvVars"),
)

CHANGES = (
    Change(
        "emptying the workspace",
        GOOD | {"fleetWorkspaceName": "fleet-default"},
        GOOD | {"fleetWorkspaceName": ""},
        "spec.fleetWorkspaceName",
        "name another workspace instead",
    ),
    Change(
        "removing the workspace",
        GOOD | {"fleetWorkspaceName": "fleet-default"},
        GOOD,
        "spec.fleetWorkspaceName",
        "name another workspace instead",
    ),
    Change(
        "preferring Windows later",
        GOOD | {"windowsPreferedCluster": False},
        GOOD | {"windowsPreferedCluster": True},
        "spec.windowsPreferedCluster",
        "set it back",
    ),
)
