"""Which addresses a kubeconfig from a Secret may name. Drover connects to them from inside the platform's network."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_NUMBERS = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*")
_LOOPBACK_NAMES = ("localhost",)
_METADATA_NAMES = ("metadata", "metadata.google.internal")
_METADATA_ADDRESSES = frozenset(
    map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"))
)
"""Metadata services that do not lie on a link-local address: those of AWS by IPv6, Alibaba, Azure and Oracle."""
_IPV4_COMPATIBLE = ipaddress.ip_network("::/96")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def refused_url(url: str, *, loopback: bool) -> str | None:
    """Why a server URL is refused; None where it is fine. `loopback` allows this machine, as `drover dev` needs it."""
    if len(url) > 2048 or any(ord(letter) <= 32 or ord(letter) > 126 for letter in url):
        return "must be plain printable characters, at most 2048"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is not a URL; write https://HOST:PORT"
    if parts.scheme != "https":
        return "must start with https://"
    if "@" in parts.netloc or parts.query or parts.fragment or "#" in url or "?" in url or "\\" in url:
        return "must be https://HOST:PORT without user, query or fragment"
    if port == 0:
        return "must have a port between 1 and 65535"
    return refused_host(parts.hostname or "", loopback=loopback)


def refused_host(host: str, *, loopback: bool) -> str | None:
    """Why a host name or address is refused; None where it is fine."""
    try:
        return refused_address(ipaddress.ip_address(host), loopback=loopback)
    except ValueError:
        pass  # a name, or an address in a form that only some resolvers read
    if _NUMBERS.fullmatch(host) or not _HOST.fullmatch(host):
        return "must name a DNS host or an IP address in its usual form"
    if host in _METADATA_NAMES:
        return "names a cloud's metadata service"
    if host in _LOOPBACK_NAMES or host.endswith(".localhost"):
        return None if loopback else "names this machine"
    return None


def refused_address(address: IPAddress, *, loopback: bool) -> str | None:
    """Why an IP address is refused, also one that a name resolved to; None where it is fine."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None or (address in _IPV4_COMPATIBLE and int(address) > 1):
            return "must not be an IPv4 address wrapped in IPv6"
        if address in _NAT64:  # what DNS64 gives for every host that has IPv4 only
            return refused_address(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF), loopback=loopback)
    if address in _METADATA_ADDRESSES:
        return "is a cloud's metadata service"
    if address.is_loopback:
        return None if loopback else "is a loopback address"
    if address.is_link_local:
        return "is a link-local address, where clouds keep credentials"
    if address.is_multicast or address.is_unspecified or (address.is_reserved and address.version == 4):
        return "is not the address of a host"
    return None
