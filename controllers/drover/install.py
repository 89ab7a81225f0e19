"""What a cluster needs before Drover runs in it, as objects: namespaces, the ServiceAccount, exactly the rights that
the operator looks for, the CRDs and the policies. The demo, the tests and the chart use the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from drover.api.keys import DEFAULT_WORKSPACE, GLOBAL_DATA
from drover.kube.client import Client
from drover.kube.gvr import (
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    CRDS,
    GVR,
    MUTATING_WEBHOOKS,
    NAMESPACES,
    POLICIES,
    POLICY_BINDINGS,
    RBAC,
    ROLE_BINDINGS,
    ROLES,
    SECRETS,
    VALIDATING_WEBHOOKS,
    Object,
)
from drover.preflight import (
    MEMBER_RIGHTS,
    POLICY_RIGHTS,
    PROJECT_SECRET_RIGHTS,
    RIGHTS,
    SECRET_RIGHT,
    WEBHOOK_CONFIGURATION_RIGHTS,
    WEBHOOK_RIGHTS,
    Right,
    lease_right,
    webhook_secret_right,
)

NAMESPACE = "drover-system"
NAME = "drover"
_MANAGER = "drover-install"
_SECONDS = 30.0

SERVICE_ACCOUNTS = GVR("", "v1", "serviceaccounts", "ServiceAccount")
_KINDS = {
    gvr.kind: gvr
    for gvr in (
        NAMESPACES,
        SERVICE_ACCOUNTS,
        CRDS,
        SECRETS,
        CLUSTER_ROLES,
        CLUSTER_ROLE_BINDINGS,
        ROLES,
        ROLE_BINDINGS,
        POLICIES,
        POLICY_BINDINGS,
        VALIDATING_WEBHOOKS,
        MUTATING_WEBHOOKS,
    )
}
_EVERYWHERE = (*RIGHTS, *WEBHOOK_RIGHTS, *WEBHOOK_CONFIGURATION_RIGHTS, *PROJECT_SECRET_RIGHTS)


def _files(*parts: str) -> Path:
    """Files that come with Drover: in a checkout beside the sources, in an installed package inside it."""
    package = Path(__file__).resolve().parent
    checkout = package.parents[1].joinpath(*parts)
    return checkout if checkout.exists() else package.joinpath(*parts)


def documents(*parts: str) -> list[Object]:
    """Every object in the YAML files of a directory that comes with Drover; raises FileNotFoundError when there is
    none."""
    directory = _files(*parts)
    paths = sorted(directory.glob("*.yaml"))
    if not paths:
        raise FileNotFoundError(f"{directory} has no YAML files: this installation of Drover is not whole; repeat it")
    return [obj for path in paths for obj in yaml.safe_load_all(path.read_text()) if obj]


def crds() -> list[Object]:
    """The CustomResourceDefinitions."""
    return documents("crds")


def policies() -> list[Object]:
    """The ValidatingAdmissionPolicies with their bindings."""
    return documents("charts", "drover", "policies")


def webhooks(url: str = "") -> list[Object]:
    """The webhook configurations; `url`, such as `https://127.0.0.1:9443`, is asked instead of a Service."""
    found = documents("charts", "drover", "webhooks")
    for hook in (hook for obj in found for hook in obj["webhooks"] if url):
        hook["clientConfig"] = {"url": url + hook["clientConfig"]["service"]["path"]}
    return found


def webhook_secret() -> Object:
    """The Secret that the operator keeps its certificates in, empty."""
    return _object("v1", "Secret", "drover-webhook", NAMESPACE, type="Opaque")


def access(workspaces: Iterable[str] = (DEFAULT_WORKSPACE, GLOBAL_DATA)) -> list[Object]:
    """The operator's ServiceAccount and rights in the hub; `workspaces` are the namespaces whose Secrets it may
    read: kubeconfigs and cloud credentials."""
    objects = [_object("v1", "Namespace", NAMESPACE), _account(), *_everywhere(_EVERYWHERE)]
    objects += _in_namespace(NAMESPACE, NAME, [lease_right(NAMESPACE), webhook_secret_right(NAMESPACE)])
    for workspace in workspaces:
        objects += [
            _object("v1", "Namespace", workspace),
            *_in_namespace(workspace, "drover-kubeconfigs", [SECRET_RIGHT]),
        ]
    return objects


def member_access() -> list[Object]:
    """What a member needs for the credential that the hub is given: a ServiceAccount and its rights there."""
    rights = (*MEMBER_RIGHTS, *PROJECT_SECRET_RIGHTS, *POLICY_RIGHTS)
    return [_object("v1", "Namespace", NAMESPACE), _account(), *_everywhere(rights)]


async def install(client: Client, objects: Iterable[Object]) -> None:
    """Applies objects in order and waits until their CRDs are served."""
    found = list(objects)
    for obj in found:
        await client.apply(_KINDS[obj["kind"]], obj, manager=_MANAGER)
    names = [obj["metadata"]["name"] for obj in found if obj["kind"] == CRDS.kind]
    async with asyncio.timeout(_SECONDS):
        for name in names:
            while not _established(await client.get(CRDS, name)):  # noqa: ASYNC110 - nothing here watches
                await asyncio.sleep(0.05)


async def token(client: Client, *, seconds: int = 86400) -> str:
    """A token of Drover's ServiceAccount."""
    path = SERVICE_ACCOUNTS.path(NAMESPACE, NAME, "token")
    body = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": seconds},
    }
    answer = await client.post(path, body)
    return str(answer["status"]["token"])


def kubeconfig(server: str, ca_data: str, bearer: str) -> str:
    """A kubeconfig with a token; `ca_data` is base64."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": NAME,
        "clusters": [{"name": NAME, "cluster": {"server": server, "certificate-authority-data": ca_data}}],
        "users": [{"name": NAME, "user": {"token": bearer}}],
        "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": NAME}}],
    }
    return yaml.safe_dump(content, sort_keys=False)


def _established(crd: Object) -> bool:
    conditions = (crd.get("status") or {}).get("conditions") or []
    return any(entry["type"] == "Established" and entry["status"] == "True" for entry in conditions)


def _object(api_version: str, kind: str, name: str, namespace: str = "", **content: Any) -> Object:
    metadata = {"name": name, "labels": {"app.kubernetes.io/name": NAME}}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}


def _account() -> Object:
    return _object("v1", "ServiceAccount", NAME, NAMESPACE)


def _everywhere(rights: Iterable[Right]) -> list[Object]:
    return [
        _object(f"{RBAC}/v1", "ClusterRole", NAME, rules=[rule(right) for right in rights]),
        _object(f"{RBAC}/v1", "ClusterRoleBinding", NAME, **_binding("ClusterRole", NAME)),
    ]


def _in_namespace(namespace: str, name: str, rights: Iterable[Right]) -> list[Object]:
    return [
        _object(f"{RBAC}/v1", "Role", name, namespace, rules=[rule(right) for right in rights]),
        _object(f"{RBAC}/v1", "RoleBinding", name, namespace, **_binding("Role", name)),
    ]


def rule(right: Right) -> Object:
    """The RBAC rule that grants a right."""
    found: Object = {"apiGroups": [right.gvr.group], "resources": [right.resource]}
    return found | ({"resourceNames": list(right.names)} if right.names else {}) | {"verbs": list(right.verbs)}


def _binding(kind: str, name: str) -> dict[str, Any]:
    return {
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}],
    }
