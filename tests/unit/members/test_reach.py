"""How a member is reached."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from drover.members.reach import GuardedResolver, login
from drover.rules.kubeconfig import Access


class Names(AbstractResolver):
    """Gives the addresses that it was made with."""

    def __init__(self, *addresses: str) -> None:
        self.addresses: Sequence[str] = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=each, port=port, family=int(family), proto=0, flags=0)
            for each in self.addresses
        ]

    async def close(self) -> None:
        return None


async def resolved(*addresses: str, loopback: bool = False) -> list[str]:
    resolver = GuardedResolver(loopback=loopback)
    resolver._resolver = Names(*addresses)  # type: ignore[assignment]  # in place of the system's
    return [entry["host"] for entry in await resolver.resolve("host.example", 443)]


async def test_a_name_that_leads_to_ordinary_addresses_is_fine() -> None:
    assert await resolved("10.0.0.1", "2001:db8::1") == ["10.0.0.1", "2001:db8::1"]


async def test_of_many_addresses_only_the_allowed_ones_are_left() -> None:
    assert await resolved("169.254.169.254", "10.0.0.1", "fe80::1%2") == ["10.0.0.1"]


@pytest.mark.parametrize("address", ["169.254.169.254", "127.0.0.1", "::1", "::ffff:169.254.169.254", "0.0.0.0"])
async def test_a_name_that_leads_only_to_what_is_refused_leads_nowhere(address: str) -> None:
    assert ipaddress.ip_address(address)
    with pytest.raises(OSError, match="not allowed"):
        await resolved(address)


async def test_this_machine_is_for_development_only() -> None:
    assert await resolved("127.0.0.1", loopback=True) == ["127.0.0.1"]
    with pytest.raises(OSError, match="not allowed"):
        await GuardedResolver(loopback=False).resolve("localhost", 443)


async def test_a_checked_kubeconfig_is_a_login() -> None:
    found = login(Access("https://x", "CA", client_certificate="C", client_key="K", token="t", tls_server_name="n"))
    assert (found.server, found.ca, found.client_certificate, found.client_key) == ("https://x", "CA", "C", "K")
    assert (found.tls_server_name, found.insecure, found.proxy) == ("n", False, "")
    assert found.token is not None
    assert await found.token(False) == "t"
    assert login(Access("https://x", "CA", client_certificate="C", client_key="K")).token is None
