"""Fields of a management Cluster's spec that older versions had, and what to use instead: kept, without effect, and no
typo."""

from __future__ import annotations

from typing import Final

LEGACY_SPEC_FIELDS: Final = {
    "rancherKubernetesEngineConfig": "use spec.rkeConfig of a provisioning Cluster",
    "clusterTemplateName": "use a provisioning Cluster, kept as YAML in git",
    "clusterTemplateRevisionName": "use a provisioning Cluster, kept as YAML in git",
    "clusterTemplateAnswers": "use a provisioning Cluster, kept as YAML in git",
    "clusterTemplateQuestions": "use a provisioning Cluster, kept as YAML in git",
    "enableClusterAlerting": "use the chart of a monitoring stack in the member",
    "enableClusterMonitoring": "use the chart of a monitoring stack in the member",
    "istioEnabled": "use the chart of Istio in the member",
    "scheduledClusterScan": "use the chart of a benchmark operator in the member",
}
