"""Fields of a management Cluster's spec that older versions had: kept, without effect, and no typo."""

from __future__ import annotations

from typing import Final

LEGACY_SPEC_FIELDS: Final = (
    "rancherKubernetesEngineConfig",
    "clusterTemplateName",
    "clusterTemplateRevisionName",
    "clusterTemplateAnswers",
    "clusterTemplateQuestions",
    "enableClusterAlerting",
    "enableClusterMonitoring",
    "istioEnabled",
    "scheduledClusterScan",
)
