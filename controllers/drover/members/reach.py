"""How a member is reached: from a checked kubeconfig to a login, and to addresses that may be connected to."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from drover.kube.errors import Forbidden, NotFound, Unauthorized
from drover.kube.login import Login, static_token
from drover.rules.addresses import refused_address
from drover.rules.kubeconfig import Access


def login(access: Access) -> Login:
    """The login that a checked kubeconfig gives."""
    return Login(
        server=access.server,
        ca=access.ca,
        client_certificate=access.client_certificate,
        client_key=access.client_key,
        token=static_token(access.token) if access.token else None,
        tls_server_name=access.tls_server_name,
    )


class GuardedResolver(AbstractResolver):
    """Resolves names as usual and drops addresses that a kubeconfig may not lead to: a name can change what it points
    at after it was checked."""

    def __init__(self, *, loopback: bool) -> None:
        self._loopback = loopback
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host that may be connected to; OSError without any."""
        found = await self._resolver.resolve(host, port, family)
        allowed = [entry for entry in found if self._allowed(entry)]
        if not allowed:
            raise OSError(f"{host} resolves to addresses that are not allowed")
        return allowed

    def _allowed(self, entry: Any) -> bool:
        address = ipaddress.ip_address(str(entry["host"]).split("%", 1)[0])
        return refused_address(address, loopback=self._loopback) is None

    async def close(self) -> None:
        """Nothing to end."""
        await self._resolver.close()


def why_lost(error: Exception, cluster: str) -> tuple[str, str]:
    """Reason and message for an error of the cluster."""
    if isinstance(error, Unauthorized):
        return (
            "CredentialRejected",
            f"cluster {cluster} does not accept the credential; put a valid one into the kubeconfig Secret",
        )
    if isinstance(error, Forbidden):
        return "Forbidden", f"the credential may not do what Drover needs: {error.message[:200]}"
    if isinstance(error, NotFound):
        return "NotKubernetes", "what answers at its address is not a kube-apiserver"
    if isinstance(error, TimeoutError):
        return "Disconnected", "it does not answer in time"
    return "Disconnected", str(error)[:300]
