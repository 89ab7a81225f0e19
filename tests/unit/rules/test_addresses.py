"""Which addresses a kubeconfig from a Secret may name."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drover.rules.addresses import refused_address, refused_url

REFUSED = [
    "",
    "http://host.example:6443",
    "ftp://host.example",
    "file:///etc/passwd",
    "//host.example",
    "host.example:6443",
    "https://",
    "https:///path",
    "https://user@host.example",
    "https://user:password@host.example",
    "https://host.example?x=1",
    "https://host.example#fragment",
    "https://host.example\\@other.example",
    "https://host.example:0",
    "https://host.example:65536",
    "https://host.example:port",
    "https://host example",
    "https://host.example\n",
    "https://host.example\t",
    "https://h\u00f6st.example",
    "https://\u202ehost.example",
    "https://host.example.",
    "https://-host.example",
    "https://host_name.example",
    "https://169.254.169.254",
    "https://169.254.169.254/latest/meta-data",
    "https://[fe80::1]:6443",
    "https://[fd00:ec2::254]",
    "https://100.100.100.200",
    "https://168.63.129.16",
    "https://192.0.0.192",
    "https://[::ffff:169.254.169.254]",
    "https://[::ffff:10.0.0.1]",
    "https://[2002:a9fe:a9fe::1]",
    "https://0x7f000001",
    "https://0x7f.0.0.1",
    "https://2130706433",
    "https://017700000001",
    "https://127.1",
    "https://1.2.3",
    "https://0.0.0.0",
    "https://[::]",
    "https://224.0.0.1",
    "https://255.255.255.255",
    "https://240.0.0.1",
    "https://metadata.google.internal",
    "https://metadata",
    "https://" + "a" * 300 + ".example",
    "https://host.example/" + "a" * 2048,
    "https://[::a9fe:a9fe]",
    "https://[::127.0.0.1]",
    "https://[64:ff9b::a9fe:a9fe]",
    "https://[2001:0:4136:e378:8000:63bf:5601:5601]",
    "https://[fe80::1%25eth0]",
    "https://[::1",
    "https://[host.example]",
    "https://127.0.0.1.",
    "https://localhost.",
    "https://0177.0.0.1",
    "https://0x7f.1",
    "https://1.2.3.4.5",
    "https://%31%32%37.0.0.1",
    "https://host.example%00.other.example",
    "https://host.example%2f@other.example",
    "https://127.0.0.1:80@host.example",
    "https://host..example",
    "https://host.example;other.example",
    "https://host.example:+443",
    "https://host.example:4_43",
    "https://host.example?",
    "https://host.example#",
    "https:host.example",
    "https:/host.example",
    "javascript:alert(1)",
]
LOOPBACK = [
    "https://[::1%25lo]",
    "https://[64:ff9b::7f00:1]",
    "https://LOCALHOST",
    "https://127.0.0.1:6443",
    "https://127.8.9.1",
    "https://[::1]:6443",
    "https://localhost:6443",
    "https://a.localhost",
]
FINE = [
    "https://host.example",
    "https://host.example:6443",
    "https://10.0.0.1:6443",
    "https://192.168.1.1",
    "https://[2001:db8::1]:6443",
    "https://203.0.113.7",
    "https://[64:ff9b::cb00:7107]:6443",
    "https://xn--bcher-kva.example",
    "HTTPS://Host.Example:",
    "https://api.prod-1.example:443/k8s/clusters/c-1",
]


@pytest.mark.parametrize("url", REFUSED)
@pytest.mark.parametrize("loopback", [True, False])
def test_a_trick_is_refused(url: str, loopback: bool) -> None:
    assert refused_url(url, loopback=loopback)


@pytest.mark.parametrize("url", LOOPBACK)
def test_this_machine_is_for_development_only(url: str) -> None:
    assert refused_url(url, loopback=False)
    assert refused_url(url, loopback=True) is None


@pytest.mark.parametrize("url", FINE)
def test_an_ordinary_address_is_fine(url: str) -> None:
    assert refused_url(url, loopback=False) is None


@pytest.mark.parametrize("address", ["169.254.1.1", "127.0.0.1", "::1", "fe80::1", "0.0.0.0", "::ffff:127.0.0.1"])
def test_what_a_name_resolves_to_is_checked_too(address: str) -> None:
    assert refused_address(ipaddress.ip_address(address), loopback=False)


@given(st.one_of(st.text(), st.from_regex(r"https://[-a-z0-9.:%@\\[\]/#?]{0,30}", fullmatch=True)))
def test_no_text_is_an_error_and_what_is_taken_leads_to_one_plain_host(url: str) -> None:
    if refused_url(url, loopback=False) is None:
        assert url.lower().startswith("https://")
        assert not set(url) & set("@#?\\ \n")
