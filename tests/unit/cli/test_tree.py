"""The tree of clusters, projects, namespaces and workloads."""

from __future__ import annotations

from io import StringIO
from typing import Any

from rich.console import Console

from drover.cli.tree import build
from drover.kube.gvr import Object


def obj(name: str, namespace: str = "", *, ready: str | None = "True", **content: Any) -> Object:
    condition = {"type": "Ready", "status": ready, "reason": "Disconnected", "message": "does not answer"}
    status = {"conditions": [condition] if ready else [], **content.pop("status", {})}
    return {"metadata": {"name": name, "namespace": namespace}, "status": status, **content}


def workload(name: str, namespace: str, cluster: str = "edge", inside: str = "shop", **content: Any) -> Object:
    reference = {"cluster": cluster, "namespace": inside, "kind": "Deployment"}
    status = {"nativeRef": reference, "readyReplicas": 1, "desiredReplicas": 2}
    return obj(name, namespace, status=status, **content)


def namespace(name: str, project: str = "") -> Object:
    return {"metadata": {"name": name, "annotations": {"field.cattle.io/projectId": project} if project else {}}}


def project(name: str, cluster: str, **content: Any) -> Object:
    return obj(name, cluster, status={"backingNamespace": f"{cluster}-{name}", "namespaces": 1}, **content)


def lines(
    clusters: list[Object], projects: list[Object], workloads: list[Object], namespaces: list[Object]
) -> list[str]:
    """The tree as it is printed, each line without its branches."""
    out = StringIO()
    Console(file=out, width=200, color_system=None).print(build(clusters, projects, workloads, namespaces))
    return [line.strip(" │├└─") for line in out.getvalue().splitlines()]


def test_each_thing_stands_under_what_it_is_in_with_its_readiness() -> None:
    found = lines(
        [obj("edge", status={"nodeCount": 3, "version": {"gitVersion": "v1.33.5"}})],
        [project("shop", "edge", spec={"displayName": "Shop"})],
        [workload("web", "edge-shop")],
        [],
    )
    assert found == [
        "clusters",
        "edge  Ready  v1.33.5 3 nodes",
        "Shop (shop)  Ready  1 namespace",
        "namespace shop",
        "Deployment web  Ready  1/2",
    ]


def test_a_project_shows_how_much_of_its_quota_is_granted_and_why_something_is_not() -> None:
    shop = project("shop", "edge", spec={"displayName": "Shop", "resourceQuota": {"limit": {"limitsCpu": "10"}}})
    refusal = {"type": "QuotaHealthy", "status": "False", "message": "lab: Oversubscribed"}
    shop["status"] |= {"usedLimit": {"limitsCpu": "4"}, "conditions": [*shop["status"]["conditions"], refusal]}
    assert lines([obj("edge")], [shop], [], [])[2:] == [
        "Shop (shop)  Ready  1 namespace, limitsCpu 4/10",
        "lab: Oversubscribed",
    ]


def test_a_project_shows_why_its_secrets_are_not_everywhere() -> None:
    shop = project("shop", "edge", spec={"displayName": "Shop"})
    taken = {"type": "SecretsSynced", "status": "False", "message": "web/registry is taken"}
    shop["status"]["conditions"].append(taken)
    assert lines([obj("edge")], [shop], [], [])[2:] == ["Shop (shop)  Ready  1 namespace", "web/registry is taken"]


def test_names_are_in_order() -> None:
    found = lines(
        [obj("b"), obj("a")],
        [project("z", "a", spec={"displayName": "First"}), project("x", "a", spec={"displayName": "Second"})],
        [workload("n", "a-z", "a"), workload("m", "a-z", "a")],
        [],
    )
    assert [line.split("  ")[0] for line in found] == [
        "clusters",
        "a",
        "First (z)",
        "namespace shop",
        "Deployment m",
        "Deployment n",
        "Second (x)",
        "b",
    ]


def test_what_is_not_ready_says_why() -> None:
    (_, line) = lines([obj("edge", ready="False")], [], [], [])
    assert line.split("  ") == ["edge", "Disconnected", "", "does not answer"]
    (_, line) = lines([obj("edge", ready=None)], [], [], [])
    assert line.startswith("edge  Unknown")


def test_a_local_workload_stands_under_the_project_of_its_own_namespace_only() -> None:
    found = lines(
        [obj("local")],
        [project("tools", "local"), project("other", "local")],
        [workload("web", "tools-web", "local", "tools-web")],
        [namespace("tools-web", "local:tools"), namespace("other-web", "local:other")],
    )
    assert [line.split("  ")[0] for line in found[2:]] == [
        "other (other)",
        "tools (tools)",
        "namespace tools-web",
        "Deployment web",
    ]


def test_a_namespace_of_the_hub_is_in_no_project_of_another_cluster() -> None:
    found = lines(
        [obj("edge")], [project("shop", "edge")], [workload("web", "x", "edge")], [namespace("x", "edge:shop")]
    )
    assert len(found) == 3


def test_a_workload_without_a_native_object_stands_under_the_namespace_that_it_names() -> None:
    waiting = obj("web", "edge-shop", ready="False", spec={"namespaceId": "shop"})
    nowhere = obj("job", "edge-shop", ready="False", spec={})
    found = lines([obj("edge")], [project("shop", "edge")], [waiting, nowhere], [])
    assert [line.split("  ")[0] for line in found[3:]] == [
        "namespace ?",
        "Workload job",
        "namespace shop",
        "Workload web",
    ]


def test_text_of_users_is_no_markup() -> None:
    clusters = [obj("edge", ready="False")]
    clusters[0]["status"]["conditions"][0]["message"] = "[red]x[/red] [link=https://evil.example]y[/link]"
    found = lines(clusters, [project("shop", "edge", spec={"displayName": "[bold]Shop"})], [], [])
    assert "[red]x[/red] [link=https://evil.example]y[/link]" in found[1]
    assert found[2].startswith("[bold]Shop (shop)")


def test_nothing_is_a_tree_too() -> None:
    assert lines([], [], [], []) == ["clusters"]
