"""What a kubeconfig in a Secret may hold. Nothing in it is ever run, read from a file, or sent through a proxy."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import yaml

from drover.rules.addresses import refused_host, refused_url

_LARGEST = 512 * 1024
_CLUSTER_FIELDS = frozenset({"server", "certificate-authority-data", "tls-server-name", "disable-compression"})
_USER_FIELDS = frozenset({"client-certificate-data", "client-key-data", "token"})
_WAYS_OUT = {
    "exec": "put a ServiceAccount token into the user instead",
    "auth-provider": "put a ServiceAccount token into the user instead",
    "certificate-authority": "use certificate-authority-data",
    "client-certificate": "use client-certificate-data",
    "client-key": "use client-key-data",
    "tokenFile": "use token",
    "insecure-skip-tls-verify": "use certificate-authority-data with the cluster's CA",
    "proxy-url": "make the API reachable without a proxy",
    "username": "use a token",
    "password": "use a token",
}


class InvalidKubeconfig(ValueError):
    """Not acceptable; the message names the field and the way out, and never a value that could be secret."""


@dataclass(frozen=True, slots=True)
class Access:
    """What of a kubeconfig is used: an https URL, PEM texts, a token."""

    server: str
    ca: str
    client_certificate: str = field(default="", repr=False)
    client_key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    tls_server_name: str = ""


class _NoAliases(yaml.SafeLoader):
    """Refuses YAML anchors: a few of them make gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise InvalidKubeconfig("YAML aliases are not allowed in it")
        return super().compose_node(parent, index)


def access(content: bytes, *, loopback: bool) -> Access:
    """The access that the current context gives; raises `InvalidKubeconfig`. `loopback` allows servers on this
    machine."""
    document = _document(content)
    name = document.get("current-context")
    context = _entry(document, "contexts", "context", name)
    cluster = _entry(document, "clusters", "cluster", context.get("cluster"))
    user = _entry(document, "users", "user", context.get("user"))
    _only(cluster, _CLUSTER_FIELDS, "cluster")
    _only(user, _USER_FIELDS, "user")
    server = str(cluster.get("server") or "").rstrip("/")
    if problem := refused_url(server, loopback=loopback):
        raise InvalidKubeconfig(f"cluster.server {problem}")
    tls_server_name = str(cluster.get("tls-server-name") or "")
    if tls_server_name and (problem := refused_host(tls_server_name.lower(), loopback=True)):
        raise InvalidKubeconfig(f"cluster.tls-server-name {problem}")
    found = Access(
        server=server,
        ca=_pem(cluster, "certificate-authority-data", "CERTIFICATE"),
        client_certificate=_pem(user, "client-certificate-data", "CERTIFICATE"),
        client_key=_pem(user, "client-key-data", "PRIVATE KEY"),
        token=_token(user),
        tls_server_name=tls_server_name,
    )
    if not found.token and not (found.client_certificate and found.client_key):
        raise InvalidKubeconfig("the user has neither a token nor client-certificate-data with client-key-data")
    return found


def _document(content: bytes) -> dict[str, Any]:
    if len(content) > _LARGEST:
        raise InvalidKubeconfig(f"it is larger than {_LARGEST // 1024} KiB")
    try:
        document = yaml.load(content.decode(), Loader=_NoAliases)  # noqa: S506 - a SafeLoader
    except InvalidKubeconfig:
        raise
    except Exception:  # tags such as !!int raise what Python's conversions raise; and the error quotes the content
        raise InvalidKubeconfig("it is not YAML") from None
    if not isinstance(document, dict):
        raise InvalidKubeconfig("it is not a kubeconfig")
    return document


def _entry(document: dict[str, Any], section: str, field_: str, name: Any) -> dict[str, Any]:
    if not name:
        raise InvalidKubeconfig(f"it names no {field_}; set current-context and the context's cluster and user")
    entries = document.get(section)
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and entry.get("name") == name and isinstance(entry.get(field_), dict):
            return dict(entry[field_])
    raise InvalidKubeconfig(f"the {field_} that it names is not among its {section}")


def _only(entry: dict[str, Any], allowed: frozenset[str], where: str) -> None:
    for name in sorted(set(entry) - allowed, key=str):
        if entry[name] in (None, "", False, {}, []) or name == "extensions":
            continue
        way_out = _WAYS_OUT.get(str(name), f"allowed are {', '.join(sorted(allowed))}")
        raise InvalidKubeconfig(f"{where}.{str(name)[:60]!s} is not allowed in it: {way_out}")


def _pem(entry: dict[str, Any], name: str, label: str) -> str:
    value = entry.get(name)
    if not value:
        return ""
    try:
        text = base64.b64decode(str(value), validate=True).decode("ascii")
    except ValueError as error:
        raise InvalidKubeconfig(f"{name} is not base64 of PEM text") from error
    if f"{label}-----" not in text:
        raise InvalidKubeconfig(f"{name} is not PEM of a {label.lower()}")
    return text


def _token(user: dict[str, Any]) -> str:
    token = str(user.get("token") or "").strip()
    if not token.isascii() or any(letter.isspace() for letter in token):
        raise InvalidKubeconfig("user.token is not a bearer token")
    return token
