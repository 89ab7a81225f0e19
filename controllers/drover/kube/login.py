"""Who Drover is towards a kube-apiserver: address, trust and credential."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

TokenSource = Callable[[bool], Awaitable[str]]
"""Gives a bearer token; called with True after the server refused the last one."""

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_TOKEN_FILE_SECONDS = 60.0
_EXEC_SECONDS = 60.0


class LoginError(Exception):
    """No usable credential; the message says which file or entry is at fault and what to do."""


@dataclass(frozen=True)
class Login:
    """An address and a credential.

    `server` is `https://host:port` (a path may follow); `token` gives a bearer token; client certificates are PEM.
    `insecure` skips the check of the server's certificate: only a person's own kubeconfig can ask for it.
    """

    server: str
    ca: str = ""
    client_certificate: str = field(default="", repr=False)
    client_key: str = field(default="", repr=False)
    token: TokenSource | None = field(default=None, repr=False)
    tls_server_name: str = ""
    proxy: str = ""
    insecure: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    namespace: str = "default"

    def ssl_context(self) -> ssl.SSLContext | bool:
        """The TLS settings of the connection; False for plain HTTP."""
        if not self.server.startswith("https:"):
            return False
        context = ssl.create_default_context(cadata=self.ca or None)
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.client_certificate:
            with tempfile.NamedTemporaryFile("w", suffix=".pem") as pem:  # created 0600; ssl reads only from files
                pem.write(self.client_certificate.rstrip() + "\n" + self.client_key)
                pem.flush()
                context.load_cert_chain(pem.name)
        return context


def static_token(token: str) -> TokenSource:
    """A token that never changes."""

    async def give(_refused: bool) -> str:
        return token

    return give


def token_file(path: Path) -> TokenSource:
    """A token that is rotated in its file: read again once a minute and when the server refused it."""
    read: list[tuple[float, str]] = []

    async def give(refused: bool) -> str:
        if refused or not read or time.monotonic() - read[0][0] > _TOKEN_FILE_SECONDS:
            try:
                token = path.read_text().strip()
            except OSError as error:
                raise LoginError(f"token file {path}: {error.strerror}") from error
            read[:] = [(time.monotonic(), token)]
        return read[0][1]

    return give


def exec_token(plugin: dict[str, Any]) -> TokenSource:
    """A token from an exec plugin (`client.authentication.k8s.io`) of a person's own kubeconfig, kept until it
    expires."""
    kept: list[tuple[float, str]] = []

    async def give(refused: bool) -> str:
        if refused or not kept or time.time() > kept[0][0]:
            kept[:] = [await _run_plugin(plugin)]
        return kept[0][1]

    return give


async def _run_plugin(plugin: dict[str, Any]) -> tuple[float, str]:
    command = [str(plugin["command"]), *map(str, plugin.get("args") or [])]
    env = os.environ | {entry["name"]: entry["value"] for entry in plugin.get("env") or []}
    info = {"apiVersion": plugin.get("apiVersion"), "kind": "ExecCredential", "spec": {"interactive": False}}
    env["KUBERNETES_EXEC_INFO"] = json.dumps(info)
    try:
        process = await asyncio.create_subprocess_exec(*command, env=env, stdout=asyncio.subprocess.PIPE)
    except OSError as error:
        raise LoginError(f"exec plugin {command[0]}: {error.strerror}; install it or use another context") from error
    try:
        async with asyncio.timeout(_EXEC_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError as error:
        process.kill()
        raise LoginError(f"exec plugin {command[0]} gave no token within {_EXEC_SECONDS:.0f} s") from error
    if process.returncode:
        raise LoginError(f"exec plugin {command[0]} ended with exit code {process.returncode}")
    try:
        status = json.loads(output)["status"]
    except (ValueError, KeyError, TypeError) as error:
        raise LoginError(f"exec plugin {command[0]} did not print an ExecCredential with a status") from error
    if "token" not in status:
        raise LoginError(f"exec plugin {command[0]} gave no token; client certificates from plugins are not supported")
    expiry = status.get("expirationTimestamp")
    until = datetime.fromisoformat(expiry).timestamp() - 10 if expiry else float("inf")
    return until, status["token"]


def in_cluster(directory: Path = SERVICE_ACCOUNT) -> Login:
    """The login of the pod's own ServiceAccount."""
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT")
    if not host or not (directory / "token").exists():
        raise LoginError("not in a pod and no kubeconfig: set KUBECONFIG or pass --kubeconfig")
    host = f"[{host}]" if ":" in host else host
    return Login(
        server=f"https://{host}:{port}",
        ca=(directory / "ca.crt").read_text(),
        token=token_file(directory / "token"),
        namespace=(directory / "namespace").read_text().strip(),
    )


def default_login(kubeconfig: str | None = None, context: str | None = None) -> Login:
    """The login that kubectl would use: the given file, $KUBECONFIG, ~/.kube/config, else the pod's ServiceAccount."""
    from drover.kube import kubeconfig as files

    named = kubeconfig or os.environ.get("KUBECONFIG")
    paths = [Path(p).expanduser() for p in (named or "~/.kube/config").split(os.pathsep) if p]
    if named or (paths[0].exists() and not os.environ.get("KUBERNETES_SERVICE_HOST")):
        return files.load(paths, context)
    return in_cluster()


def decoded(data: str, where: str) -> str:
    """Base64 text of a kubeconfig; `where` names the field in the error."""
    try:
        return base64.b64decode(data, validate=True).decode()
    except ValueError as error:
        raise LoginError(f"{where}: not base64 of PEM text") from error
