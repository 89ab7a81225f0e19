"""What a kubeconfig in a Secret may hold."""

from __future__ import annotations

import base64
import contextlib
import traceback
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

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
    "a tag with a wrong value": (f"a: !!int '{CANARY}'".encode(), "YAML"),
    "a date that is none": (b"a: 2026-99-99", "YAML"),
    "an endless number": (b"a: " + b"9" * 5000, "YAML"),
    "a line that is wrong": (f"token: {CANARY}: {CANARY}".encode(), "YAML"),
    "server name": (kubeconfig({"tls-server-name": ".x"}), "tls-server-name"),
    "server name of two lines": (kubeconfig({"tls-server-name": f"a\n{CANARY}"}), "tls-server-name"),
    "server is a mapping": (kubeconfig({"server": {"a": CANARY}}), "cluster.server"),
    "clusters without names": (kubeconfig(clusters=[{}, None, 1]), "clusters"),
    "aliases": (b"a: &a [1]\nb: [*a, *a]\n", "aliases"),
    "too large": (b"a" * 600_000, "larger"),
    "deep": (b"[" * 20_000, "YAML|kubeconfig"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_allowed_is_named_and_no_secret_is_told(name: str) -> None:
    content, says = BAD[name]
    with pytest.raises(InvalidKubeconfig, match=says) as caught:
        access(content, loopback=False)
    assert CANARY not in "".join(traceback.format_exception(caught.value)).split("InvalidKubeconfig", 1)[-1]
    assert caught.value.__cause__ is None or CANARY not in str(caught.value.__cause__)


def test_what_changes_nothing_is_let_through() -> None:
    harmless = {"insecure-skip-tls-verify": False, "proxy-url": "", "extensions": [{"name": "x"}]}
    found = access(kubeconfig({**harmless, "tls-server-name": "Kubernetes.default"}), loopback=False)
    assert found.tls_server_name == "Kubernetes.default"


def test_of_many_contexts_only_the_current_one_counts() -> None:
    others = [{"name": "x", "context": {"cluster": "c", "user": "u"}}, {"name": "y", "context": None}]
    assert access(kubeconfig(contexts=others), loopback=False).token == CANARY


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["c", "u", "x", PEM]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "server", "token"]), inner),
    max_leaves=5,
)
_FIELDS = ["clusters", "users", "contexts", "current-context"]


@given(st.binary(max_size=60))
def test_no_content_is_an_error_of_another_kind(content: bytes) -> None:
    with pytest.raises(InvalidKubeconfig):
        access(content, loopback=False)


@given(st.dictionaries(st.sampled_from(_FIELDS), _VALUES), _VALUES, _VALUES)
def test_no_shape_is_an_error_of_another_kind(top: dict[str, Any], cluster: Any, user: Any) -> None:
    entries = {"clusters": [{"name": "c", "cluster": cluster}], "users": [{"name": "u", "user": user}], **top}
    with contextlib.suppress(InvalidKubeconfig):
        access(kubeconfig(**entries), loopback=False)
