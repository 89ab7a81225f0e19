"""Worlds of credentials, drivers, templates and pools as the decisions see them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drover.kinds.cloud_credential.world import World as CredentialWorld
from drover.kinds.node_driver.world import World as NodeDriverWorld
from drover.kinds.node_pool.world import World as NodePoolWorld
from drover.kinds.node_template.world import World as NodeTemplateWorld
from drover.kinds.protected import Protected
from drover.rules.credentials import Look
from drover.rules.drivers import KNOWN
from tests.unit.kinds.worlds import NOW, obj

EC2_KEYS = ("amazonec2credentialConfig-accessKey", "amazonec2credentialConfig-secretKey")
LOOK = Look(NOW, "found", type="Opaque", keys=EC2_KEYS, version="u/1")
USER = "Cluster.provisioning.cattle.io/fleet-default/shop"


def credential_world(**changes: Any) -> CredentialWorld:
    """A CloudCredential with its finalizer, whose Secret was just seen and fits."""
    world = CredentialWorld(
        obj=obj(
            "CloudCredential",
            "cc-1",
            "cattle-global-data",
            metadata={"finalizers": ["drover.dev/cloud-credential"]},
            spec={"driver": "amazonec2"},
        ),
        users=(),
        leaving=False,
        invalid="",
        now=NOW,
        driver=KNOWN["amazonec2"],
        look=LOOK,
    )
    return replace(world, **changes)


def driver_world(**changes: Any) -> NodeDriverWorld:
    """An active NodeDriver with its finalizer."""
    world = NodeDriverWorld(
        obj=obj(
            "NodeDriver",
            "amazonec2",
            metadata={"finalizers": ["drover.dev/node-driver"]},
            spec={"active": True, "url": "local://"},
        ),
        users=(),
        leaving=False,
        invalid="",
        now=NOW,
        driver=KNOWN["amazonec2"],
        first="amazonec2",
    )
    return replace(world, **changes)


def kontainer_driver_world(**changes: Any) -> Protected:
    """A KontainerDriver with its finalizer."""
    found = obj(
        "KontainerDriver",
        "oke",
        metadata={"finalizers": ["drover.dev/kontainer-driver"]},
        spec={"active": True, "url": "https://drivers.example/oke"},
    )
    return replace(Protected(found, (), leaving=False, invalid="", now=NOW), **changes)


def template_world(**changes: Any) -> NodeTemplateWorld:
    """A NodeTemplate with its finalizer, whose driver is active and whose credential fits."""
    world = NodeTemplateWorld(
        obj=obj(
            "NodeTemplate",
            "nt-1",
            "cattle-global-nt",
            metadata={"finalizers": ["drover.dev/node-template"]},
            spec={"driver": "amazonec2", "cloudCredentialName": "cattle-global-data:cc-1"},
        ),
        users=(),
        leaving=False,
        invalid="",
        now=NOW,
        driver_name="amazonec2",
        driver=KNOWN["amazonec2"],
        usable=True,
        look=LOOK,
    )
    return replace(world, **changes)


def pool_world(**changes: Any) -> NodePoolWorld:
    """A NodePool of a Cluster, with a template that is Ready."""
    template = {**template_world().obj, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    world = NodePoolWorld(
        pool=obj(
            "NodePool",
            "np-1",
            "edge",
            spec={"clusterName": "edge", "nodeTemplateName": "cattle-global-nt:nt-1", "worker": True},
        ),
        template=template,
        cluster=obj("Cluster", "edge", uid="uid-c"),
        invalid="",
        template_invalid="",
        now=NOW,
    )
    return replace(world, **changes)
