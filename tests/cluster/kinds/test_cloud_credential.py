"""cloudcredentials.management.cattle.io on a real control plane."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from drover.kube.client import Client
from drover.kube.gvr import NAMESPACES, SECRETS, Object
from tests.cluster.scene import (
    Scene,
    condition,
    eventually,
    gvr_of,
    management,
    namespace,
    provisioning_cluster,
    secret,
    unique,
)

GLOBAL = "cattle-global-data"
CANARY = "canary-of-a-credential-"


def keys(driver: str, *fields: str) -> dict[str, str]:
    return {f"{driver}credentialConfig-{field}": f"{CANARY}{field}" for field in fields}


EC2 = keys("amazonec2", "accessKey", "secretKey")


async def credential(scene: Scene, driver: str, values: dict[str, str], **spec: Any) -> Object:
    """A CloudCredential and its Secret."""
    name = unique("cc")
    await scene.apply(secret(name, GLOBAL, **values))
    obj = management("CloudCredential", name, GLOBAL, driver=driver, **spec)
    await scene.apply(obj)
    return obj


async def touch(scene: Scene, obj: Object) -> None:
    """Has it looked at again, sooner than by itself."""
    changed = {"metadata": {**obj["metadata"], "annotations": {"test": unique("touched")}}}
    await scene.hub.merge(gvr_of(obj), changed, manager="touch")


@pytest.mark.parametrize("type_", ["Opaque", "provisioning.cattle.io/cloud-credential"])
async def test_a_secret_that_fits_its_driver_makes_it_ready(scene: Scene, type_: str) -> None:
    name = unique("cc")
    await scene.apply(secret(name, GLOBAL, type_, **EC2, note="x"))
    obj = management("CloudCredential", name, GLOBAL, driver="amazonec2")
    await scene.apply(obj)
    status = (await scene.ready(obj))["status"]
    assert status["presentKeys"] == sorted(EC2)
    assert "missingKeys" not in status
    assert status["unknownKeys"] == ["note"]
    assert status["reference"] == f"{GLOBAL}:{name}"
    await scene.delete(obj)
    await scene.gone(obj)


async def test_a_secret_that_comes_later_is_found(scene: Scene) -> None:
    obj = management("CloudCredential", unique("cc"), GLOBAL, driver="linode", secretName=unique("later"))
    await scene.apply(obj)
    await scene.shows(obj, "Ready", "False", "CredentialNotFound")
    await scene.apply(secret(obj["spec"]["secretName"], GLOBAL, **keys("linode", "token")))
    await scene.ready(obj)


async def test_a_missing_key_is_named_and_a_mended_secret_is_seen(scene: Scene) -> None:
    obj = await credential(scene, "azure", keys("azure", "clientId", "subscriptionId"))
    seen = await scene.shows(obj, "Stalled", "True", "CredentialInvalid")
    assert seen["status"]["missingKeys"] == ["azurecredentialConfig-clientSecret"]
    assert condition(seen, "Valid")["status"] == "False"
    await scene.apply(
        secret(obj["metadata"]["name"], GLOBAL, **keys("azure", "clientId", "subscriptionId", "clientSecret"))
    )
    await asyncio.sleep(6)
    await touch(scene, obj)
    await scene.ready(obj)


async def test_a_namespace_whose_secrets_may_not_be_read_is_named_with_the_right_that_lacks(scene: Scene) -> None:
    name = unique("n")
    await scene.apply(namespace(name))
    obj = management("CloudCredential", "aws", name, driver="amazonec2")
    await scene.apply(obj)
    seen = await scene.shows(obj, "Ready", "False", "Forbidden")
    assert f"get on secrets in namespace {name}" in condition(seen, "Ready")["message"]


async def test_a_credential_that_a_cluster_uses_stays_until_the_cluster_names_another(scene: Scene) -> None:
    obj = await credential(scene, "amazonec2", EC2)
    name = obj["metadata"]["name"]
    cluster = provisioning_cluster(unique("pc"), cloudCredentialSecretName=f"{GLOBAL}:{name}")
    await scene.apply(cluster)
    user = f"Cluster.provisioning.cattle.io/fleet-default/{cluster['metadata']['name']}"
    seen = await scene.shows(obj, "InUse", "True")
    assert (seen["status"]["users"], seen["status"]["usedBy"]) == (1, [user])
    await scene.delete(obj)
    seen = await scene.shows(obj, "Ready", "False", "InUse")
    assert user in condition(seen, "Ready")["message"]
    await scene.apply({**cluster, "spec": {}})
    await scene.gone(obj)
    await scene.delete(cluster)
    await scene.gone(cluster)


async def test_a_namespace_ends_with_credentials_that_are_used(scene: Scene) -> None:
    name = unique("n")
    await scene.apply(namespace(name))
    obj = management("CloudCredential", "aws", name, driver="amazonec2")
    await scene.apply(obj)
    cluster = provisioning_cluster(unique("pc"), cloudCredentialSecretName=f"{name}:aws")
    await scene.apply(cluster)
    await scene.shows(obj, "InUse", "True")
    made = await scene.hub.get(NAMESPACES, name)
    await scene.hub.delete(NAMESPACES, name, uid=made["metadata"]["uid"])
    await scene.gone(namespace(name))
    await scene.delete(cluster)
    await scene.gone(cluster)


async def test_a_settled_credential_is_written_no_more(scene: Scene) -> None:
    obj = await credential(scene, "amazonec2", EC2)
    before = await scene.ready(obj)
    await asyncio.sleep(35)  # more than one look
    after = await scene.get(obj)
    assert after is not None
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


async def everything(hub: Client) -> str:
    """Every object of every kind but Secrets, as JSON."""
    found: list[str] = []
    groups = [each["preferredVersion"]["groupVersion"] for each in (await hub.get_path("/apis"))["groups"]]
    for path in ("/api/v1", *(f"/apis/{group}" for group in groups)):
        listed = [each["name"] for each in (await hub.get_path(path))["resources"] if "list" in each["verbs"]]
        names = [name for name in listed if (path, name) != ("/api/v1", "secrets")]
        found += [json.dumps(await hub.get_path(f"{path}/{name}")) for name in names]
    return "\n".join(found)


async def test_no_value_of_a_credential_is_anywhere_but_in_its_secret(scene: Scene) -> None:
    fits = await credential(scene, "amazonec2", EC2)
    lacks = await credential(
        scene, "azure", {**keys("azure", "clientId"), **keys("own", "key"), "note": f"{CANARY}note"}
    )
    several = await credential(scene, "s3", {**keys("s3", "accessKey", "secretKey"), **EC2})
    reference = f"{GLOBAL}:{fits['metadata']['name']}"
    template = management("NodeTemplate", unique("nt"), GLOBAL, driver="amazonec2", cloudCredentialName=reference)
    cluster = provisioning_cluster(unique("pc"), cloudCredentialSecretName=reference)
    for obj in (template, cluster):
        await scene.apply(obj)
    await scene.ready(fits)
    await scene.ready(template)
    for obj in (lacks, several):
        await scene.shows(obj, "Stalled", "True", "CredentialInvalid")

    async def told() -> bool:
        events = await scene.hub.get_path("/apis/events.k8s.io/v1/events")
        return any(event["regarding"].get("name") == several["metadata"]["name"] for event in events["items"])

    await eventually(told, "there is an Event")
    stored = await everything(scene.hub)
    assert several["metadata"]["name"] in stored
    async with aiohttp.ClientSession() as session, session.get(f"{scene.drover.probes}/metrics") as answer:
        metrics = await answer.text()
    log = scene.drover.log.read_text(errors="replace")
    assert "leading" in log
    for where, text in (("objects and events", stored), ("log", log), ("metrics", metrics)):
        assert CANARY not in text, where
    held = await scene.hub.get(SECRETS, fits["metadata"]["name"], GLOBAL)
    assert held["data"]
    for obj in (cluster, template, fits, lacks, several):
        await scene.delete(obj)
        await scene.gone(obj)
