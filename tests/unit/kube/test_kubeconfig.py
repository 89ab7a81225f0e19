"""A person's kubeconfig files, read as kubectl reads them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from drover.kube.kubeconfig import load
from drover.kube.login import LoginError

PEM = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"


def config(name: str = "one", cluster: Any = None, user: Any = None, **top: Any) -> dict[str, Any]:
    return {
        "current-context": name,
        "clusters": [
            {"name": name, "cluster": {"server": f"https://{name}.example:6443"} if cluster is None else cluster}
        ],
        "users": [{"name": name, "user": {"token": f"token-{name}"} if user is None else user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        **top,
    }


def written(directory: Path, content: Any, name: str = "config") -> Path:
    path = directory / name
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


async def test_the_current_context_gives_address_and_token(tmp_path: Path) -> None:
    login = load([written(tmp_path, config())])
    assert login.server == "https://one.example:6443"
    assert login.token is not None
    assert await login.token(False) == "token-one"
    assert login.namespace == "default"


def test_another_context_can_be_chosen(tmp_path: Path) -> None:
    both = config()
    for section in ("clusters", "users", "contexts"):
        both[section] += config("two")[section]
    assert load([written(tmp_path, both)], "two").server == "https://two.example:6443"


async def test_of_two_files_the_first_entry_of_a_name_counts_and_absent_files_are_left_out(tmp_path: Path) -> None:
    first = written(tmp_path, config(), "first")
    second = written(tmp_path, {**config("one", user={"token": "other"}), "current-context": "two"}, "second")
    third = written(tmp_path, config("two"), "third")
    paths = [tmp_path / "absent", first, second, third]
    login = load(paths)
    assert login.token is not None
    assert await login.token(False) == "token-one"
    assert load(paths, "two").server == "https://two.example:6443"


def test_a_file_is_looked_for_beside_its_kubeconfig(tmp_path: Path) -> None:
    directory = tmp_path / "sub"
    directory.mkdir()
    (directory / "ca.crt").write_text(PEM)
    path = written(directory, config(cluster={"server": "https://x", "certificate-authority": "ca.crt"}))
    assert load([path]).ca == PEM


def test_data_in_the_kubeconfig_comes_before_a_file(tmp_path: Path) -> None:
    data = base64.b64encode(PEM.encode()).decode()
    user = {"client-certificate-data": data, "client-key-data": data, "client-key": "/absent"}
    login = load([written(tmp_path, config(user=user))])
    assert (login.client_certificate, login.client_key, login.token) == (PEM, PEM, None)


def test_what_kubectl_knows_of_the_connection_is_kept(tmp_path: Path) -> None:
    cluster = {
        "server": "https://x/",
        "tls-server-name": "kubernetes",
        "proxy-url": "http://proxy:8080",
        "insecure-skip-tls-verify": True,
    }
    context = [{"name": "one", "context": {"cluster": "one", "user": "one", "namespace": "team"}}]
    login = load([written(tmp_path, config(cluster=cluster, user={"as": "someone"}, contexts=context))])
    assert (login.server, login.tls_server_name, login.proxy) == ("https://x", "kubernetes", "http://proxy:8080")
    assert (login.insecure, login.namespace, login.headers) == (True, "team", {"Impersonate-User": "someone"})


async def test_a_token_file_comes_before_a_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n")
    login = load([written(tmp_path, config(user={"tokenFile": "token", "token": "x"}))])
    assert login.token is not None
    assert await login.token(False) == "from-file"


def test_no_credential_is_a_login_too(tmp_path: Path) -> None:
    assert load([written(tmp_path, config(user={}))]).token is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({}, "no current-context; choose one with --context"),
        ({**config(), "current-context": "two"}, "no context 'two'; it has: one"),
        ({**config(), "clusters": []}, "no cluster 'one'; it has: none"),
        ({**config(), "users": None}, "no user 'one'"),
        (config(cluster={}), "cluster 'one' of the kubeconfig has no server"),
        (config(cluster={"server": "https://x", "certificate-authority": "absent"}), "absent: No such file"),
        (config(cluster={"server": "https://x", "certificate-authority-data": "!"}), "certificate-authority-data"),
        ("{: :", "config: "),
        ("[1, 2]", "not a kubeconfig"),
        ("just text", "not a kubeconfig"),
    ],
)
def test_what_is_wrong_with_a_kubeconfig_is_said(tmp_path: Path, content: Any, says: str) -> None:
    with pytest.raises(LoginError, match=says):
        load([written(tmp_path, content)])


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "config").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LoginError, match="config"):
        load([tmp_path / "config"])


def test_no_file_at_all_is_said_by_name(tmp_path: Path) -> None:
    with pytest.raises(LoginError, match=r"no such kubeconfig: .*/a, .*/b"):
        load([tmp_path / "a", tmp_path / "b"])
