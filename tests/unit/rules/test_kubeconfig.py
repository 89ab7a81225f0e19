"""What a kubeconfig in a Secret may hold."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import yaml

from drover.rules.kubeconfig import InvalidKubeconfig, access

CANARY = "canary-b7f3c1"
PEM = base64.b64encode(b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n").decode()
KEY = base64.b64encode(b"-----BEGIN EC PRIVATE KEY-----\nx\n-----END EC PRIVATE KEY-----\n").decode()


def kubeconfig(cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None, **top: Any) -> bytes:
    content = {
        "current-context": "x",
        "clusters": [
            {
                "name": "c",
                "cluster": {
                    "server": "https://host.example:6443",
                    "certificate-authority-data": PEM,
                    **(cluster or {}),
                },
            }
        ],
        "users": [{"name": "u", "user": {"token": CANARY} if user is None else user}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        **top,
    }
    return yaml.safe_dump(content).encode()


def test_a_token_is_enough() -> None:
    found = access(kubeconfig(), loopback=False)
    assert (found.server, found.token) == ("https://host.example:6443", CANARY)
    assert found.ca.startswith("-----BEGIN CERTIFICATE")


def test_certificates_are_enough() -> None:
    found = access(kubeconfig(user={"client-certificate-data": PEM, "client-key-data": KEY}), loopback=False)
    assert "PRIVATE KEY" in found.client_key


def test_a_credential_does_not_show_in_a_traceback() -> None:
    assert CANARY not in repr(access(kubeconfig(), loopback=False))


NO_CONTEXT: dict[str, Any] = {"current-context": ""}
OTHER_CONTEXT: dict[str, Any] = {"current-context": "y"}
BAD: dict[str, tuple[bytes, str]] = {
    "exec": (kubeconfig(user={"exec": {"command": CANARY}}), "user.exec .*token"),
    "auth provider": (kubeconfig(user={"auth-provider": {"name": CANARY}}), "auth-provider"),
    "token file": (kubeconfig(user={"tokenFile": "/etc/passwd"}), "tokenFile"),
    "certificate file": (kubeconfig(user={"client-certificate": "/x", "client-key": "/y"}), "client-certificate-data"),
    "ca file": (kubeconfig({"certificate-authority": "/x"}), "certificate-authority-data"),
    "insecure": (kubeconfig({"insecure-skip-tls-verify": True}), "insecure-skip-tls-verify"),
    "proxy": (kubeconfig({"proxy-url": f"http://{CANARY}:1"}), "proxy-url"),
    "basic auth": (kubeconfig(user={"username": "a", "password": CANARY}), "password|username"),
    "impersonation": (kubeconfig(user={"token": CANARY, "as": "admin"}), "user.as"),
    "no credential": (kubeconfig(user={}), "neither a token"),
    "half a pair": (kubeconfig(user={"client-certificate-data": PEM}), "neither a token"),
    "not base64": (kubeconfig({"certificate-authority-data": f"!{CANARY}!"}), "certificate-authority-data"),
    "not PEM": (kubeconfig({"certificate-authority-data": base64.b64encode(CANARY.encode()).decode()}), "PEM"),
    "token of two lines": (kubeconfig(user={"token": f"{CANARY}\nX-Header: 1"}), "token"),
    "link-local": (kubeconfig({"server": "https://169.254.169.254"}), "cluster.server"),
    "no context": (kubeconfig(**NO_CONTEXT), "current-context"),
    "another context": (kubeconfig(**OTHER_CONTEXT), "contexts"),
    "contexts are text": (kubeconfig(contexts=CANARY), "contexts"),
    "empty": (b"", "kubeconfig"),
    "a list": (b"[1, 2]", "kubeconfig"),
    "not YAML": (b"{: :", "YAML"),
    "not text": (b"\xff\xfe\x00", "YAML"),
    "a tag": (b"!!python/object/apply:os.system ['true']", "YAML"),
    "aliases": (b"a: &a [1]\nb: [*a, *a]\n", "aliases"),
    "too large": (b"a" * 600_000, "larger"),
    "deep": (b"[" * 20_000, "YAML|kubeconfig"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_allowed_is_named_and_no_secret_is_told(name: str) -> None:
    content, says = BAD[name]
    with pytest.raises(InvalidKubeconfig, match=says) as caught:
        access(content, loopback=False)
    assert CANARY not in str(caught.value)
