"""A connection to a kube-apiserver, as anybody: the administrator who impersonates a user."""

from __future__ import annotations

import http.client
import json
import ssl
import tempfile
import time
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

PLURALS = {
    "Cluster": "clusters",
    "Project": "projects",
    "Workload": "workloads",
    "Setting": "settings",
    "Feature": "features",
    "Preference": "preferences",
    "CloudCredential": "cloudcredentials",
    "NodeDriver": "nodedrivers",
    "NodeTemplate": "nodetemplates",
    "NodePool": "nodepools",
    "KontainerDriver": "kontainerdrivers",
    "DynamicSchema": "dynamicschemas",
    "PodSecurityAdmissionConfigurationTemplate": "podsecurityadmissionconfigurationtemplates",
    "FleetWorkspace": "fleetworkspaces",
    "User": "users",
    "UserAttribute": "userattributes",
    "GlobalRole": "globalroles",
    "GlobalRoleBinding": "globalrolebindings",
    "RoleTemplate": "roletemplates",
    "ClusterRoleTemplateBinding": "clusterroletemplatebindings",
    "ProjectRoleTemplateBinding": "projectroletemplatebindings",
    "Namespace": "namespaces",
    "Secret": "secrets",
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "Role": "roles",
    "RoleBinding": "rolebindings",
    "CustomResourceDefinition": "customresourcedefinitions",
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings",
}

_IDLE_SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """What the apiserver said. `causes` are (field, message) of an Invalid answer."""

    status: int
    body: dict[str, Any]
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the request was granted."""
        return self.status < 300

    @property
    def message(self) -> str:
        """Why not."""
        return "" if self.ok else str(self.body.get("message", ""))

    @property
    def causes(self) -> list[tuple[str, str]]:
        """The errors of an Invalid answer, as (field, message)."""
        found = (self.body.get("details") or {}).get("causes") or []
        return [(str(cause.get("field", "")), str(cause.get("message", ""))) for cause in found]


def path_of(obj: dict[str, Any], *, collection: bool = False) -> str:
    """The URL path of an object, or of its collection."""
    version, metadata = obj["apiVersion"], obj["metadata"]
    parts = ["/api" if "/" not in version else "/apis", version]
    if namespace := metadata.get("namespace"):
        parts += ["namespaces", namespace]
    parts.append(PLURALS[obj["kind"]])
    return "/".join(parts if collection else [*parts, metadata["name"]])


@dataclass
class Apiserver:
    """One connection that stays open. Requests are strict: an unknown field is an error."""

    kubeconfig: Path
    _connection: http.client.HTTPSConnection = field(init=False)
    _used: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        config = yaml.safe_load(self.kubeconfig.read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        tls = ssl.create_default_context(cadata=b64decode(cluster["certificate-authority-data"]).decode())
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(b64decode(user["client-certificate-data"]) + b"\n" + b64decode(user["client-key-data"]))
            file.flush()
            tls.load_cert_chain(file.name)
        self._connection = http.client.HTTPSConnection(urlsplit(cluster["server"]).netloc, timeout=30, context=tls)

    def create(self, obj: dict[str, Any], *, user: str = "", dry_run: bool = False) -> Answer:
        """Makes an object."""
        return self.request("POST", path_of(obj, collection=True), obj, user=user, dry_run=dry_run)

    def apply(self, obj: dict[str, Any], *, user: str = "", dry_run: bool = False, manager: str = "test") -> Answer:
        """Applies an object on the server."""
        query = f"?fieldManager={manager}&force=true"
        return self.request(
            "PATCH",
            path_of(obj) + query,
            obj,
            user=user,
            dry_run=dry_run,
            content_type="application/apply-patch+yaml",
        )

    def merge(self, obj: dict[str, Any], changes: dict[str, Any], *, user: str = "", dry_run: bool = True) -> Answer:
        """Changes an object that exists, as `kubectl patch --type merge` does."""
        return self.request(
            "PATCH", path_of(obj), changes, user=user, dry_run=dry_run, content_type="application/merge-patch+json"
        )

    def replace(self, obj: dict[str, Any], *, user: str = "", dry_run: bool = True) -> Answer:
        """Replaces an object that exists with another of its name, whatever was there."""
        live = self.get(obj)
        metadata = {**obj["metadata"], "resourceVersion": live.body["metadata"]["resourceVersion"]}
        return self.request("PUT", path_of(obj), {**obj, "metadata": metadata}, user=user, dry_run=dry_run)

    def get(self, obj: dict[str, Any]) -> Answer:
        """The object as it is."""
        return self.request("GET", path_of(obj))

    def delete(self, obj: dict[str, Any], *, user: str = "", dry_run: bool = True) -> Answer:
        """Deletes an object."""
        return self.request("DELETE", path_of(obj), user=user, dry_run=dry_run)

    def request(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        user: str = "",
        dry_run: bool = False,
        content_type: str = "application/json",
    ) -> Answer:
        """Any request."""
        headers = {"Content-Type": content_type, "Accept": "application/json"}
        if user:
            headers["Impersonate-User"] = user
        query = [*(["dryRun=All"] if dry_run else []), *(["fieldValidation=Strict"] if body is not None else [])]
        if query:
            path += ("&" if "?" in path else "?") + "&".join(query)
        now = time.monotonic()
        if now - self._used > _IDLE_SECONDS:
            self._connection.close()  # the server may have ended it; the next request opens another
        self._used = now
        self._connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
        response = self._connection.getresponse()
        content = response.read()
        warnings = tuple(response.headers.get_all("Warning") or ())
        is_json = response.headers.get_content_type() == "application/json"
        return Answer(response.status, json.loads(content) if is_json else {"message": content.decode()}, warnings)
