"""Pod security: what a template asks of namespaces, as the labels that Kubernetes reads, and as the configuration of a
kube-apiserver."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from drover.api.keys import SYSTEM_NAMESPACE
from drover.rules.objects import Obj, annotation, name_of, spec

MANAGER: Final = "drover-pod-security"
"""Field manager of the labels: it tells ours from those that a person set."""

HELD: Final = "podSecurityHeld"
"""Key in a cached namespace: the pod security labels in it that nobody but Drover holds."""

MODES: Final = ("enforce", "audit", "warn")
LEVELS: Final = ("privileged", "baseline", "restricted")
LABELS: Final = tuple(f"pod-security.kubernetes.io/{mode}{part}" for mode in MODES for part in ("", "-version"))

_VERSION: Final = re.compile(r"latest|v1\.(0|[1-9][0-9]*)")
_BEYOND_LABELS: Final = (("usernames", "exempt usernames"), ("runtimeClasses", "exempt runtime classes"))


@dataclass(frozen=True, slots=True)
class PodSecurity:
    """What the namespaces of a project are held to.

    `labels` are the six labels, `exempt` the names of namespaces that get none. No labels: the template is missing or
    not understood, and namespaces stay as they are.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    exempt: tuple[str, ...] = ()


def named(cluster: Obj) -> str:
    """The template that a Cluster of either kind names; empty for none."""
    return str(spec(cluster).get("defaultPodSecurityAdmissionConfigurationTemplateName") or "")


def pod_security(template: Obj | None, system: Sequence[str]) -> PodSecurity:
    """What a template asks of namespaces but those of the names in `system`; without labels where it is missing or
    wrong."""
    if template is None:
        return PodSecurity()
    defaults = _defaults(template)
    wrong = any(defaults[mode] not in LEVELS or not _VERSION.fullmatch(defaults[f"{mode}-version"]) for mode in MODES)
    if wrong:
        return PodSecurity()
    labels = {f"pod-security.kubernetes.io/{key}": value for key, value in defaults.items()}
    return PodSecurity(labels, tuple(dict.fromkeys((*exemptions(template)["namespaces"], *system))))


def _part(template: Obj, name: str) -> Mapping[str, Any]:
    configuration = template.get("configuration")
    found = configuration.get(name) if isinstance(configuration, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _defaults(template: Obj) -> dict[str, str]:
    """Levels and versions; what is left out is what Kubernetes takes then."""
    given, result = _part(template, "defaults"), {}
    for mode in MODES:
        result[mode] = str(given.get(mode) or "privileged")
        result[f"{mode}-version"] = str(given.get(f"{mode}-version") or "latest")
    return result


def exemptions(template: Obj) -> dict[str, list[str]]:
    """What a template exempts: `usernames`, `runtimeClasses` and `namespaces`."""
    given, result = _part(template, "exemptions"), {}
    for name in ("usernames", "runtimeClasses", "namespaces"):
        found = given.get(name)
        result[name] = [str(each) for each in found] if isinstance(found, list) else []
    return result


# --- Labels of namespaces -------------------------------------------------------------------------------------------
def held(managed_fields: Iterable[Mapping[str, Any]]) -> list[str]:
    """The pod security labels that nobody but Drover holds, by a namespace's `metadata.managedFields`."""
    ours: set[str] = set()
    others: set[str] = set()
    for entry in managed_fields:
        labels = ((entry.get("fieldsV1") or {}).get("f:metadata") or {}).get("f:labels") or {}
        mine = entry.get("manager") == MANAGER and entry.get("operation") == "Apply"
        (ours if mine else others).update(label for label in LABELS if f"f:{label}" in labels)
    return sorted(ours - others)


def labels_to_apply(wanted: PodSecurity | None, namespace: Obj) -> Mapping[str, str] | None:
    """The labels that are to be applied to a namespace of a project (none: ours are to go); None where nothing is to be
    done. `wanted` is None where no template is in force.

    One label of somebody else is enough: whoever sets it decides about the namespace.
    """
    if wanted is not None and not wanted.labels:
        return None
    live = namespace["metadata"].get("labels") or {}
    present = {label: live[label] for label in LABELS if label in live}
    ours = {label: value for label, value in present.items() if label in namespace.get(HELD, ())}
    theirs = present.keys() - ours.keys()
    labels: Mapping[str, str] = {} if wanted is None or theirs or _spared(wanted, namespace) else wanted.labels
    return None if ours == labels else labels


def _spared(wanted: PodSecurity, namespace: Obj) -> bool:
    """Whether a template leaves a namespace alone: it is exempt, or one of the platform."""
    return name_of(namespace) in wanted.exempt or annotation(namespace, SYSTEM_NAMESPACE) == "true"


# --- For people -----------------------------------------------------------------------------------------------------
def levels(template: Obj) -> str:
    """What a template asks for, as `enforce restricted:latest, audit ..., warn ...`."""
    defaults = _defaults(template)
    return ", ".join(f"{mode} {defaults[mode]}:{defaults[f'{mode}-version']}" for mode in MODES)


def beyond_labels(template: Obj) -> list[str]:
    """What of a template the labels of namespaces cannot express."""
    exempt = exemptions(template)
    return [words for name, words in _BEYOND_LABELS if exempt[name]]


# --- For a kube-apiserver -------------------------------------------------------------------------------------------
def admission_configuration(template: Obj) -> str:
    """The file for `--admission-control-config-file` of a kube-apiserver (1.25 or newer), as YAML."""
    return yaml.safe_dump(
        {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "AdmissionConfiguration",
            "plugins": [
                {
                    "name": "PodSecurity",
                    "configuration": {
                        "apiVersion": "pod-security.admission.config.k8s.io/v1",
                        "kind": "PodSecurityConfiguration",
                        "defaults": _defaults(template),
                        "exemptions": exemptions(template),
                    },
                }
            ],
        },
        sort_keys=False,
    )
