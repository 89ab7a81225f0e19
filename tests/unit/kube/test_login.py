"""Credentials: where they come from, and when they are read again."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from drover.kube.login import Login, LoginError, default_login, exec_token, in_cluster, token_file


def plugin(code: str, **more: Any) -> dict[str, Any]:
    """An exec plugin that is a piece of Python."""
    return {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable, "args": ["-c", code], **more}


def printing(tmp_path: Path, expiry: str = "") -> dict[str, Any]:
    """An exec plugin whose token counts its runs."""
    code = (
        "import json, pathlib; path = pathlib.Path(r'{path}'); "
        "count = len(path.read_text()) + 1 if path.exists() else 1; path.write_text('x' * count); "
        "status = {{'token': f'token-{{count}}', {expiry}}}; print(json.dumps({{'status': status}}))"
    )
    return plugin(code.format(path=tmp_path / "runs", expiry=f"'expirationTimestamp': '{expiry}'" if expiry else ""))


async def test_a_token_file_is_read_once_and_again_when_the_server_refuses(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("first\n")
    token = token_file(path)
    assert await token(False) == "first"
    path.write_text("second\n")
    assert await token(False) == "first"
    assert await token(True) == "second"
    assert await token(False) == "second"


async def test_a_token_file_is_read_again_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "token"
    path.write_text("first")
    token = token_file(path)
    await token(False)
    path.write_text("second")
    monkeypatch.setattr("drover.kube.login._TOKEN_FILE_SECONDS", -1.0)
    assert await token(False) == "second"


async def test_a_token_file_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(LoginError, match="token: No such file"):
        await token_file(tmp_path / "token")(False)


async def test_an_exec_plugin_runs_once_until_its_token_is_refused(tmp_path: Path) -> None:
    token = exec_token(printing(tmp_path))
    assert [await token(False), await token(False), await token(True)] == ["token-1", "token-1", "token-2"]


async def test_an_exec_plugin_runs_again_when_its_token_ends(tmp_path: Path) -> None:
    token = exec_token(printing(tmp_path, "2001-01-01T00:00:00Z"))
    assert [await token(False), await token(False)] == ["token-1", "token-2"]


async def test_an_exec_plugin_keeps_a_token_that_is_good_for_long(tmp_path: Path) -> None:
    token = exec_token(printing(tmp_path, "2999-01-01T00:00:00Z"))
    assert [await token(False), await token(False)] == ["token-1", "token-1"]


async def test_an_exec_plugin_gets_its_arguments_environment_and_what_it_is_asked_for() -> None:
    code = (
        "import json, os, sys; info = json.loads(os.environ['KUBERNETES_EXEC_INFO']); "
        "token = '-'.join([sys.argv[1], os.environ['WHO'], info['kind']]); "
        "print(json.dumps({'status': {'token': token}}))"
    )
    asked = plugin(code, env=[{"name": "WHO", "value": "me"}])
    asked["args"].append("argument")
    assert await exec_token(asked)(False) == "argument-me-ExecCredential"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"command": "/no/such/plugin"}, "/no/such/plugin: No such file.*install it"),
        (plugin("raise SystemExit(3)"), "exit code 3"),
        (plugin("print('canary')"), "did not print an ExecCredential"),
        (plugin("print('[]')"), "did not print an ExecCredential"),
        (plugin("print('{}')"), "did not print an ExecCredential"),
        (plugin("""print('{"status": {"clientCertificateData": "x"}}')"""), "gave no token"),
    ],
)
async def test_an_exec_plugin_that_gives_no_token_is_said_without_its_output(given: Any, says: str) -> None:
    with pytest.raises(LoginError, match=says) as caught:
        await exec_token(given)(False)
    assert "canary" not in str(caught.value)


async def test_an_exec_plugin_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drover.kube.login._EXEC_SECONDS", 0.05)
    with pytest.raises(LoginError, match="gave no token within"):
        await exec_token(plugin("import time; time.sleep(600)"))(False)


def account(directory: Path) -> Path:
    for name, content in (("token", "t\n"), ("ca.crt", "CA"), ("namespace", "drover-system\n")):
        (directory / name).write_text(content)
    return directory


async def test_in_a_pod_the_service_account_logs_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    login = in_cluster(account(tmp_path))
    assert (login.server, login.ca, login.namespace) == ("https://10.0.0.1:443", "CA", "drover-system")
    assert login.token is not None
    assert await login.token(False) == "t"
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    assert in_cluster(tmp_path).server == "https://[fd00::1]:443"


def test_outside_of_a_pod_it_is_said_how_to_log_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(LoginError, match="--kubeconfig"):
        in_cluster(account(tmp_path))


def kubeconfig(path: Path, name: str) -> Path:
    content = {
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}"}}],
        "contexts": [{"name": name, "context": {"cluster": name}}],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content))
    return path


def test_the_login_is_the_one_that_kubectl_would_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(LoginError):
        default_login()
    kubeconfig(tmp_path / ".kube" / "config", "home")
    assert default_login().server == "https://home"
    monkeypatch.setenv("KUBECONFIG", f"{kubeconfig(tmp_path / 'a', 'a')}:{kubeconfig(tmp_path / 'b', 'b')}")
    assert default_login().server == "https://a"
    assert default_login(context="b").server == "https://b"
    assert default_login(str(kubeconfig(tmp_path / "given", "given"))).server == "https://given"


def test_a_pod_does_not_use_a_kubeconfig_that_nobody_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    kubeconfig(tmp_path / ".kube" / "config", "home")
    with pytest.raises(LoginError, match="not in a pod"):
        default_login()


def test_a_credential_does_not_show_in_a_traceback() -> None:
    login = Login("https://x", client_certificate="canary", client_key="canary")
    assert "canary" not in repr(login)


def test_the_certificate_of_the_server_is_checked_unless_a_person_says_otherwise() -> None:
    strict, loose = Login("https://x").ssl_context(), Login("https://x", insecure=True).ssl_context()
    assert isinstance(strict, ssl.SSLContext)
    assert isinstance(loose, ssl.SSLContext)
    assert (strict.verify_mode, strict.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert (loose.verify_mode, loose.check_hostname) == (ssl.CERT_NONE, False)
    assert Login("http://x").ssl_context() is False
