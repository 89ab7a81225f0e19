"""`make demo` does what the README says, with the webhook, and can be run again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drover import install
from drover.dev import cluster, companions
from drover.dev.cluster import ControlPlane

ROOT = Path(__file__).parents[3]
NAME = f"test-demo-{os.getpid()}"


def run_demo() -> str:
    """What the demo prints."""
    command = (sys.executable, "-m", "drover", "dev", "demo", "--name", NAME)
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def demo() -> Iterator[tuple[ControlPlane, str]]:
    """The control plane of a demo that has come to its end, and what it printed."""
    try:
        printed = run_demo()
        found = cluster.find(NAME)
        assert found is not None
        yield found, printed
    finally:
        cluster.down(NAME)


def test_the_demo_shows_what_is_given_refused_and_why(demo: tuple[ControlPlane, str]) -> None:
    _, printed = demo
    for text in (
        "Everything is Ready after",
        "projectroletemplatebinding.management.cattle.io/bob created",
        "deployment.apps/frontend scaled (server dry run)",
        'User "eve" cannot list resource "secrets"',
        "that you do not have there yourself: patch nodes",
        "User bob                ProjectRoleTemplateBinding edge-shop/bob",
        "limits.cpu: 0/4",
        "shop-lab: Oversubscribed resource quota [limitsCpu=100]",
    ):
        assert text in printed


def test_who_can_answers_as_the_page_on_access_shows_it(demo: tuple[ControlPlane, str]) -> None:
    page = (ROOT / "docs/access-model.md").read_text()
    answer = page.split("$ drover who-can patch deploy -n shop-web --cluster edge\n")[1].split("$ ")[0]
    assert len(answer.splitlines()) == 5
    assert answer in demo[1]


def test_the_kube_apiserver_asks_the_operator_of_the_demo_and_trusts_it(demo: tuple[ControlPlane, str]) -> None:
    hub = demo[0].hub
    kubectl = (str(demo[0].binaries.kubectl), "--kubeconfig", str(hub.kubeconfig))
    kinds = "validatingwebhookconfigurations,mutatingwebhookconfigurations"
    listed = subprocess.run((*kubectl, "get", kinds, "-o", "json"), capture_output=True, text=True, check=True)
    hooks = [hook for each in json.loads(listed.stdout)["items"] for hook in each["webhooks"]]
    assert len(hooks) == sum(len(each["webhooks"]) for each in install.webhooks("https://127.0.0.1"))
    assert all(hook["clientConfig"]["url"].startswith("https://127.0.0.1:") for hook in hooks)
    assert all(hook["clientConfig"]["caBundle"] for hook in hooks)


def test_the_doctor_asks_the_webhook_and_says_when_it_does_not_answer(demo: tuple[ControlPlane, str]) -> None:
    command = (sys.executable, "-m", "drover", "doctor", "--kubeconfig", str(demo[0].hub.kubeconfig))
    well = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (well.returncode, "webhook" in well.stdout, "answers" in well.stdout) == (0, True, True), well.stdout
    companions.end(demo[0].hub.layout.control_plane, "operator")
    ill = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ill.returncode, "does not answer, so that" in ill.stdout) == (1, True), ill.stdout


def test_a_demo_that_is_run_again_changes_nothing(demo: tuple[ControlPlane, str]) -> None:
    printed = run_demo()
    assert "workload.project.cattle.io/frontend unchanged" in printed
    assert " created\n" not in printed
    assert " configured\n" not in printed
