from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from drover.dev import kwok
from drover.dev.binaries import Binaries
from drover.dev.kwok import Layout
from drover.dev.options import Options

BINARIES = Binaries(**{field.name: Path("/bin") / field.name for field in fields(Binaries)})
LAYOUT = Layout(Path("/dev-dir"), "hub")
PORTS = {name: 20_000 + number for number, name in enumerate(kwok.PORTS)}


def render(options: Options) -> dict[str, Any]:
    return kwok.configuration(options, LAYOUT, BINARIES, PORTS)


def flags(options: Options, component: str) -> dict[str, str]:
    patches = {patch["name"]: patch["extraArgs"] for patch in render(options)["componentsPatches"]}
    return {argument["key"]: argument["value"] for argument in patches[component]}


def test_every_listener_is_bound_to_the_loopback_on_a_chosen_port() -> None:
    options = render(Options())["options"]
    assert options["bindAddress"] == "127.0.0.1"
    assert {name: options[name] for name in kwok.PORTS} == PORTS


def test_authorization_and_admission_are_on_and_no_limit_is_switched_off() -> None:
    options = render(Options())["options"]
    assert (options["kubeAuthorization"], options["kubeAdmission"], options["securePort"]) == (True, True, True)
    assert "disableQPSLimits" not in options


def test_controllers_are_quick_and_have_accounts_of_their_own() -> None:
    assert flags(Options(), kwok.CONTROLLER_MANAGER) == {
        "kube-api-qps": "1000",
        "kube-api-burst": "2000",
        "leader-elect": "false",
        "use-service-account-credentials": "true",
    }


def test_no_audit_flag_without_audit() -> None:
    assert not [name for name in flags(Options(), kwok.APISERVER) if name.startswith("audit")]


def test_audit_writes_beside_the_kubeconfig() -> None:
    found = flags(Options(audit=True), kwok.APISERVER)
    assert found["audit-log-path"] == str(LAYOUT.audit_log)
    assert found["audit-policy-file"] == "/dev-dir/hub/files/audit-policy.yaml"


def test_a_flag_can_point_at_a_file_of_its_own() -> None:
    options = Options(apiserver_flags={"authentication-token-webhook-config-file": "{files}/webhook.yaml"})
    found = flags(options, kwok.APISERVER)
    assert found["authentication-token-webhook-config-file"] == "/dev-dir/hub/files/webhook.yaml"


def test_a_given_flag_wins_over_ours() -> None:
    options = Options(audit=True, apiserver_flags={"audit-log-maxsize": "1"})
    assert flags(options, kwok.APISERVER)["audit-log-maxsize"] == "1"


def test_kwokctl_sees_no_setting_of_the_user() -> None:
    mine = {"KWOK_KUBE_VERSION": "v1.0.0", "KUBECONFIG": "/mine", "HOME": "/root", "PATH": "/usr/bin"}
    assert kwok.environment(Path("/dev-dir"), Path("/bin-dir"), mine) == {
        "HOME": "/root",
        "PATH": "/bin-dir:/usr/bin",
        "KWOK_WORKDIR": "/dev-dir",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
