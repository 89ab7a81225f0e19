"""Volumes and volume claim templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drover.rules.workload.shape import InvalidWorkload, given, labels, mapping, sequence, text

_CLAIM_SPEC: Final = (
    "accessModes",
    "selector",
    "resources",
    "volumeName",
    "volumeMode",
    "dataSource",
    "dataSourceRef",
    "volumeAttributesClassName",
)


def volumes(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The pod's volumes. Raises InvalidWorkload for one without a name and for a name that two have."""
    found: list[Mapping[str, Any]] = []
    names: set[str] = set()
    for index, item in enumerate(sequence(spec.get("volumes"), "spec.volumes")):
        path = f"spec.volumes[{index}]"
        volume = mapping(item, path)
        name = text(volume.get("name"), f"{path}.name")
        if not name:
            raise InvalidWorkload(f"{path}.name", "is missing; volumeMounts refer to a volume by its name")
        if name in names:
            raise InvalidWorkload(f"{path}.name", f'another volume is called "{name}"; rename one of them')
        names.add(name)
        found.append(_renamed(volume, path))
    return found


def claim_templates(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The volumeClaimTemplates of a StatefulSet, from the flat form (`name`, `accessModes`, ...) or the native one."""
    path = "spec.statefulSetConfig.volumeClaimTemplates"
    templates: list[dict[str, Any]] = []
    for index, item in enumerate(sequence(config.get("volumeClaimTemplates"), path)):
        view = mapping(item, f"{path}[{index}]")
        flat = "spec" not in view and "metadata" not in view
        template = _flat_claim(view, f"{path}[{index}]") if flat else given(view, ("metadata", "spec"))
        name = text(mapping(template.get("metadata"), f"{path}[{index}].metadata").get("name"), f"{path}[{index}] name")
        if not name:
            raise InvalidWorkload(f"{path}[{index}]", "has no name; volumeMounts refer to the claim by its name")
        templates.append(template)
    return templates


def _renamed(volume: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """A volume with the two fields that the HTTP API calls differently under their Kubernetes names."""
    if (claim := mapping(volume.get("persistentVolumeClaim"), f"{path}.persistentVolumeClaim")) and (
        claim_id := text(claim.get("persistentVolumeClaimId"), f"{path}.persistentVolumeClaim.persistentVolumeClaimId")
    ):
        return {
            **volume,
            "persistentVolumeClaim": {"claimName": claim_id.rpartition(":")[2], **given(claim, ("readOnly",))},
        }
    if (host := mapping(volume.get("hostPath"), f"{path}.hostPath")) and host.get("kind"):
        return {**volume, "hostPath": {**given(host, ("path",)), "type": host["kind"]}}
    return volume


def _flat_claim(view: Mapping[str, Any], path: str) -> dict[str, Any]:
    metadata: dict[str, Any] = given(view, ("name",))
    for field in ("labels", "annotations"):
        if values := labels(view.get(field), f"{path}.{field}"):
            metadata[field] = values
    claim = given(view, _CLAIM_SPEC)
    if volume := view.get("volumeId"):
        claim["volumeName"] = volume
    for field in ("storageClassName", "storageClassId"):  # An empty class is a choice: no dynamic provisioning.
        if view.get(field) is not None:
            claim["storageClassName"] = view[field]
    return {"metadata": metadata, "spec": claim}
