"""Kubeconfigs that hold everything they need, so that they can be copied into a Secret."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

# One of the names in the certificate that kwokctl makes; it stays true when the address is a proxy's.
TLS_SERVER_NAME = "localhost"


def render(context: str, server: str, pki: Path) -> dict[str, Any]:
    """The administrator's kubeconfig for `server`, with the certificates of `pki` inside."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "clusters": [
            {
                "name": context,
                "cluster": {
                    "server": server,
                    "tls-server-name": TLS_SERVER_NAME,
                    "certificate-authority-data": _read(pki / "ca.crt"),
                },
            }
        ],
        "users": [
            {
                "name": context,
                "user": {
                    "client-certificate-data": _read(pki / "admin.crt"),
                    "client-key-data": _read(pki / "admin.key"),
                },
            }
        ],
        "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
    }


def _read(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()
