"""What runs in a cluster of the control plane, and how its components are stopped and started."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from drover.dev.cluster import ControlPlane
from drover.dev.errors import DevError
from drover.dev.instance import Instance
from drover.dev.kwok import APISERVER, COMPONENTS, CONTROLLER_MANAGER, ETCD, KWOK, SCHEDULER
from drover.dev.proxy import Proxy

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {"containers": [{"name": "web", "image": "nginx"}]},
}


def kubectl(control_plane: ControlPlane, kubeconfig: Path, *arguments: str) -> str:
    command = [str(control_plane.binaries.kubectl), f"--kubeconfig={kubeconfig}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout


def eventually(what: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def phase(instance: Instance) -> str:
    pod = instance.apiserver.get("/api/v1/namespaces/default/pods/web") or {}
    return str(pod.get("status", {}).get("phase", ""))


def test_it_is_the_kubernetes_it_says_it_is(control_plane: ControlPlane) -> None:
    for instance in control_plane.instances:
        version = instance.apiserver.get("/version")
        assert version is not None
        assert version["gitVersion"] == f"v{control_plane.options.kubernetes}"


def test_pods_go_running_on_its_nodes(control_plane: ControlPlane) -> None:
    hub = control_plane.hub
    assert hub.apiserver.request("POST", "/api/v1/namespaces/default/pods", POD)[0] == 201
    eventually(lambda: phase(hub) == "Running")
    assert hub.apiserver.request("DELETE", "/api/v1/namespaces/default/pods/web")[0] == 200
    eventually(lambda: phase(hub) == "")


def test_a_namespace_is_deleted_within_seconds(control_plane: ControlPlane) -> None:
    api = control_plane.hub.apiserver
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "short"}}
    assert api.request("POST", "/api/v1/namespaces", namespace)[0] == 201
    eventually(lambda: api.get("/api/v1/namespaces/short/serviceaccounts/default") is not None)
    assert api.request("DELETE", "/api/v1/namespaces/short")[0] == 200
    eventually(lambda: api.get("/api/v1/namespaces/short") is None, seconds=20)


def test_kubectl_works_with_the_kubeconfig_which_refers_to_no_file(control_plane: ControlPlane) -> None:
    member = control_plane.members[0]
    assert kubectl(control_plane, member.kubeconfig, "get", "nodes", "-o", "name").split() == [
        "node/node-1",
        "node/node-2",
    ]
    assert member.kubeconfig.stat().st_mode & 0o077 == 0
    assert str(member.layout.control_plane) not in member.kubeconfig.read_text()


def test_rbac_limits_a_service_account_whose_token_is_accepted(control_plane: ControlPlane, tmp_path: Path) -> None:
    token = kubectl(control_plane, control_plane.hub.kubeconfig, "create", "token", "default").strip()
    kubeconfig = yaml.safe_load(control_plane.hub.kubeconfig.read_text())
    kubeconfig["users"][0]["user"] = {"token": token}
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(kubeconfig))
    who = json.loads(kubectl(control_plane, tmp_path / "kubeconfig", "auth", "whoami", "-o", "json"))
    assert who["status"]["userInfo"]["username"] == "system:serviceaccount:default:default"
    with pytest.raises(subprocess.CalledProcessError) as refused:
        kubectl(control_plane, tmp_path / "kubeconfig", "get", "pods")
    assert "forbidden" in refused.value.stderr


def test_priority_and_fairness_is_on(control_plane: ControlPlane) -> None:
    schemas = control_plane.hub.apiserver.get("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas")
    assert schemas is not None
    assert "service-accounts" in {schema["metadata"]["name"] for schema in schemas["items"]}


def test_the_audit_log_has_who_asked_for_what(control_plane: ControlPlane) -> None:
    hub = control_plane.hub
    hub.apiserver.get("/api/v1/namespaces/default/configmaps?fieldSelector=metadata.name%3Dnobody-else-asks")
    whole, _, _ = hub.audit_log.read_text().rpartition("\n")  # the last line may be half written
    entries = [json.loads(line) for line in whole.splitlines()]
    asked = [entry for entry in entries if "nobody-else-asks" in entry["requestURI"]]
    assert [(e["verb"], e["user"]["username"], e["responseStatus"]["code"]) for e in asked] == [
        ("list", "kwok-admin", 200)
    ]
    # Each controller of the controller-manager is a ServiceAccount of its own.
    assert "system:serviceaccount:kube-system:namespace-controller" in {entry["user"]["username"] for entry in entries}


@pytest.mark.parametrize("component", [SCHEDULER, CONTROLLER_MANAGER, KWOK])
def test_a_controller_can_be_stopped_and_started(control_plane: ControlPlane, component: str) -> None:
    member = control_plane.members[0]
    member.stop(component)
    assert member.stopped() == (component,)
    assert not member.answers(component)
    member.start(component)
    assert member.stopped() == ()


def test_a_killed_apiserver_comes_back_with_what_etcd_has(control_plane: ControlPlane) -> None:
    member = control_plane.members[0]
    member.kill(APISERVER)
    assert not member.apiserver.ready()
    member.start(APISERVER)
    member.wait_ready()


def test_without_etcd_nothing_is_ready_until_it_is_back(control_plane: ControlPlane) -> None:
    member = control_plane.members[0]
    member.kill(ETCD)
    eventually(lambda: not member.apiserver.ready())  # for a second it may say what it found before
    member.start(ETCD)
    eventually(member.healthy)


def test_a_paused_apiserver_keeps_its_connections_and_is_silent(control_plane: ControlPlane) -> None:
    member = control_plane.members[0]
    member.pause(APISERVER)
    assert member.answers(ETCD)
    assert not member.apiserver.ready()
    member.resume(APISERVER)
    eventually(member.apiserver.ready)


def test_a_component_starts_again_as_it_was_started_before(control_plane: ControlPlane) -> None:
    before = {component: control_plane.members[0].process(component) for component in COMPONENTS}
    process = before[SCHEDULER]
    assert process is not None
    command = process.cmdline()
    control_plane.members[0].restart(SCHEDULER)
    after = control_plane.members[0].process(SCHEDULER)
    assert after is not None
    assert after != process
    assert after.cmdline() == command


def test_a_component_that_does_not_exist_is_named(control_plane: ControlPlane) -> None:
    with pytest.raises(DevError, match='"kubelet" is not a component; use one of etcd, kube-apiserver'):
        control_plane.hub.stop("kubelet")


async def test_through_a_proxy_certificates_verify_and_faults_are_seen(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    hub = control_plane.hub
    kubeconfig = tmp_path / "kubeconfig"

    async def ask() -> str:
        return await asyncio.to_thread(
            kubectl, control_plane, kubeconfig, "get", "--raw", "/readyz", "--request-timeout=2s"
        )

    async with Proxy("127.0.0.1", hub.port) as proxy:
        kubeconfig.write_text(hub.kubeconfig_for(proxy.url))
        assert await ask() == "ok"
        for fault in (proxy.refuse, proxy.garbage, lambda: proxy.cut_after(500)):
            await fault()
            with pytest.raises(subprocess.CalledProcessError):
                await ask()
        await proxy.pass_through()
        assert await ask() == "ok"
