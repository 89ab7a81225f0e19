"""A person's own kubeconfig files, read as kubectl reads them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from drover.kube.login import Login, LoginError, TokenSource, decoded, exec_token, static_token, token_file


def load(paths: Iterable[Path], context: str | None = None) -> Login:
    """The login of `context` (else of the current one) in the files, merged as kubectl merges: the first entry of a
    name wins."""
    merged = _merge(paths)
    name = context or merged["current-context"]
    if not name:
        raise LoginError("the kubeconfig has no current-context; choose one with --context")
    chosen = _entry(merged, "contexts", name)
    cluster = _entry(merged, "clusters", chosen.get("cluster", ""))
    user = _entry(merged, "users", chosen["user"]) if chosen.get("user") else {}
    if not cluster.get("server"):
        raise LoginError(f"cluster {chosen.get('cluster')!r} of the kubeconfig has no server")
    headers = {"Impersonate-User": str(user["as"])} if user.get("as") else {}
    return Login(
        server=str(cluster["server"]).rstrip("/"),
        ca=_pem(cluster, "certificate-authority"),
        client_certificate=_pem(user, "client-certificate"),
        client_key=_pem(user, "client-key"),
        token=_token(user),
        tls_server_name=str(cluster.get("tls-server-name") or ""),
        proxy=str(cluster.get("proxy-url") or ""),
        insecure=bool(cluster.get("insecure-skip-tls-verify")),
        headers=headers,
        namespace=str(chosen.get("namespace") or "default"),
    )


def _merge(paths: Iterable[Path]) -> dict[str, Any]:
    merged: dict[str, Any] = {"current-context": "", "clusters": {}, "contexts": {}, "users": {}}
    found = False
    for path in paths:
        if not path.exists():
            continue
        found = True
        try:
            content = yaml.safe_load(path.read_text()) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise LoginError(f"kubeconfig {path}: {error}") from error
        if not isinstance(content, dict):
            raise LoginError(f"kubeconfig {path}: it is not a kubeconfig")
        merged["current-context"] = merged["current-context"] or content.get("current-context") or ""
        for section, field in (("clusters", "cluster"), ("contexts", "context"), ("users", "user")):
            for entry in content.get(section) or []:
                value = {**(entry.get(field) or {}), "_directory": path.resolve().parent}
                merged[section].setdefault(entry.get("name"), value)
    if not found:
        raise LoginError(f"no such kubeconfig: {', '.join(map(str, paths))}")
    return merged


def _entry(merged: dict[str, Any], section: str, name: str) -> dict[str, Any]:
    entry = merged[section].get(name)
    if entry is None:
        known = ", ".join(sorted(map(str, merged[section]))) or "none"
        raise LoginError(f"the kubeconfig has no {section[:-1]} {name!r}; it has: {known}")
    return dict(entry)


def _pem(entry: dict[str, Any], field: str) -> str:
    """PEM text from `<field>-data`, or from the file that `<field>` names (relative to its kubeconfig)."""
    if data := entry.get(f"{field}-data"):
        return decoded(str(data), f"{field}-data")
    if not entry.get(field):
        return ""
    path = entry["_directory"] / str(entry[field])
    try:
        return str(path.read_text())
    except OSError as error:
        raise LoginError(f"{field} {path}: {error.strerror}") from error


def _token(user: dict[str, Any]) -> TokenSource | None:
    if user.get("tokenFile"):
        return token_file(user["_directory"] / str(user["tokenFile"]))
    if user.get("token"):
        return static_token(str(user["token"]))
    if user.get("exec"):
        return exec_token(user["exec"])
    return None
