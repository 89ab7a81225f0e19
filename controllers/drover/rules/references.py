"""Who refers to whom, by names such as `credential/cattle-global-data:cc-1` and `driver/amazonec2`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from drover.rules.drivers import KNOWN, MACHINE_CONFIG_GROUP, driver_name, machine_config_kind
from drover.rules.objects import Obj, name_of, namespace_of, spec

_CONFIG: Final = "Config"


def qualified(reference: Any, namespace: str) -> str:
    """`namespace:name` of a reference that may be a name in the same namespace; empty where there is none."""
    if not isinstance(reference, str) or not reference:
        return ""
    return reference if ":" in reference else f"{namespace}:{reference}"


def credential(namespace: str, reference: Any) -> Iterator[str]:
    """The name of a Secret with a credential."""
    if found := qualified(reference, namespace):
        yield f"credential/{found}"


# --- What objects refer to ------------------------------------------------------------------------------------------
def of_provisioning_cluster(obj: Obj) -> Iterator[str]:
    """The credentials of a provisioning Cluster, its pools and its bucket, and the machine configs of its pools."""
    namespace, given = namespace_of(obj), spec(obj)
    yield from credential(namespace, given.get("cloudCredentialSecretName"))
    yield from credential(namespace, spec(obj, "rkeConfig", "etcd", "s3").get("cloudCredentialName"))
    pools = spec(obj, "rkeConfig").get("machinePools")
    for pool in pools if isinstance(pools, list) else ():
        if isinstance(pool, dict):
            yield from credential(namespace, pool.get("cloudCredentialSecretName"))
            yield from _machine_config(pool.get("machineConfigRef"))


def _machine_config(reference: Any) -> Iterator[str]:
    """A machine config of a driver; one of another group belongs to Cluster API."""
    if not isinstance(reference, dict):
        return
    group = str(reference.get("apiVersion") or MACHINE_CONFIG_GROUP).partition("/")[0]
    if group == MACHINE_CONFIG_GROUP and reference.get("kind"):
        yield f"machine-config/{reference['kind']}"


def of_cluster(obj: Obj) -> Iterator[str]:
    """The KontainerDriver of a management Cluster."""
    if name := spec(obj, "genericEngineConfig").get("driverName"):
        yield f"kontainer-driver/{name}"


def of_node_template(obj: Obj) -> Iterator[str]:
    """The driver and the credential of a NodeTemplate."""
    if name := template_driver(obj):
        yield f"driver/{name}"
    yield from credential(namespace_of(obj), spec(obj).get("cloudCredentialName"))


def of_node_pool(obj: Obj) -> Iterator[str]:
    """The template of a NodePool."""
    if found := qualified(spec(obj).get("nodeTemplateName"), namespace_of(obj)):
        yield f"template/{found}"


def of_cloud_credential(obj: Obj) -> Iterator[str]:
    """The driver of a CloudCredential."""
    if name := spec(obj).get("driver"):
        yield f"driver/{name}"


# --- By what names they are referred to -----------------------------------------------------------------------------
def names_of_cloud_credential(obj: Obj) -> Iterator[str]:
    """A credential is referred to by its Secret."""
    yield f"credential/{namespace_of(obj)}:{secret_name(obj)}"


def names_of_node_driver(obj: Obj) -> Iterator[str]:
    """A driver is referred to by its name, and by the kind of its machine configs."""
    name = driver_name(obj)
    yield f"driver/{name}"
    yield f"machine-config/{machine_config_kind(name)}"


def names_of_node_template(obj: Obj) -> Iterator[str]:
    """A template is referred to by its namespace and name."""
    yield f"template/{namespace_of(obj)}:{name_of(obj)}"


def names_of_kontainer_driver(obj: Obj) -> Iterator[str]:
    """A driver of clusters is referred to by its name."""
    yield f"kontainer-driver/{name_of(obj)}"


# --- Fields with a default ------------------------------------------------------------------------------------------
def secret_name(cloud_credential: Obj) -> str:
    """The Secret of a CloudCredential: the one that it names, else the one of its own name."""
    named = spec(cloud_credential).get("secretName")
    return named if isinstance(named, str) and named else name_of(cloud_credential)


def template_driver(template: Obj) -> str:
    """The driver of a NodeTemplate: `spec.driver`, else the one whose config it has, where that is a single one."""
    named = spec(template).get("driver")
    if isinstance(named, str) and named:
        return named
    configs = {
        field.removesuffix(_CONFIG)
        for part in (template, spec(template))
        for field, value in part.items()
        if field.endswith(_CONFIG) and isinstance(value, dict)
    }
    return configs.pop() if len(configs) == 1 and configs <= set(KNOWN) else ""


def template_credential(template: Obj) -> tuple[str, str]:
    """Namespace and name of the Secret of a NodeTemplate; empty names where there is none."""
    found = qualified(spec(template).get("cloudCredentialName"), namespace_of(template))
    namespace, _, name = found.partition(":")
    return namespace, name
